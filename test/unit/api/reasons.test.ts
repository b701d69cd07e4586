import { describe, expect, it } from 'vitest';

import type { Reason } from '../../../src/api/reasons.ts';
import { compareReasons, decidingReason, isReason, REASONS_IN_ORDER, rowOf } from '../../../src/api/reasons.ts';

const withCompanion = (...companions: readonly string[]): readonly Reason[] =>
  REASONS_IN_ORDER.filter((reason) => companions.includes(rowOf(reason).companion));

describe('the table of reasons', () => {
  it.each(REASONS_IN_ORDER)('says of %s what it means and what to do, each in one sentence or two', (reason) => {
    const { meaning, remedy } = rowOf(reason);
    expect(meaning).toMatch(/^[A-Z].{10,}\.$/);
    expect(remedy).toMatch(/^[A-Z].*\.$/);
  });

  it.each(REASONS_IN_ORDER)('gives %s a name that the API server takes', (reason) => {
    expect(reason).toMatch(/^[A-Z][A-Za-z0-9]{0,63}$/);
  });

  it('lets only a reason that says Ready False stand beside Reconciling or Stalled', () => {
    for (const reason of withCompanion('Reconciling', 'Stalled', 'ReconcilingThenStalled')) {
      expect(rowOf(reason).ready, reason).toBe('False');
    }
  });

  it('says Ready True where all is well and nowhere else', () => {
    const ready = REASONS_IN_ORDER.filter((reason) => rowOf(reason).ready === 'True');
    expect(ready).toEqual(['WouldChange', 'InSync', 'Assigned']);
  });

  it('calls for a person where only a person can help', () => {
    expect(withCompanion('Stalled', 'ReconcilingThenStalled')).toEqual([
      'NotPermitted',
      'Conflict',
      'UnsupportedOrchestrationMode',
      'ExclusiveOnManagedScaleSet',
      'LedgerFull',
      'Rejected',
    ]);
  });

  it('keeps Ready as it was for a suspended binding alone', () => {
    expect(REASONS_IN_ORDER.filter((reason) => rowOf(reason).ready === 'AsItWas')).toEqual(['Suspended']);
  });
});

describe('the reason that a binding shows', () => {
  const ranks: readonly (readonly [string, Reason, Reason])[] = [
    ['an operation in flight before what stops the scale set', 'Assigning', 'Throttled'],
    ['what stops the scale set before what needs a person', 'CredentialUnavailable', 'NotPermitted'],
    ['what needs a person before a single refused identity', 'Conflict', 'IdentityRefused'],
    ['NotPermitted before the other reasons that need a person', 'NotPermitted', 'Rejected'],
    ['a single refused identity before all is well', 'IdentityRefused', 'Assigned'],
    ['a suspension before what Azure says', 'Suspended', 'ScaleSetNotFound'],
  ];
  it.each(ranks)('is %s', (_, first, second) => {
    expect(decidingReason([second, first])).toBe(first);
    expect(compareReasons(first, second)).toBeLessThan(0);
  });

  it('is none where none applies', () => {
    expect(decidingReason([])).toBeUndefined();
  });

  it('does not take a word from elsewhere for a reason', () => {
    expect(isReason('Assigned')).toBe(true);
    expect(isReason('toString')).toBe(false);
  });
});
