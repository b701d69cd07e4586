import type { PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ARRAY_API_VERSION } from '../../../src/config/api-versions.ts';
import { type ArmKey, armKey } from '../../../src/identity/arm-id.ts';
import { entriesByKey } from '../../../src/identity/ledger.ts';
import { identity } from '../simulator/azure.ts';
import { nameOf } from './journal.ts';
import { binding, identityIds, scaleSet } from './objects.ts';
import { HOUR, SECOND, World } from './world.ts';

const DECLARABLE = ['app', 'bus', 'cdn'] as const;
const THEIRS = ['dns', 'ext', 'fax'] as const;

/** What others do, and when: at once, or just before the next line of the journal that begins like this. */
const others = fc.record({
  kind: fc.constant('others' as const),
  act: fc.constantFrom('attach' as const, 'strip' as const, 'enable' as const, 'scale' as const),
  which: fc.subarray([...THEIRS], { minLength: 1 }),
  // Not at the PATCH itself: what is attached between our last read and our write is lost, and nobody can see it.
  at: fc.constantFrom('', 'GET web', 'ledger', 'status', 'POLL'),
});

const event = fc.oneof(
  { weight: 5, arbitrary: others },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('declare' as const), userAssigned: fc.subarray([...DECLARABLE]) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('system' as const), on: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('stripOurs' as const), which: fc.constantFrom(...DECLARABLE) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'list' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), seconds: fc.constantFrom(1, 6, 61) }) },
);

type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;
type Others = typeof others extends fc.Arbitrary<infer T> ? T : never;

interface Wire {
  readonly type: string;
  readonly identityIds?: readonly string[];
}

/** Every write, against what our last read before it was answered. */
class Watch {
  readonly problems: string[] = [];
  /** Identities that others attached and have not taken off since. */
  readonly theirs = new Set<string>(['dns']);
  world!: World;
  #seen: Wire | undefined;

  readonly overheard = (request: PipelineRequest, response: PipelineResponse): void => {
    if (!request.url.includes('/virtualMachineScaleSets/web?') || response.status !== 200) return;
    if (request.method === 'GET') this.#seen = (JSON.parse(response.bodyAsText!) as { identity?: Wire }).identity;
    if (request.method === 'PATCH') this.#judge((JSON.parse(request.body as string) as { identity: Wire }).identity);
  };

  #judge({ type, identityIds = [] }: Wire): void {
    const ours: ReadonlySet<ArmKey> = new Set(entriesByKey(this.world.cluster.ledgerOf(this.world.key())?.spec).keys());
    const before = (this.#seen?.identityIds ?? []).map(armKey);
    const after = new Set(identityIds.map(armKey));
    const lost = before.filter((key) => !after.has(key) && !ours.has(key));
    for (const key of lost) this.problems.push(`took ${nameOf(key)} away`);
    const turnsOff = this.#seen?.type.includes('SystemAssigned') === true && !type.includes('SystemAssigned');
    // No binding here asks for that.
    if (turnsOff) this.problems.push('turned the system-assigned identity off');
    const isSame = before.length === after.size && before.every((key) => after.has(key));
    if (isSame && type === (this.#seen?.type ?? 'None')) this.problems.push('wrote what was there');
  }
}

function othersAct(world: World, watch: Watch, { act, which }: Others): void {
  switch (act) {
    case 'attach':
      for (const name of which) watch.theirs.add(name);
      world.control.drift(scaleSet(), { kind: 'Attach', identities: which.map(identity) });
      return;
    case 'strip':
      for (const name of which) watch.theirs.delete(name);
      world.control.drift(scaleSet(), { kind: 'Strip', identities: which.map(identity) });
      return;
    case 'enable':
      world.control.drift(scaleSet(), { kind: 'EnableSystemAssigned' });
      return;
    case 'scale':
      world.control.drift(scaleSet(), { kind: 'Scale', capacity: 4 });
  }
}

async function happen(world: World, watch: Watch, one: Event): Promise<void> {
  switch (one.kind) {
    case 'others': {
      const act = (): void => {
        othersAct(world, watch, one);
      };
      if (one.at === '') act();
      else world.journal.before(one.at, act);
      return;
    }
    case 'declare': {
      const { cluster } = world;
      if (cluster.has('one')) cluster.edit('one', { userAssigned: identityIds(one.userAssigned) });
      return;
    }
    case 'system':
      world.cluster.edit('one', { systemAssigned: one.on ? 'Enabled' : 'Unmanaged' });
      return;
    case 'stripOurs':
      world.control.drift(scaleSet(), { kind: 'Strip', identities: [identity(one.which)] });
      return;
    case 'list':
      return world.list();
    case 'restart':
      world.restart();
      return;
    case 'wait':
      return world.run(one.seconds * SECOND);
  }
}

describe('whoever else writes between our reads and writes', () => {
  it('loses nothing that our read showed, and sees no write when nothing differs', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { maxLength: 20, size: 'max' }),
        fc.constantFrom(0, 5 * SECOND),
        async (events, operationMs) => {
          const watch = new Watch();
          const world = new World({
            apiVersion: ARRAY_API_VERSION,
            identities: [...DECLARABLE, ...THEIRS],
            web: { identity: { userAssigned: ['dns'] } },
            bindings: [binding('one')],
            operationMs,
            overheard: watch.overheard,
          });
          watch.world = world;
          for (const one of events) {
            await happen(world, watch, one);
            await world.pass();
          }
          world.journal.clear();
          world.control.finishOperations();
          await world.pass();
          await world.run(2 * HOUR);
          const declared = world.cluster.binding('one').spec.userAssigned.map(({ resourceId }) => nameOf(resourceId));
          const assigned = world.assigned();
          world.take();
          await world.pass();

          expect(watch.problems).toEqual([]);
          expect(assigned).toEqual(expect.arrayContaining([...declared, ...watch.theirs]));
          expect(assigned.filter((name) => DECLARABLE.includes(name as 'app') && !declared.includes(name))).toEqual([]);
          expect(world.takeWrites()).toEqual([]);
        },
      ),
      { numRuns: Number(process.env['CONVERGENCE_RUNS'] ?? 60) },
    );
  });
});
