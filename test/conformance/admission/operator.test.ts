import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../../../dev/demo/wait.ts';
import { ABANDON_ANNOTATION, API_VERSION, FINALIZER, type VmssIdentityBinding } from '../../../src/api/types.ts';
import { type ArmKey, armKey } from '../../../src/identity/arm-id.ts';
import type { Ledger } from '../../../src/identity/ledger.ts';
import type { Cluster } from '../../../src/kube/cluster.ts';
import type { Reply } from '../crds/cluster.ts';
import { binding, bindingOf, collectionOf, identityId, type KubeObject, pathOf, refusal } from '../crds/objects.ts';
import { bindings, scaleSetIds } from './arbitrary-objects.ts';
import { type Guarded, openGuarded } from './guarded-cluster.ts';
import { operatorsHands } from './operators-hands.ts';
import type { Person } from './people.ts';
import { named } from './places.ts';
import { componentObjects } from './policies.ts';

const { signal } = new AbortController();

let guarded: Guarded;
beforeAll(async () => {
  guarded = await openGuarded();
});
afterAll(() => guarded.close());

async function write(who: Person, method: 'POST' | 'PATCH' | 'DELETE', object: KubeObject, body?: object) {
  const path = method === 'POST' ? collectionOf(object) : pathOf(object);
  return taken(await guarded.send(who, { method, path, body: method === 'POST' ? object : body }));
}

function taken(reply: Reply): KubeObject {
  expect(refusal(reply)).toEqual([]);
  return reply.body as KubeObject;
}

const exists = async (path: string): Promise<boolean> => (await guarded.read(path)).code !== 404;

const scaleSetOf = ({ spec }: KubeObject): string =>
  (spec as unknown as VmssIdentityBinding['spec']).scaleSet.resourceId;

/** What the operator knows of it, once it has heard of it as a test wants it. */
function known(
  hands: Cluster,
  object: KubeObject,
  holds: (found: VmssIdentityBinding) => boolean = () => true,
): Promise<VmssIdentityBinding> {
  const isIt = ({ metadata }: VmssIdentityBinding): boolean => metadata.name === object.metadata.name;
  return eventually(`the operator to know ${object.metadata.name}`, () => {
    const found = hands.bindingsOf(armKey(scaleSetOf(object))).find(isIt);
    return found !== undefined && holds(found) && found;
  });
}

function ledgerFor({ metadata, spec }: VmssIdentityBinding, phase: 'Attaching' | 'Attached' | 'Detaching'): Ledger {
  const { namespace, name, uid } = metadata;
  const since = '2026-03-01T10:00:00.000Z';
  const entries = spec.userAssigned.map(({ resourceId }) => ({
    ...{ resourceId, phase, since },
    for: [{ namespace, name, uid }],
  }));
  return { scaleSetId: spec.scaleSet.resourceId, uniqueId: 'unique', entries, foreign: [] };
}

const told = (generation: number, status: 'True' | 'False'): VmssIdentityBinding['status'] => ({
  observedGeneration: generation,
  conditions: [
    {
      ...{ type: 'Ready', status, observedGeneration: generation, reason: 'Assigned', message: '' },
      lastTransitionTime: '2026-03-01T10:00:00Z',
    },
  ],
});

/** From the finalizer to the first True. */
async function serve(hands: Cluster, object: KubeObject): Promise<ArmKey> {
  const found = await known(hands, object);
  const key = armKey(found.spec.scaleSet.resourceId);
  await hands.addFinalizer(found, signal);
  await hands.saveLedger(key, undefined, ledgerFor(found, 'Attaching'), signal);
  const bound = await known(hands, object, ({ metadata }) => metadata.finalizers?.includes(FINALIZER) === true);
  await hands.writeStatus(bound, told(1, 'False'), signal);
  await hands.saveLedger(key, hands.ledgerOf(key), ledgerFor(found, 'Attached'), signal);
  await hands.writeStatus(await known(hands, object, isTold), told(1, 'True'), signal);
  return key;
}

const isTold = ({ status }: VmssIdentityBinding): boolean => status.observedGeneration === 1;

/** From the wish to its end. */
async function release(hands: Cluster, object: KubeObject, key: ArmKey): Promise<void> {
  const found = await known(hands, object, ({ metadata }) => metadata.deletionTimestamp !== undefined);
  await hands.saveLedger(key, hands.ledgerOf(key), ledgerFor(found, 'Detaching'), signal);
  await hands.deleteLedger(hands.ledgerOf(key)!, signal);
  await hands.removeFinalizer(found, signal);
}

describe('the operator, with its own account,', () => {
  it('serves any binding from its first look to its end, whatever its team does meanwhile', async () => {
    const hands = await operatorsHands(guarded);
    const finalizers = fc.constantFrom([], ['example.com/backup']);
    await fc.assert(
      fc.asyncProperty(bindings, finalizers, async (drawn, others) => {
        const object = named(drawn, { finalizers: others });
        await write('tenant', 'POST', object);
        const key = await serve(hands, object);
        await write('tenant', 'PATCH', object, { spec: { suspend: drawn.spec['suspend'] !== true } });
        const changed = await known(hands, object, ({ metadata }) => metadata.generation === 2);
        await hands.writeStatus(changed, told(2, 'True'), signal);
        await write('tenant', 'PATCH', object, { metadata: { finalizers: [FINALIZER] } });
        await write('tenant', 'DELETE', object);
        await release(hands, object, key);
        expect(await exists(pathOf(object))).toBe(false);
      }),
      { numRuns: 15, seed: 20_260_401 },
    );
  });

  it('releases a binding that somebody with the right has abandoned', async () => {
    const hands = await operatorsHands(guarded);
    const object = bindingOf(identityId());
    await write('tenant', 'POST', object);
    const key = await serve(hands, object);
    await write('tenant', 'DELETE', object);
    await write('abandoner', 'PATCH', object, { metadata: { annotations: { [ABANDON_ANNOTATION]: 'true' } } });
    await release(hands, object, key);
    expect(await exists(pathOf(object))).toBe(false);
  });

  it('goes on with ledgers and bindings that were restored from a backup', async () => {
    const hands = await operatorsHands(guarded);
    const [scaleSet] = fc.sample(scaleSetIds, { numRuns: 1, seed: 7 });
    const lost = binding({ scaleSet: { resourceId: scaleSet } });
    await write('tenant', 'POST', lost);
    const key = await serve(hands, lost);
    const backup = hands.ledgerOf(key)!;
    const { metadata } = await known(hands, lost);
    await write('administrator', 'PATCH', lost, { metadata: { finalizers: null } });
    await write('administrator', 'DELETE', lost);
    const ledgerPath = `/apis/${API_VERSION}/vmssidentityledgers/${backup.metadata.name}`;
    taken(await guarded.send('restorer', { method: 'DELETE', path: ledgerPath }));
    await eventually('the loss to be known', () => hands.ledgerOf(key) === undefined);

    const { name } = backup.metadata;
    const path = `/apis/${API_VERSION}/vmssidentityledgers`;
    taken(await guarded.send('restorer', { method: 'POST', path, body: { ...backup, metadata: { name } } }));
    const restored = named(lost, { finalizers: metadata.finalizers });
    await write('tenant', 'POST', restored);
    await known(hands, restored, (found) => found.metadata.uid !== metadata.uid);
    await eventually('the ledger to be known', () => hands.ledgerOf(key));
    await write('tenant', 'DELETE', restored);
    await release(hands, restored, key);
    expect(await exists(pathOf(restored))).toBe(false);
  });
});

describe('Kubernetes itself', () => {
  it('empties a deleted namespace, once the operator lets go of what is bound', async () => {
    const hands = await operatorsHands(guarded);
    await guarded.kubectl(['create', 'namespace', 'doomed']);
    const object = named(bindingOf(identityId()), { namespace: 'doomed' });
    const bindingPath = pathOf(object).replace('/default/', '/doomed/');
    const path = bindingPath.slice(0, bindingPath.lastIndexOf('/'));
    taken(await guarded.send('tenant', { method: 'POST', path, body: object }));
    const key = await serve(hands, object);
    await guarded.kubectl(['delete', 'namespace', 'doomed', '--wait=false']);
    await release(hands, object, key);
    await eventually('the namespace to be gone', async () => !(await exists('/api/v1/namespaces/doomed')));
  });

  it('collects a binding whose owner is gone, as soon as the operator lets go of it', async () => {
    const hands = await operatorsHands(guarded);
    const maps = '/api/v1/namespaces/default/configmaps';
    const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'owner' } };
    const owner = taken(await guarded.send('master', { method: 'POST', path: maps, body: map }));
    const { uid } = owner.metadata as unknown as { readonly uid: string };
    const ownerReferences = [{ ...{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner' }, uid }];
    const object = named(bindingOf(identityId('owned')), { ownerReferences });
    await write('tenant', 'POST', object);
    const key = await serve(hands, object);
    const options = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Foreground' };
    taken(await guarded.send('master', { method: 'DELETE', path: `${maps}/owner`, body: options }));
    await release(hands, object, key);
    await eventually('the binding to be gone', async () => !(await exists(pathOf(object))));
  });

  it('has nothing against the rules: no name in them is unknown', async () => {
    for (const { kind, metadata } of await componentObjects()) {
      if (kind !== 'ValidatingAdmissionPolicy') continue;
      const path = `/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/${metadata.name}`;
      const checked = await eventually('the rules to be checked', async () => {
        const { status } = (await guarded.read(path)).body as { readonly status?: Checked };
        return status?.observedGeneration !== undefined && status;
      });
      expect(checked.typeChecking?.expressionWarnings ?? []).toEqual([]);
    }
  });

  it('takes ledgers away with their definition, when everything is uninstalled', async () => {
    const hands = await operatorsHands(guarded);
    const object = bindingOf(identityId('last'));
    await write('tenant', 'POST', object);
    await serve(hands, object);
    const definition = ['customresourcedefinition', 'vmssidentityledgers.vmss-identity.dev'];
    await guarded.kubectl(['delete', ...definition, '--timeout=60s']);
    expect(await guarded.kubectl(['get', ...definition, '--ignore-not-found'])).toBe('');
  });
});

interface Checked {
  readonly observedGeneration?: number;
  readonly typeChecking?: { readonly expressionWarnings?: readonly object[] };
}
