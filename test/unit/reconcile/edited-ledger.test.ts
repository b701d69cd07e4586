/** What the schema of the ledger takes, though the operator would never write it. The ledger is trusted: tenants have no rights on it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Entry, Ledger } from '../../../src/identity/ledger.ts';
import { identity } from '../simulator/azure.ts';
import { binding, policy, scaleSet } from './objects.ts';
import { HOUR, MINUTE, World, type WorldParts } from './world.ts';

const LONG_AGO = '2026-01-01T00:00:00Z';
const ONE = { namespace: 'shop', name: 'one', uid: 'uid-one' };
const NOBODY = { namespace: 'shop', name: 'ghost', uid: 'uid-nobody-has' };
const FOREIGN: NonNullable<WorldParts['web']> = { identity: { userAssigned: ['dns'] } };

const entry = (resourceId: string, changes: Partial<Entry> = {}): Entry => ({
  resourceId,
  phase: 'Attached',
  since: LONG_AGO,
  for: [ONE],
  ...changes,
});

/** `one` declares and has `app`; then somebody writes this ledger. */
async function edited(change: Partial<Ledger>): Promise<World> {
  const world = new World({ web: FOREIGN, bindings: [binding('one')] });
  await world.pass();
  const { spec } = world.cluster.ledgerOf(world.key())!;
  world.cluster.writeLedgerByHand({ ...spec, ...change });
  world.take();
  world.cluster.takeEvents();
  return world;
}

describe('a ledger that somebody edits', () => {
  it('is believed: an entry for what others attached makes it ours, and a binding that does not declare it gives it back', async () => {
    const world = await edited({ entries: [entry(identity('app')), entry(identity('dns'))] });

    await world.pass();

    expect(world.assigned()).toEqual(['app']);
  });

  it('never takes away what it says is for a binding that nobody has seen: that is an orphan', async () => {
    const world = await edited({ entries: [entry(identity('app')), entry(identity('dns'), { for: [NOBODY] })] });

    await world.pass();
    await world.run(HOUR);

    expect(world.takeWrites()).toEqual([]);
    expect(world.assigned()).toEqual(['app', 'dns']);
    expect(world.cluster.takeEvents()).toEqual([expect.stringMatching(/^Warning Orphaned ledger: .*\/dns /)]);
  });

  it('never takes away what it says is for nobody', async () => {
    const world = await edited({ entries: [entry(identity('app')), entry(identity('dns'), { for: [] })] });

    await world.pass();

    expect(world.takeWrites()).toEqual([]);
    expect(world.assigned()).toEqual(['app', 'dns']);
  });

  it('has an entry that was taken out make its identity foreign: it stays when the binding goes', async () => {
    const world = await edited({ entries: [] });
    world.cluster.delete('one');

    await world.pass();

    expect(world.takeWrites()).toEqual([]);
    expect(world.assigned()).toEqual(['app', 'dns']);
    expect(world.cluster.has('one')).toBe(false);
  });

  it('may name the same identity twice, in another case: it is one', async () => {
    const upper = identity('APP').replace('resourceGroups/shop', 'resourceGroups/SHOP');
    const world = await edited({ entries: [entry(identity('app')), entry(upper, { for: [NOBODY] })] });

    await world.pass();
    const kept = world.cluster.ledgerOf(world.key())?.spec.entries;

    expect(world.takeWrites()).toEqual([]);
    expect(kept).toHaveLength(1);
    expect(kept).toMatchObject([{ for: [ONE] }]);
  });

  it('may say that an operation runs which nobody began: one read tells that it does not', async () => {
    const world = await edited({ operation: { startedAt: '2126-01-01T00:00:00Z' } });
    world.restart();

    await world.pass();

    expect(world.takeWrites()).toEqual([]);
    expect(world.cluster.ledgerOf(world.key())?.spec.operation).toBeUndefined();
    expect(world.ready('one')?.status).toBe('True');
  });

  it('may announce what an Exclusive binding never waited for: its wait begins anew', async () => {
    const wait = { detach: [identity('dns')], since: LONG_AGO, bindings: ['uid-one/7'] };
    const world = await edited({ exclusive: wait });
    world.cluster.setPolicies(policy({ exclusive: 'Allow' }));
    world.cluster.edit('one', { mode: 'Exclusive' });

    await world.pass();

    expect(world.assigned()).toEqual(['app', 'dns']);
    expect(world.ready('one')?.reason).toBe('ExclusiveWaiting');
  });
});

const member = fc.constantFrom(ONE, NOBODY, { namespace: 'other', name: 'two', uid: 'uid-two' });
const since = fc.constantFrom(LONG_AGO, '2126-01-01T00:00:00Z', '0001-01-01T00:00:00Z', '2026-05-07T07:32:00+14:00');
const resourceId = fc.constantFrom(
  ...['app', 'bus', 'cdn', 'dns', 'nobody'].map(identity),
  identity('app').toUpperCase().replace('/SUBSCRIPTIONS', '/subscriptions'),
  'no id at all',
  '/',
  scaleSet(),
  '/../../secrets',
);
const someEntry = fc.record({
  resourceId,
  phase: fc.constantFrom('Attaching', 'Attached', 'Detaching', 'Reattaching'),
  since,
  for: fc.array(member, { maxLength: 3 }),
});
const someSystem = fc.record({
  phase: fc.constantFrom('Enabling', 'Enabled', 'Disabling'),
  since,
  for: fc.array(member, { maxLength: 2 }),
});
const someOperation = fc.record(
  {
    startedAt: since,
    lastError: fc.record({ code: fc.string({ maxLength: 9 }), message: fc.string({ maxLength: 9 }) }),
  },
  { requiredKeys: ['startedAt'] },
);
const someWait = fc.record({
  detach: fc.array(resourceId, { maxLength: 3 }),
  since,
  bindings: fc.array(fc.constantFrom('uid-one/1', 'uid-two/1', ''), { maxLength: 3 }),
});
const someLedger = fc.record(
  {
    uniqueId: fc.constantFrom('', 'another', 'the same'),
    entries: fc.array(someEntry, { maxLength: 5 }),
    systemAssigned: someSystem,
    operation: someOperation,
    exclusive: someWait,
    foreign: fc.array(resourceId, { maxLength: 2 }),
  },
  { requiredKeys: ['entries', 'foreign'] },
) as fc.Arbitrary<Omit<Ledger, 'scaleSetId'>>;

describe('whatever a ledger says that the schema takes', () => {
  it('nothing is taken away that it does not name, what is declared is attached, and the passes come to rest', async () => {
    await fc.assert(
      fc.asyncProperty(someLedger, async (written) => {
        const world = new World({
          web: { identity: { userAssigned: ['bus', 'cdn', 'dns'] } },
          bindings: [binding('one'), binding('two', { namespace: 'other', userAssigned: ['bus'] })],
        });
        const { uniqueId } = world.control.scaleSet(scaleSet());
        const same = written.uniqueId === 'the same' ? { uniqueId } : {};
        world.cluster.writeLedgerByHand({ ...written, ...same, scaleSetId: scaleSet() });

        await world.pass();
        await world.run(3 * HOUR);

        const named = new Set(written.entries.map((each) => each.resourceId.toLowerCase()));
        const assigned = world.assigned().map((name) => name.toLowerCase());
        const lost = ['cdn', 'dns'].filter((name) => !assigned.includes(name));
        expect(lost.filter((name) => !named.has(identity(name).toLowerCase()))).toEqual([]);
        expect(assigned).toEqual(expect.arrayContaining(['app', 'bus']));
        expect([world.ready('one')?.status, world.ready('two')?.status]).toEqual(['True', 'True']);
        world.take();
        await world.pass();
        await world.run(10 * MINUTE);
        expect(world.take().filter((line) => !line.startsWith('GET'))).toEqual([]);
      }),
    );
  });
});
