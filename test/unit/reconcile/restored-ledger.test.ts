/** Backups keep specs and drop statuses; what is restored from one has other uids. */
import { describe, expect, it } from 'vitest';

import { identity } from '../simulator/azure.ts';
import { binding, type BindingOptions, policy, scaleSet } from './objects.ts';
import { HOUR, World, type WorldParts } from './world.ts';

const BINDINGS: Readonly<Record<string, BindingOptions>> = {
  one: { userAssigned: ['app', 'bus'], systemAssigned: 'Enabled' },
  two: { userAssigned: ['bus'], namespace: 'other' },
  frozen: { userAssigned: ['cdn'], suspend: true },
};
const PARTS: WorldParts = { web: { identity: { userAssigned: ['dns'] } } };
const EVERYTHING = ['app', 'bus', 'cdn', 'dns'];

/** The bindings are served, and `frozen` was suspended afterwards. */
async function served(): Promise<World> {
  const bindings = Object.entries(BINDINGS).map(([name, options]) => binding(name, { ...options, suspend: false }));
  const world = new World({ ...PARTS, bindings });
  await world.pass();
  world.cluster.edit('frozen', { suspend: true });
  await world.pass();
  return world;
}

/** The cluster is lost, and all of its objects with it. */
function lose(world: World): NonNullable<ReturnType<World['cluster']['ledgerOf']>>['spec'] {
  const { spec } = world.cluster.ledgerOf(world.key())!;
  for (const name of Object.keys(BINDINGS)) if (world.cluster.has(name)) world.cluster.deleteByForce(name);
  world.cluster.deleteLedgerByHand(scaleSet());
  world.restart();
  world.take();
  return spec;
}

/** As backups do: the spec, the finalizers, and no status; the API server gives it another uid. */
function restore(world: World, name: string): void {
  const written = binding(name, BINDINGS[name]);
  const finalizers = ['vmss-identity.dev/detach'];
  world.cluster.apply({ ...written, metadata: { ...written.metadata, uid: `uid-restored-${name}`, finalizers } });
}

describe('a restore from a backup without statuses', () => {
  it('costs nobody an identity, and no write to Azure', async () => {
    const world = await served();
    const ledger = lose(world);
    world.cluster.writeLedgerByHand(ledger);
    for (const name of Object.keys(BINDINGS)) restore(world, name);

    await world.pass();
    await world.run(HOUR);

    expect(world.takeWrites()).toEqual([]);
    expect(world.assigned()).toEqual(EVERYTHING);
    expect(world.isSystemAssigned()).toBe(true);
  });

  it('leaves ours what was ours: the ledger is taken over by the bindings under their new uids', async () => {
    const world = await served();
    const ledger = lose(world);
    world.cluster.writeLedgerByHand(ledger);
    for (const name of Object.keys(BINDINGS)) restore(world, name);

    await world.pass();

    expect(world.cluster.ledgerOf(world.key())?.spec).toMatchObject({
      entries: [
        { phase: 'Attached', for: [{ uid: 'uid-restored-one' }] },
        { phase: 'Attached', for: [{ uid: 'uid-restored-one' }, { uid: 'uid-restored-two' }] },
        { phase: 'Attached', for: [{ uid: 'uid-restored-frozen' }] },
      ],
      systemAssigned: { phase: 'Enabled', for: [{ uid: 'uid-restored-one' }] },
    });
    expect(world.identity('one', 'app')?.attachedByUs).toBe(true);
    expect(world.ready('one')?.status).toBe('True');
  });

  it('has what was attached taken back with the restored bindings', async () => {
    const world = await served();
    const ledger = lose(world);
    world.cluster.writeLedgerByHand(ledger);
    for (const name of Object.keys(BINDINGS)) restore(world, name);
    await world.pass();
    for (const name of ['one', 'two']) world.cluster.delete(name);

    await world.pass();

    expect(world.assigned()).toEqual(['cdn', 'dns']);
    expect(world.isSystemAssigned()).toBe(false);
    expect([world.cluster.has('one'), world.cluster.has('two')]).toEqual([false, false]);
  });

  it('of the ledger first takes nothing away while its bindings are still to come', async () => {
    const world = await served();
    const ledger = lose(world);
    world.cluster.writeLedgerByHand(ledger);

    await world.pass();
    await world.run(HOUR);
    restore(world, 'two');
    await world.pass();
    const between = world.assigned();
    restore(world, 'one');
    restore(world, 'frozen');
    await world.pass();

    expect(between).toEqual(EVERYTHING);
    expect(world.takeWrites()).toEqual([]);
    expect(world.cluster.ledgerOf(world.key())?.spec.entries.map((entry) => entry.for.map(({ name }) => name))).toEqual(
      [['one'], ['one', 'two'], ['frozen']],
    );
  });

  it('of the bindings first takes nothing away, and what was ours is others’ until the ledger comes', async () => {
    const world = await served();
    const ledger = lose(world);
    for (const name of Object.keys(BINDINGS)) restore(world, name);
    await world.pass();
    const between = world.identity('one', 'app')?.attachedByUs;
    world.cluster.writeLedgerByHand(ledger);

    await world.pass();

    expect(between).toBe(false);
    expect(world.takeWrites()).toEqual([]);
    expect(world.assigned()).toEqual(EVERYTHING);
    expect(world.identity('one', 'app')?.attachedByUs).toBe(true);
  });

  it('of a binding whose policy comes later leaves the identity an orphan until it does', async () => {
    const world = await served();
    const ledger = lose(world);
    world.cluster.writeLedgerByHand(ledger);
    world.cluster.setPolicies(policy({ namespaces: ['other'] }));
    for (const name of Object.keys(BINDINGS)) restore(world, name);
    await world.pass();
    const orphaned = world.cluster.ledgerOf(world.key())?.spec.entries[0]?.for;
    world.cluster.setPolicies(policy());

    await world.pass();

    expect(orphaned).toMatchObject([{ uid: 'uid-one' }]);
    expect(world.takeWrites()).toEqual([]);
    expect(world.assigned()).toEqual(EVERYTHING);
    expect(world.cluster.ledgerOf(world.key())?.spec.entries[0]?.for).toMatchObject([{ uid: 'uid-restored-one' }]);
  });

  it('of an old backup gives nothing away that was attached after it: it is others’', async () => {
    const world = await served();
    const old = world.cluster.ledgerOf(world.key())!.spec;
    world.cluster.apply(binding('late', { userAssigned: [identity('eip')] }));
    lose(world);
    world.cluster.deleteByForce('late');
    world.control.createIdentity(identity('eip'));
    world.control.drift(scaleSet(), { kind: 'Attach', identities: [identity('eip')] });
    world.cluster.writeLedgerByHand(old);
    for (const name of Object.keys(BINDINGS)) restore(world, name);

    await world.pass();
    for (const name of Object.keys(BINDINGS)) world.cluster.delete(name);
    await world.pass();

    expect(world.assigned()).toEqual(['cdn', 'dns', 'eip']);
  });
});
