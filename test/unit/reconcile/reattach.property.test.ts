import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { FaultEffect } from '../../../dev/simulator/faults.ts';
import { identity } from '../simulator/azure.ts';
import { nameOf } from './journal.ts';
import { identityIds, policy, scaleSet } from './objects.ts';
import { reattaching, works } from './recreated.ts';
import { faults, HOUR, SECOND, World } from './world.ts';

const BINDINGS = ['one', 'two'] as const;
const OURS = ['app', 'bus'] as const;
/** `dns` is somebody else's from the start, and declared; `ext` is, and nobody ever declares it. */
const THEIRS = ['dns', 'ext'] as const;

const which = fc.constantFrom(...OURS, ...THEIRS);
const name = fc.constantFrom(...BINDINGS);
const writeFault = fc.constantFrom<FaultEffect>(
  { kind: 'reset' },
  { kind: 'reset', applied: true },
  { kind: 'status', status: 500, applied: true },
  { kind: 'status', status: 202 },
  { kind: 'status', status: 412, code: 'PreconditionFailed' },
  { kind: 'status', status: 403, code: 'ScopeLocked' },
  { kind: 'status', status: 400, code: 'FailedIdentityOperation' },
);

/** What happens in the world around the operator. */
const event = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('recreate' as const), which }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('mend' as const), which }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('strip' as const), which: fc.constantFrom(...OURS) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('edit' as const),
      name,
      spec: fc.record(
        {
          staleIdentities: fc.constantFrom('Report' as const, 'Reattach' as const),
          suspend: fc.boolean(),
          userAssigned: fc.subarray(['app', 'bus', 'dns']).map((names) => identityIds(names)),
        },
        { requiredKeys: [] },
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), name }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('permit' as const), permitted: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('failWrite' as const), effect: writeFault }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'failOperation' as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('failLook' as const), which }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('crash' as const),
      at: fc.constantFrom('ledger', 'PATCH', 'GET', 'status'),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ kind: 'list' as const }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('wait' as const), hours: fc.constantFrom(0.01, 0.1, 1, 25) }) },
);

type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

async function happen(world: World, one: Event): Promise<unknown> {
  const { cluster, control } = world;
  switch (one.kind) {
    case 'recreate':
      return control.recreateIdentity(identity(one.which));
    case 'mend': {
      mend(world, one.which);
      return;
    }
    case 'strip': {
      control.drift(scaleSet(), { kind: 'Strip', identities: [identity(one.which)] });
      return;
    }
    case 'edit':
      if (cluster.has(one.name) && !isLeaving(world, one.name)) cluster.edit(one.name, one.spec);
      return;
    case 'delete':
      // What is suspended when it is deleted leaves everything behind, as it should.
      if (cluster.has(one.name) && !cluster.binding(one.name).spec.suspend) cluster.delete(one.name);
      return;
    case 'permit': {
      cluster.setPolicies(...(one.permitted ? [policy()] : []));
      return;
    }
    case 'failWrite': {
      world.fault(faults.patch, one.effect);
      return;
    }
    case 'failOperation': {
      control.planOutcome({ kind: 'Fail', code: 'InternalExecutionError', message: 'no' });
      return;
    }
    case 'failLook': {
      world.fault(faults.getIdentity(one.which), { kind: 'status', status: 503 });
      return;
    }
    case 'crash': {
      world.crashBefore(one.at);
      return;
    }
    case 'list':
      await world.list();
      return world.listIdentities();
    case 'wait':
      return world.run(one.hours * HOUR);
  }
}

function isLeaving({ cluster }: World, binding: string): boolean {
  return cluster.binding(binding).metadata.deletionTimestamp !== undefined;
}

/** Somebody detaches and attaches it by hand. */
function mend({ control }: World, one: string): void {
  const { userAssigned } = control.scaleSet(scaleSet());
  if (!userAssigned.some(({ id }) => nameOf(id) === one)) return;
  control.drift(scaleSet(), { kind: 'Strip', identities: [identity(one)] });
  control.drift(scaleSet(), { kind: 'Attach', identities: [identity(one)] });
}

/** A crash is followed by a new process; whatever a fault makes of a list, by the next one. */
async function survive(world: World, act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if ((error as Error).message !== 'crash') throw error;
    world.restart();
  }
}

/** All troubles end, everybody asks for Reattach, what is theirs is mended by hand, and two days pass. */
async function calm(world: World): Promise<void> {
  const { cluster, control } = world;
  control.clearFaults();
  world.journal.clear();
  control.finishOperations();
  cluster.setPolicies(policy());
  for (const each of BINDINGS) {
    if (cluster.has(each)) cluster.edit(each, { suspend: false, staleIdentities: 'Reattach' });
  }
  for (const each of THEIRS) mend(world, each);
  for (let round = 0; round < 6; round += 1) {
    await survive(world, () => world.pass());
    await world.listIdentities();
    await survive(world, () => world.run(10 * HOUR));
  }
}

function problems(world: World): readonly string[] {
  const { cluster } = world;
  const alive = BINDINGS.filter((each) => cluster.has(each));
  const entries = cluster.ledgerOf(world.key())?.spec.entries ?? [];
  const wanted = alive.flatMap((each) =>
    cluster.binding(each).spec.userAssigned.map(({ resourceId }) => nameOf(resourceId)),
  );
  const isOurs = (each: string): boolean => entries.some(({ resourceId }) => nameOf(resourceId) === each);
  return [
    ...wanted.filter((each) => !world.assigned().includes(each)).map((each) => `${each} is off`),
    // What somebody attached by hand while nobody declared it is theirs, and for them to mend.
    ...wanted.filter((each) => isOurs(each) && !works(world, each)).map((each) => `${each} does not work`),
    ...entries.filter(({ phase }) => phase !== 'Attached').map(({ resourceId, phase }) => `${resourceId} is ${phase}`),
    ...alive.filter((each) => isLeaving(world, each)).map((each) => `${each} is still there`),
  ];
}

/** With CONVERGENCE_RUNS in the environment as many runs as it says. */
describe('whatever becomes of identities and of the operator', () => {
  it('takes nothing of theirs off, leaves nothing of ours off, and ends with all of ours at work', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { maxLength: 25, size: 'max' }),
        fc.constantFrom(0, 7 * SECOND),
        fc.constantFrom('OldIds' as const, 'NullIds' as const),
        async (events, operationMs, deletedIdentity) => {
          const world = new World({
            identities: [...OURS, ...THEIRS],
            web: { identity: { userAssigned: [...THEIRS] } },
            bindings: [
              reattaching('one', { userAssigned: ['app', 'dns'] }),
              reattaching('two', { namespace: 'other', userAssigned: ['app', 'bus'] }),
            ],
            settings: { deletedIdentity },
            operationMs,
          });
          await world.pass();
          for (const one of events) {
            await survive(world, () => happen(world, one));
            await survive(world, () => world.pass());
          }
          await calm(world);
          const found = problems(world);
          const lines = world.take();
          await world.pass();

          expect(lines.filter((line) => /^PATCH.* -(dns|ext)/.test(line))).toEqual([]);
          expect(found).toEqual([]);
          expect(world.takeWrites()).toEqual([]);
        },
      ),
      { numRuns: Number(process.env['CONVERGENCE_RUNS'] ?? 20) },
    );
  });
});
