/**
 * What the REST how-to on managed identities of scale sets does step by step, as bindings: the state that each step leads
 * to, reached and kept without dropping what the step says to retain. `one` and `two` are its ID1 and ID2; the numbers
 * are those of the how-to's steps.
 */
import { describe, expect, it } from 'vitest';

import type { SystemAssignedStatus } from '../../src/api/types.ts';
import type { Declared } from './binding.ts';
import type { ScaleSet } from './scale-set.ts';
import type { ScaleSetOptions, World } from './world.ts';

interface Flow {
  readonly number: number;
  readonly does: string;
  /** The scale set as it is found; absent: it is created after the binding. */
  readonly before?: ScaleSetOptions;
  /** What the binding declares, one spec after the other; `deleted` at the end: the binding goes. */
  readonly declared: readonly (Declared | 'deleted')[];
  readonly after: { readonly systemAssigned: boolean; readonly identities: readonly string[] };
  /** What the binding says in the end. */
  readonly status?: {
    readonly systemAssigned: SystemAssignedStatus['state'];
    readonly summary: string;
    readonly foreignCount: number;
  };
}

const BOTH = ['one', 'two'];

const FLOWS: readonly Flow[] = [
  {
    number: 2,
    does: 'list the identities of a scale set',
    before: { systemAssigned: true, foreign: BOTH },
    declared: [{ userAssigned: ['one'] }],
    after: { systemAssigned: true, identities: BOTH },
    status: { systemAssigned: 'Enabled', summary: '1/1', foreignCount: 1 },
  },
  {
    number: 3,
    does: 'create a scale set with a system-assigned identity',
    declared: [{ systemAssigned: 'Enabled' }],
    after: { systemAssigned: true, identities: [] },
    status: { systemAssigned: 'Enabled', summary: '0/0', foreignCount: 0 },
  },
  {
    number: 4,
    does: 'enable the system-assigned identity of one that has no other',
    before: {},
    declared: [{ systemAssigned: 'Enabled' }],
    after: { systemAssigned: true, identities: [] },
    status: { systemAssigned: 'Enabled', summary: '0/0', foreignCount: 0 },
  },
  {
    number: 5,
    does: 'enable it and keep the user-assigned ones',
    before: { foreign: BOTH },
    declared: [{ systemAssigned: 'Enabled' }],
    after: { systemAssigned: true, identities: BOTH },
    status: { systemAssigned: 'Enabled', summary: '0/0', foreignCount: 2 },
  },
  {
    number: 6,
    does: 'disable it where there is no other',
    before: { systemAssigned: true },
    declared: [{ systemAssigned: 'Disabled' }],
    after: { systemAssigned: false, identities: [] },
    status: { systemAssigned: 'Disabled', summary: '0/0', foreignCount: 0 },
  },
  {
    number: 7,
    does: 'disable it and keep the user-assigned ones',
    before: { systemAssigned: true, foreign: BOTH },
    declared: [{ systemAssigned: 'Disabled' }],
    after: { systemAssigned: false, identities: BOTH },
    status: { systemAssigned: 'Disabled', summary: '0/0', foreignCount: 2 },
  },
  {
    number: 8,
    does: 'create a scale set with a user-assigned identity',
    declared: [{ userAssigned: ['one'] }],
    after: { systemAssigned: false, identities: ['one'] },
    status: { systemAssigned: 'Disabled', summary: '1/1', foreignCount: 0 },
  },
  {
    number: 9,
    does: 'assign the first user-assigned identity',
    before: {},
    declared: [{ userAssigned: ['one'] }],
    after: { systemAssigned: false, identities: ['one'] },
    status: { systemAssigned: 'Disabled', summary: '1/1', foreignCount: 0 },
  },
  {
    number: 10,
    does: 'assign another and keep the system-assigned one and the first',
    before: { systemAssigned: true, foreign: ['one'] },
    declared: [{ userAssigned: ['two'] }],
    after: { systemAssigned: true, identities: BOTH },
    status: { systemAssigned: 'Enabled', summary: '1/1', foreignCount: 1 },
  },
  {
    number: 11,
    does: 'remove it, out of the list, and keep the others',
    before: { systemAssigned: true, foreign: ['one'] },
    declared: [{ userAssigned: ['two'] }, { userAssigned: [] }],
    after: { systemAssigned: true, identities: ['one'] },
    status: { systemAssigned: 'Enabled', summary: '0/0', foreignCount: 1 },
  },
  {
    number: 11,
    does: 'remove it, with the binding, and keep the others',
    before: { systemAssigned: true, foreign: ['one'] },
    declared: [{ userAssigned: ['two'] }, 'deleted'],
    after: { systemAssigned: true, identities: ['one'] },
  },
  {
    number: 11,
    does: 'remove one that somebody attached by hand, and keep the others',
    before: { systemAssigned: true, foreign: BOTH },
    declared: [{ userAssigned: ['two'], adopt: ['two'] }, 'deleted'],
    after: { systemAssigned: true, identities: ['one'] },
  },
  {
    number: 12,
    does: 'remove all user-assigned ones and keep the system-assigned one',
    before: { systemAssigned: true, foreign: BOTH },
    declared: [{ userAssigned: [], mode: 'Exclusive' }],
    after: { systemAssigned: true, identities: [] },
    status: { systemAssigned: 'Enabled', summary: '0/0', foreignCount: 0 },
  },
  {
    number: 13,
    does: 'remove everything',
    before: { systemAssigned: true, foreign: BOTH },
    declared: [{ userAssigned: [], mode: 'Exclusive', systemAssigned: 'Disabled' }],
    after: { systemAssigned: false, identities: [] },
    status: { systemAssigned: 'Disabled', summary: '0/0', foreignCount: 0 },
  },
];

/** What every flow needs of a policy. */
export const POLICY = { systemAssigned: 'EnableAndDisable', exclusive: 'Allow', adopt: 'Allow' } as const;

/** Runs every flow against the world's operator. */
export function describeFlows(world: () => World): void {
  const sets: ScaleSet[] = [];

  describe.concurrent('each step of the how-to, as a binding', () => {
    it('1: get a bearer token', async () => {
      const set = world().scaleSet('flow-1');
      await (await world().bind(set, { userAssigned: ['one'] })).ready();
      const tokens = world()
        .control.requests()
        .filter(({ path, status }) => path.endsWith('/oauth2/v2.0/token') && status === 200);
      expect(tokens.length).toBeGreaterThan(0);
      expect(new Set(set.requests.map(({ principal }) => principal))).toEqual(new Set([world().clientId]));
    });

    it.each(FLOWS.map((flow, index) => ({ ...flow, name: `flow-${String(flow.number)}-${String(index)}` })))(
      '$number: $does',
      async ({ name, before, declared, after, status }) => {
        const set = before === undefined ? world().scaleSetToCome(name) : world().scaleSet(name, before);
        // A binding declares it, and a policy allows it.
        if (!after.systemAssigned) set.mayLoseSystemAssigned();
        set.mayLose(...(before?.foreign ?? []).filter((identity) => !after.identities.includes(identity)));
        const binding = world().binding(set);
        for (const step of declared) {
          if (step === 'deleted') {
            await binding.delete();
            await binding.untilGone();
            continue;
          }
          await binding.apply(step);
          if (before === undefined) {
            await binding.shows('ScaleSetNotFound');
            world().scaleSet(name);
          }
          const found = await binding.ready();
          expect(found.status.observedGeneration).toBe(found.metadata.generation);
        }
        expect({ systemAssigned: set.systemAssigned !== undefined, identities: set.identities }).toEqual(after);
        if (status !== undefined) {
          const { systemAssigned, summary, foreignCount, userAssigned = [] } = (await binding.ready()).status;
          expect({ systemAssigned: systemAssigned?.state, summary, foreignCount }).toEqual(status);
          expect(systemAssigned?.principalId).toBe(set.systemAssigned);
          for (const { resourceId, clientId } of userAssigned) {
            expect(clientId).toBe(world().control.identity(resourceId).clientId);
          }
        }
        sets.push(set);
      },
    );
  });

  it('leads to a state that is kept without another write', async () => {
    const writes = (): readonly number[] => sets.map((set) => set.writes.length);
    const before = writes();
    await world().intervals(2);
    expect(sets).toHaveLength(FLOWS.length);
    expect(writes()).toEqual(before);
  });
}
