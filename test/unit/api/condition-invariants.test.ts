import { describe, expect, it } from 'vitest';

import { conditionsFor } from '../../../src/api/conditions.ts';
import type { Reason } from '../../../src/api/reasons.ts';
import type { Condition } from '../../../src/api/types.ts';
import { assertConditionInvariants, brokenConditionInvariants } from './assert-condition-invariants.ts';
import { kstatus } from './kstatus.ts';

const TIME = '2026-03-01T10:00:00Z';

const conditionsOf = (reason: Reason): readonly Condition[] =>
  conditionsFor({
    reason,
    message: 'a message',
    observedGeneration: 2,
    previous: [],
    nowIso: TIME,
    creationTimestamp: TIME,
  });

const broken = (conditions: readonly Condition[], generation = 2, observedGeneration = 2): readonly string[] =>
  brokenConditionInvariants({ metadata: { generation }, status: { observedGeneration, conditions } });

const rule = (name: string): unknown => expect.arrayContaining([expect.stringContaining(name)]);

const [ready] = conditionsOf('Assigned') as readonly [Condition];
const [notReady, reconciling] = conditionsOf('Throttled') as readonly [Condition, Condition];
const stalled: Condition = { ...reconciling, type: 'Stalled' };

describe('the invariants of conditions find', () => {
  const cases: readonly (readonly [string, readonly Condition[], string])[] = [
    ['a companion that is True beside Ready True', [ready, reconciling], 'FAIL0001'],
    ['a status without Ready', [reconciling], 'FAIL0002'],
    ['Reconciling beside an unknown Ready', [{ ...notReady, status: 'Unknown' }, reconciling], 'FAIL0003'],
    ['Stalled beside an unknown Ready', [{ ...notReady, status: 'Unknown' }, stalled], 'FAIL0004'],
    ['Reconciling together with Stalled', [notReady, reconciling, stalled], 'FAIL0005'],
    ['a condition of an older generation beside Ready True', [{ ...ready, observedGeneration: 1 }], 'FAIL0008'],
    ['a condition of another generation than the status', [{ ...ready, observedGeneration: 3 }], 'FAIL0009'],
    ['a companion that is kept as False', [notReady, { ...reconciling, status: 'False' }], 'only while True'],
    ['a condition that is there twice', [ready, ready], 'none twice'],
    ['a reason that the table lacks', [{ ...ready, reason: 'Nonsense' }], 'stands in the table'],
    ['a companion with a message of its own', [notReady, { ...reconciling, message: 'other' }], 'what Ready says'],
    ['a message that is too long', [{ ...ready, message: 'x'.repeat(5000) }], 'no message is longer'],
    ['a time that is none', [{ ...ready, lastTransitionTime: 'yesterday' }], 'is a time'],
  ];
  it.each(cases)('%s', (_, conditions, name) => {
    expect(broken(conditions)).toEqual(rule(name));
  });

  it('a status that speaks of a generation to come', () => {
    expect(broken([notReady, reconciling], 1)).toEqual(rule('FAIL0006'));
  });

  it('Ready True for a spec that was not looked at', () => {
    expect(broken([ready], 3)).toEqual(rule('FAIL0007'));
  });

  it('a condition without a generation', () => {
    const { observedGeneration: _, ...ofNone } = notReady;
    expect(broken([ofNone])).toEqual(rule('of which generation'));
  });

  it('nothing wrong with what the operator writes', () => {
    expect(broken([ready])).toEqual([]);
    expect(broken([notReady, reconciling])).toEqual([]);
  });
});

describe('assertConditionInvariants', () => {
  it('names the rule and shows the conditions', () => {
    expect(() => {
      assertConditionInvariants({ metadata: { generation: 2 }, status: { observedGeneration: 2 } });
    }).toThrow(/FAIL0002[^]*"observedGeneration": 2/);
  });
});

describe('kstatus', () => {
  const status = { observedGeneration: 2, conditions: [ready] };

  it('reads a binding that is being deleted as terminating', () => {
    expect(kstatus({ metadata: { generation: 2, deletionTimestamp: TIME }, status })).toBe('Terminating');
  });

  it('reads a binding whose spec was not looked at as in progress', () => {
    expect(kstatus({ metadata: { generation: 3 }, status })).toBe('InProgress');
  });

  it('reads a binding as in progress from the first moment, thanks to the default of its status', () => {
    expect(kstatus({ metadata: { generation: 1 }, status: { observedGeneration: -1 } })).toBe('InProgress');
    expect(kstatus({ metadata: { generation: 1 } })).toBe('Current');
  });
});
