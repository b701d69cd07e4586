import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { eventually } from '../../dev/demo/wait.ts';
import { ABANDON_ANNOTATION, API_VERSION, type VmssIdentityLedger } from '../../src/api/types.ts';
import type { KubeObject } from './api-server.ts';
import { type Binding, companionOf, identityOf, readyOf } from './binding.ts';
import { policyPath } from './kept-objects.ts';
import type { ScaleSet } from './scale-set.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ name: 'tenancy' });
});
afterAll(() => world.close());

/** Every version of a ledger from now on. */
async function ledgersOf(set: ScaleSet): Promise<readonly VmssIdentityLedger['spec'][]> {
  const versions: VmssIdentityLedger['spec'][] = [];
  await world.api.watch<VmssIdentityLedger>(`/apis/${API_VERSION}/vmssidentityledgers`, ({ type, object }) => {
    if (type !== 'DELETED' && object.spec.scaleSetId.toLowerCase() === set.id.toLowerCase()) versions.push(object.spec);
  });
  return versions;
}

/** Everything that anyone who may read a namespace has been able to read in it, from now on. */
async function everythingIn(namespace: string): Promise<readonly string[]> {
  const seen: string[] = [];
  for (const collection of [
    `/apis/${API_VERSION}/namespaces/${namespace}/vmssidentitybindings`,
    `/apis/events.k8s.io/v1/namespaces/${namespace}/events`,
  ]) {
    await world.api.watch(collection, ({ object }) => seen.push(JSON.stringify(object)));
  }
  return seen;
}

describe('fifty bindings of one scale set', () => {
  const NAMES = ['one', 'two', 'three', 'more'];
  let set: ScaleSet;
  let bindings: readonly Binding[];
  let suspended: Binding;
  let denied: Binding;

  beforeAll(async () => {
    const namespaces = await Promise.all(['crowd-a', 'crowd-b', 'crowd-c'].map((name) => world.createNamespace(name)));
    const outside = await world.createNamespace('outside');
    set = world.scaleSet('crowded', { foreign: ['theirs'] });
    const ledgers = await ledgersOf(set);
    // Until a policy comes, nothing is done for any of them: then all are served at once.
    bindings = await Promise.all(
      Array.from({ length: 48 }, async (_, index) => {
        const name = NAMES[index % NAMES.length]!;
        const id =
          index % 8 < 4
            ? name
            : world.identityId(name).replace(/userAssignedIdentities\/.*/, (tail) => tail.toUpperCase());
        return world.bind(
          set,
          { userAssigned: [id] },
          { name: `b${String(index)}`, namespace: namespaces[index % 3]! },
        );
      }),
    );
    suspended = await world.bind(
      set,
      { userAssigned: ['one'], suspend: true },
      { name: 'suspended', namespace: namespaces[0]! },
    );
    denied = await world.bind(set, { userAssigned: ['two', 'theirs'] }, { name: 'denied', namespace: outside });
    for (const binding of [...bindings, denied]) await binding.shows('NotPermitted');
    await world.allow({ namespaces }, 'crowd');
    for (const binding of bindings) await binding.ready();
    expect(ledgers.map(({ entries }) => entries.map(({ phase }) => phase).join())).toEqual([
      'Attaching,Attaching,Attaching,Attaching',
      'Attached,Attached,Attached,Attached',
    ]);
  });

  it('are one PATCH, with one write of the ledger before it', () => {
    expect(set.writes.map(({ attach, detach }) => ({ attach: attach.toSorted(), detach }))).toEqual([
      { attach: NAMES.toSorted(), detach: [] },
    ]);
  });

  it('are all named, but the one that no policy allows', async () => {
    const entries = (await world.ledgerOf(set))!.spec.entries;
    const members = entries.flatMap((entry) => entry.for.map(({ name }) => name));
    expect(members).toHaveLength(49);
    expect(members).toContain('suspended');
    expect(await denied.isFinalized()).toBe(false);
  });

  it('do not lose what one of them keeps, when all others go', async () => {
    await Promise.all(bindings.map((binding) => binding.delete()));
    for (const binding of bindings) await binding.untilGone();
    expect(set.identities).toEqual(['one', 'theirs']);
    expect(readyOf((await suspended.read())!)?.reason).toBe('Suspended');
    expect(identityOf((await denied.read())!, 'two').state).toBe('NotPermitted');
  });
});

describe('two tenants of one scale set', () => {
  it('learn nothing of each other, whatever becomes of their identities', async () => {
    const [amber, birch, cedar] = await Promise.all(
      ['amber', 'birch', 'cedar'].map((name) => world.createNamespace(name)),
    );
    const ids = (...names: readonly string[]): readonly string[] => names.map((name) => world.identityId(name));
    for (const id of ids('amber-fine', 'amber-stale', 'amber-refused', 'birch-fine', 'birch-stale', 'birch-refused')) {
      world.control.createIdentity(id);
    }
    const denials = ids('amber-refused', 'birch-refused').map((scope) => ({
      scope,
      actions: ['Microsoft.ManagedIdentity/userAssignedIdentities/assign/action'],
    }));
    world.control.setRights(world.clientId, { denials });
    await world.allow({ namespaces: [amber!, birch!], exclusive: 'Allow' }, 'tenants');
    const [seenByAmber, seenByBirch] = await Promise.all([amber!, birch!].map(everythingIn));

    const set = world.scaleSet('tenants', { foreign: ['theirs', 'more'] });
    set.mayLose('theirs', 'more');
    const kinds = ['fine', 'stale', 'refused', 'missing'];
    const declared = (tenant: string): readonly string[] => kinds.map((kind) => `${tenant}-${kind}`);
    // Nobody may learn that this one declares what is about to be detached.
    await world.bind(set, { userAssigned: ['theirs'] }, { name: 'cedar-binding', namespace: cedar! });
    const tenants = [
      await world.bind(
        set,
        { userAssigned: declared('amber'), mode: 'Exclusive' },
        { name: 'amber-binding', namespace: amber! },
      ),
      await world.bind(set, { userAssigned: declared('birch') }, { name: 'birch-binding', namespace: birch! }),
    ];
    for (const tenant of tenants) await tenant.until('has what is fine', ({ status }) => status.summary === '2/4');
    const ghosts = ids('amber-stale', 'birch-stale').map((id) => world.control.identity(id));
    for (const { id } of ghosts) world.control.recreateIdentity(id);
    for (const tenant of tenants) {
      await tenant.until('says which is stale', (found) => found.status.userAssigned?.[1]?.state === 'Stale');
    }
    await set.until('has lost what nobody declares', ({ identities }) => !identities.includes('theirs'));
    await world.intervals(1);

    const known = (tenant: string): readonly string[] =>
      ids(`${tenant}-fine`, `${tenant}-stale`).flatMap((id) => {
        const { principalId, clientId } = world.control.identity(id);
        return [principalId, clientId];
      });
    const dead = (tenant: string): readonly string[] =>
      ghosts.filter(({ id }) => id.includes(tenant)).flatMap(({ principalId, clientId }) => [principalId, clientId]);
    for (const [seen, own, others] of [
      [seenByAmber!, 'amber', ['birch', 'cedar']],
      [seenByBirch!, 'birch', ['amber', 'cedar']],
    ] as const) {
      const text = seen.join('\n');
      expect(text).toContain(`${own}-stale`);
      for (const secret of [...others, ...others.slice(0, 1).flatMap((one) => [...known(one), ...dead(one)])]) {
        expect(text).not.toContain(secret);
      }
    }
    // What it waited for was shown, but for what others declare.
    expect(seenByAmber!.join('\n')).toMatch(/"plan":\{[^}]*"detach":\["[^"]*more"\]/);
    expect(seenByBirch!.join('\n')).not.toContain('theirs');
    world.control.setRights(world.clientId, { denials: [] });
  });
});

describe('a policy out of a message', () => {
  it('applied as it stands allows exactly what the binding lacks', async () => {
    const namespace = await world.createNamespace('pasted');
    const set = world.scaleSet('pasted', { foreign: ['theirs'] });
    set.mayLose('theirs');
    const declared = { userAssigned: ['one', 'two'], systemAssigned: 'Enabled', mode: 'Exclusive' } as const;
    const binding = await world.bind(set, declared, { namespace });
    const message = readyOf(await binding.shows('NotPermitted'))?.message ?? '';
    const policy = parse(message.slice(message.indexOf('apiVersion:'))) as KubeObject & { readonly spec: unknown };

    expect(policy.spec).toEqual({
      namespaces: [namespace],
      scaleSets: [set.id],
      userAssigned: ['one', 'two'].map((name) => world.identityId(name)),
      systemAssigned: 'Enable',
      exclusive: 'Allow',
    });
    await world.api.apply(policyPath(policy.metadata.name), policy);
    await binding.ready();
    expect(set.identities).toEqual(['one', 'two']);
    await binding.delete();
    await binding.untilGone();
    await world.disallow(policy.metadata.name);
  });
});

describe('a binding that the API server takes no finalizer for', () => {
  const KIND = 'admissionregistration.k8s.io/v1';
  const path = (kind: string, name: string): string => `/apis/${KIND}/${kind}/${name}`;

  it('waits by itself, says so, and is served when it does', async () => {
    const namespace = await world.createNamespace('guarded');
    await world.allow({ namespaces: [namespace] }, 'guarded');
    const rules = [
      {
        apiGroups: ['vmss-identity.dev'],
        apiVersions: ['*'],
        operations: ['UPDATE'],
        resources: ['vmssidentitybindings'],
      },
    ];
    const isGuarded = `object.metadata.namespace != '${namespace}' || !object.metadata.name.startsWith('guarded') || !has(object.metadata.finalizers)`;
    await world.api.apply(path('validatingadmissionpolicies', namespace), {
      apiVersion: KIND,
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name: namespace },
      spec: {
        matchConstraints: { resourceRules: rules },
        validations: [{ expression: isGuarded, message: 'no finalizers here' }],
      },
    } as KubeObject);
    await world.api.apply(path('validatingadmissionpolicybindings', namespace), {
      apiVersion: KIND,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name: namespace },
      spec: { policyName: namespace, validationActions: ['Deny'] },
    } as KubeObject);
    try {
      const set = world.scaleSet('guarded', { foreign: ['theirs'] });
      const probe = await world.bind(set, { suspend: true }, { name: 'guarded-probe', namespace });
      await eventually('the admission policy to be in force', async () => {
        const set = world.api.patch(probe.path, { metadata: { finalizers: ['test.example/probe'] } });
        return set.then(
          () => world.api.patch(probe.path, { metadata: { finalizers: null } }).then(() => false),
          () => true,
        );
      });
      const guarded = await world.bind(set, { userAssigned: ['one', 'two'] }, { name: 'guarded', namespace });
      const sound = await world.bind(set, { userAssigned: ['two', 'three'] }, { name: 'sound', namespace });
      await sound.ready();
      const found = await guarded.shows('FinalizerRefused');
      expect(companionOf(found)).toBe('Reconciling');
      expect(set.identities).toEqual(['theirs', 'three', 'two']);
      expect(await guarded.isFinalized()).toBe(false);
      await world.api.delete(path('validatingadmissionpolicybindings', namespace));
      await guarded.ready();
      expect(set.identities).toEqual(['one', 'theirs', 'three', 'two']);
    } finally {
      await world.api.delete(path('validatingadmissionpolicybindings', namespace));
      await world.api.delete(path('validatingadmissionpolicies', namespace));
    }
  });
});

describe('a binding that is abandoned', () => {
  it('leaves word of what it left behind in the operator’s own namespace', async () => {
    const namespace = await world.createNamespace('left');
    await world.allow({ namespaces: [namespace] }, 'left');
    const set = world.scaleSet('left');
    const binding = await world.bind(set, { userAssigned: ['one'] }, { namespace });
    await binding.ready();
    set.fault('PATCH', { kind: 'status', status: 409, code: 'ScopeLocked', message: 'The scope is locked.' }, null);
    await binding.delete();
    await binding.annotate(ABANDON_ANNOTATION, 'true');
    await binding.untilGone();

    for (const where of [namespace, world.namespace]) {
      await eventually(`the event in ${where}`, async () => {
        const args = ['get', 'events', `--namespace=${where}`, '--field-selector=reason=Abandoned'];
        return (await world.api.kubectl(args)).stdout.includes(`${world.identityId('one')} stays on the scale set`);
      });
    }
    expect(set.identities).toEqual(['one']);
  });
});
