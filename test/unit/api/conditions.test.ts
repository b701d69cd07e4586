import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { ConditionsInput } from '../../../src/api/conditions.ts';
import {
  conditionsFor,
  MAX_CONDITION_MESSAGE_LENGTH,
  PERMISSION_GRACE_MS,
  stallsAtMs,
} from '../../../src/api/conditions.ts';
import type { Reason } from '../../../src/api/reasons.ts';
import { REASONS_IN_ORDER, rowOf } from '../../../src/api/reasons.ts';
import type { Condition } from '../../../src/api/types.ts';
import { assertConditionInvariants } from './assert-condition-invariants.ts';
import { kstatus } from './kstatus.ts';

const CREATED = '2026-03-01T10:00:00Z';
const after = (ms: number): string => new Date(Date.parse(CREATED) + ms).toISOString();
const MINUTE = 60_000;

const input = (changes: Partial<ConditionsInput> = {}): ConditionsInput => ({
  reason: 'Assigned',
  message: 'all 3 identities are assigned',
  observedGeneration: 3,
  previous: [],
  nowIso: after(MINUTE),
  creationTimestamp: CREATED,
  ...changes,
});

/** The conditions after each of the steps, every one computed from the one before. */
const run = (...steps: readonly (readonly [Reason, atMs: number])[]): readonly Condition[] =>
  steps.reduce<readonly Condition[]>(
    (previous, [reason, atMs]) => conditionsFor(input({ reason, previous, nowIso: after(atMs) })),
    [],
  );

const types = (conditions: readonly Condition[]): readonly string[] => conditions.map(({ type }) => type);
const verdict = (conditions: readonly Condition[]): string =>
  kstatus({ metadata: { generation: 3 }, status: { observedGeneration: 3, conditions } });

const EXPECTED = {
  True: { None: 'Current' },
  False: { Reconciling: 'InProgress', ReconcilingThenStalled: 'InProgress', Stalled: 'Failed' },
  AsItWas: { None: 'InProgress' },
} as Readonly<Record<string, Readonly<Record<string, string>>>>;

describe('the conditions of a new binding', () => {
  it.each(REASONS_IN_ORDER)('with the reason %s hold the invariants, and kstatus reads them as meant', (reason) => {
    const conditions = run([reason, MINUTE]);
    assertConditionInvariants({ metadata: { generation: 3 }, status: { observedGeneration: 3, conditions } });
    const { ready, companion } = rowOf(reason);
    expect(verdict(conditions)).toBe(EXPECTED[ready]?.[companion]);
  });

  it('speak of the generation that was looked at', () => {
    expect(run(['Rejected', 0]).map(({ observedGeneration }) => observedGeneration)).toEqual([3, 3]);
  });

  it('say in the companion what Ready says', () => {
    const [ready, stalled] = run(['Rejected', 0]);
    expect(stalled).toEqual({ ...ready, type: 'Stalled', status: 'True' });
  });
});

describe('lastTransitionTime', () => {
  it('stays while the status stays, whatever the reason and the message do', () => {
    const [ready, reconciling] = run(['Assigning', 0], ['Throttled', MINUTE]);
    expect(ready).toMatchObject({ reason: 'Throttled', lastTransitionTime: after(0) });
    expect(reconciling).toMatchObject({ type: 'Reconciling', lastTransitionTime: after(0) });
  });

  it('moves when the status changes', () => {
    const [ready] = run(['Assigning', 0], ['Assigned', MINUTE]);
    expect(ready).toMatchObject({ status: 'True', lastTransitionTime: after(MINUTE) });
  });

  it('starts anew in a companion that was gone in between', () => {
    const [, reconciling] = run(['Assigning', 0], ['Rejected', MINUTE], ['Assigning', 2 * MINUTE]);
    expect(reconciling).toMatchObject({ type: 'Reconciling', lastTransitionTime: after(2 * MINUTE) });
  });
});

describe('a suspended binding', () => {
  it('keeps the status of Ready, and no companion', () => {
    expect(run(['Assigned', 0], ['Suspended', MINUTE])).toMatchObject([
      { type: 'Ready', status: 'True', reason: 'Suspended', lastTransitionTime: after(0) },
    ]);
    expect(run(['Rejected', 0], ['Suspended', MINUTE])).toMatchObject([{ type: 'Ready', status: 'False' }]);
  });

  it('that was never looked at is Unknown', () => {
    expect(run(['Suspended', 0])).toMatchObject([{ type: 'Ready', status: 'Unknown' }]);
  });
});

describe('a binding that no policy allows', () => {
  it('is on its way until two minutes after its creation, then needs a person', () => {
    expect(types(run(['NotPermitted', 0], ['NotPermitted', PERMISSION_GRACE_MS - 1]))).toEqual([
      'Ready',
      'Reconciling',
    ]);
    expect(types(run(['NotPermitted', 0], ['NotPermitted', PERMISSION_GRACE_MS]))).toEqual(['Ready', 'Stalled']);
  });

  it('is given two minutes anew when a policy that allowed it is taken back', () => {
    const taken = [
      ['Assigned', 0],
      ['NotPermitted', 60 * MINUTE],
    ] as const;
    expect(types(run(...taken))).toEqual(['Ready', 'Reconciling']);
    expect(types(run(...taken, ['NotPermitted', 62 * MINUTE]))).toEqual(['Ready', 'Stalled']);
  });

  it('needs a person at once when it has not been ready for longer than that', () => {
    expect(types(run(['ScaleSetNotFound', 0], ['NotPermitted', 60 * MINUTE]))).toEqual(['Ready', 'Stalled']);
  });

  it('tells when to look again, until it needs a person', () => {
    const previous = run(['NotPermitted', MINUTE]);
    const end = MINUTE + PERMISSION_GRACE_MS;
    const stallsAt = (atMs: number): number | undefined =>
      stallsAtMs(input({ reason: 'NotPermitted', previous, nowIso: after(atMs) }));
    expect(stallsAt(end - 1)).toBe(Date.parse(after(end)));
    expect(stallsAt(end)).toBeUndefined();
  });

  it('is alone in having such a time', () => {
    expect(stallsAtMs(input({ reason: 'Rejected' }))).toBeUndefined();
  });
});

describe('a message', () => {
  const messageOf = (message: string): string => conditionsFor(input({ message }))[0]!.message;

  it('as long as the API server takes stays as it is, counted in characters', () => {
    const longest = '😀'.repeat(MAX_CONDITION_MESSAGE_LENGTH);
    expect(messageOf(longest)).toBe(longest);
  });

  it('that is longer is cut between characters', () => {
    const cut = messageOf('😀'.repeat(MAX_CONDITION_MESSAGE_LENGTH + 1));
    expect(cut).toBe(`${'😀'.repeat(MAX_CONDITION_MESSAGE_LENGTH - 1)}…`);
  });
});

describe('any history of reasons', () => {
  const steps = fc.array(fc.tuple(fc.constantFrom(...REASONS_IN_ORDER), fc.nat(5 * MINUTE)), { minLength: 1 });

  it('keeps the invariants, and moves a time only with its status', () => {
    fc.assert(
      fc.property(steps, (history) => {
        let previous: readonly Condition[] = [];
        let now = 0;
        for (const [reason, wait] of history) {
          now += wait;
          const conditions = conditionsFor(input({ reason, previous, nowIso: after(now) }));
          assertConditionInvariants({ metadata: { generation: 3 }, status: { observedGeneration: 3, conditions } });
          for (const condition of conditions) {
            const before = previous.find(({ type }) => type === condition.type);
            const stays = before?.status === condition.status;
            expect(condition.lastTransitionTime).toBe(stays ? before.lastTransitionTime : after(now));
          }
          previous = conditions;
        }
      }),
    );
  });
});
