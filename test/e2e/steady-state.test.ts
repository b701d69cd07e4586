/** A world at rest, in which one binding stands in each way that a binding can: nobody writes anything, anywhere. */
import { afterAll, beforeAll, expect, it } from 'vitest';

import type { Reason } from '../../src/api/reasons.ts';
import {
  ABANDON_ANNOTATION,
  API_VERSION,
  type VmssIdentityBinding,
  type VmssIdentityLedger,
} from '../../src/api/types.ts';
import { type Binding, type Declared, readyOf } from './binding.ts';
import { isWrite } from './identity-writes.ts';
import type { ScaleSet } from './scale-set.ts';
import { startWorld, type World } from './world.ts';
import type { ScaleSetOptions } from './world-options.ts';

const ASSIGN = 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action';
const LOCKED = { kind: 'status', status: 409, code: 'ScopeLocked', message: 'The scope is locked.' } as const;

interface Kind {
  readonly shows: Reason;
  readonly declares: Declared;
  readonly set?: ScaleSetOptions;
  /** Default: the world's namespace, which is allowed everything. */
  readonly namespace?: 'frozen' | 'unheard';
  /** Before the binding is applied. */
  readonly before?: (set: ScaleSet) => void;
  /** Once the binding is Ready. */
  readonly after?: (binding: Binding, set: ScaleSet) => Promise<void>;
}

let world: World;
let waitsForDeletion: Binding | undefined;

const KINDS: Readonly<Record<string, Kind>> = {
  'all-well': { shows: 'Assigned', declares: { userAssigned: ['one', 'two'] }, set: { foreign: ['theirs'] } },
  'system-on': { shows: 'Assigned', declares: { systemAssigned: 'Enabled' } },
  'others-own': { shows: 'Assigned', declares: { userAssigned: ['one'] }, set: { foreign: ['one'] } },
  'failed-extension': {
    shows: 'Assigned',
    declares: { userAssigned: ['one'] },
    after: async (_binding, set) => {
      set.drift({ kind: 'ProvisioningState', state: 'Failed' });
      await world.intervals(1);
    },
  },
  'born-suspended': { shows: 'Suspended', declares: { userAssigned: ['one'], suspend: true } },
  'put-to-sleep': {
    shows: 'Suspended',
    declares: { userAssigned: ['one'] },
    after: async (binding, set) => {
      await binding.apply({ userAssigned: ['one'], suspend: true });
      await binding.shows('Suspended');
      set.othersStrip('one');
    },
  },
  'looks-on': { shows: 'WouldChange', declares: { userAssigned: ['one'], managementPolicy: 'Observe' } },
  'looks-on-content': {
    shows: 'InSync',
    declares: { userAssigned: ['one'], managementPolicy: 'Observe' },
    set: { foreign: ['one'] },
  },
  frozen: { shows: 'NotPermitted', declares: { userAssigned: ['one'] }, namespace: 'frozen' },
  unheard: { shows: 'NotPermitted', declares: { userAssigned: ['one'] }, namespace: 'unheard' },
  missing: { shows: 'IdentityMissing', declares: { userAssigned: ['one', 'nobody'] } },
  refused: { shows: 'IdentityRefused', declares: { userAssigned: ['one', 'guarded'] } },
  recreated: {
    shows: 'StaleIdentity',
    declares: { userAssigned: ['mortal'] },
    after: async (binding) => {
      world.control.recreateIdentity(world.identityId('mortal'));
      await binding.shows('StaleIdentity');
    },
  },
  'to-come': {
    shows: 'ScaleSetNotFound',
    declares: { userAssigned: ['one'] },
    before: (set) => {
      set.remove();
    },
  },
  'others-at-work': {
    shows: 'ScaleSetBusy',
    declares: { userAssigned: ['one'] },
    before: (set) => {
      set.drift({ kind: 'ProvisioningState', state: 'Updating' });
    },
  },
  'we-at-work': { shows: 'Assigning', declares: { userAssigned: ['one'] }, set: { operationMs: 600_000 } },
  locked: {
    shows: 'BlockedByAdministrator',
    declares: { userAssigned: ['one'] },
    before: (set) => {
      set.fault('PATCH', LOCKED, null);
    },
  },
  'cannot-go': {
    shows: 'BlockedByAdministrator',
    declares: { userAssigned: ['one'] },
    after: async (binding, set) => {
      set.fault('PATCH', LOCKED, null);
      await binding.delete();
      waitsForDeletion = binding;
    },
  },
  exclusive: {
    shows: 'ExclusiveWaiting',
    declares: { userAssigned: ['one'], mode: 'Exclusive' },
    set: { foreign: ['theirs'] },
  },
  'aks-nodes': {
    shows: 'ExclusiveOnManagedScaleSet',
    declares: { userAssigned: ['one'], mode: 'Exclusive' },
    set: { foreign: ['theirs'], tags: { 'aks-managed-poolName': 'nodes' } },
  },
  flexible: {
    shows: 'UnsupportedOrchestrationMode',
    declares: { userAssigned: ['one'], systemAssigned: 'Enabled' },
    set: { orchestrationMode: 'Flexible' },
  },
};

beforeAll(async () => {
  world = await startWorld({ name: 'rest', flags: ['--exclusive-delay=1h'] });
  await world.allow({ systemAssigned: 'EnableAndDisable', exclusive: 'Allow' });
  for (const name of ['guarded', 'mortal']) world.control.createIdentity(world.identityId(name));
  const denials = [{ scope: world.identityId('guarded'), actions: [ASSIGN] }];
  world.control.setRights(world.clientId, { denials });
  const namespaces = { frozen: await world.createNamespace('frozen'), unheard: await world.createNamespace('unheard') };
  const policy = await world.allow({ namespaces: [namespaces.frozen] }, 'frozen');

  await Promise.all(
    Object.entries(KINDS).map(async ([name, { shows, declares, set: options, namespace, before, after }]) => {
      const set = world.scaleSet(name, options);
      before?.(set);
      const binding = await world.bind(
        set,
        declares,
        namespace === undefined ? {} : { namespace: namespaces[namespace] },
      );
      if (after !== undefined || name === 'frozen') await binding.ready();
      await after?.(binding, set);
      if (name === 'frozen') await world.disallow(policy);
      await binding.shows(shows);
    }),
  );
});
afterAll(async () => {
  await waitsForDeletion?.annotate(ABANDON_ANNOTATION, 'true');
  world.scaleSetToCome('we-at-work').setOperationLength(0);
  await world.close();
});

/** Every object of ours, by its path, with its version; the Leases aside. */
async function versions(): Promise<ReadonlyMap<string, string>> {
  const bindings = await world.api.list<VmssIdentityBinding>(`/apis/${API_VERSION}/vmssidentitybindings`);
  const ledgers = await world.api.list<VmssIdentityLedger>(`/apis/${API_VERSION}/vmssidentityledgers`);
  const policies = await world.api.list<VmssIdentityLedger>(`/apis/${API_VERSION}/vmssidentitypolicies`);
  return new Map(
    [...bindings, ...ledgers, ...policies].map(({ kind, metadata }) => [
      `${kind} ${metadata.name}`,
      metadata.resourceVersion,
    ]),
  );
}

/** When the next attempt of any identity is due that Azure does not take, in epoch milliseconds. */
async function nextAttemptMs(): Promise<number> {
  const bindings = await world.api.list<VmssIdentityBinding>(`/apis/${API_VERSION}/vmssidentitybindings`);
  const times = bindings.flatMap(({ status }) =>
    (status.userAssigned ?? []).map((each) => Date.parse(each.nextAttemptTime ?? '')),
  );
  return Math.min(...times.filter((time) => !Number.isNaN(time)));
}

it('nobody writes anything, to Azure or to Kubernetes, over three intervals, however bindings stand', async () => {
  for (;;) {
    await world.intervals(1);
    const due = await nextAttemptMs();
    const [before, taken] = [await versions(), await world.api.writesTaken()];
    const sequence = world.control.requests().at(-1)?.sequence ?? 0;

    await world.intervals(3);

    // An attempt that was due meanwhile is told, and it is no rest: then look again.
    if (due <= Date.now()) continue;
    expect(Object.fromEntries(await versions())).toEqual(Object.fromEntries(before));
    expect(await world.api.writesTaken()).toBe(taken);
    expect(world.control.requests(sequence).filter(isWrite)).toEqual([]);
    expect(before.size).toBeGreaterThan(Object.keys(KINDS).length);
    return;
  }
});

it('and each of them stands as it did', async () => {
  const bindings = await world.api.list<VmssIdentityBinding>(`/apis/${API_VERSION}/vmssidentitybindings`);
  const shown = bindings.map((binding) => [binding.metadata.name, readyOf(binding)?.reason]);
  expect(Object.fromEntries(shown)).toEqual(
    Object.fromEntries(Object.entries(KINDS).map(([name, { shows }]) => [name, shows])),
  );
});
