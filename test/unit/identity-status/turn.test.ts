import { describe, expect, it } from 'vitest';

import { REQUESTED_AT_ANNOTATION } from '../../../src/api/types.ts';
import { composeStatus } from '../../../src/identity/status.ts';
import { judgeSystemAssigned } from '../../../src/identity/system-assigned.ts';
import { NOW } from '../identity/builders.ts';
import { ALLOW_ALL, type BindingOptions, compose, declare, readyStatus, shown, stored } from './builders.ts';

const waiting = (turn: 'soon' | 'later') =>
  ({ stop: { reason: 'Throttled', message: 'It waits for its turn.', passing: true, turn } }) as const;
const ASKED = { [REQUESTED_AT_ANNOTATION]: '2026-03-01T11:59:00Z' };

describe('a binding whose scale set waits for its turn under the limits of Azure', () => {
  it.each([
    ['has none yet', {}],
    ['is Ready for an earlier spec', { status: readyStatus('a'), generation: 4 }],
    ['is being deleted', { status: readyStatus('a'), deleting: true }],
  ])('keeps its status while the wait is short, also when it %s', (_what, options: BindingOptions) => {
    const binding = stored(options);
    const view = { now: NOW, ledger: undefined, verdicts: new Map(), system: judgeSystemAssigned([], undefined) };
    const { status, recomputeAt } = composeStatus(binding, declare(binding, [ALLOW_ALL]), {
      ...view,
      ...waiting('soon'),
    });

    expect(status).toBe(binding.status);
    expect(recomputeAt).toBeUndefined();
  });

  it('shows that it waits when the wait is long', () => {
    expect(shown(compose({}, waiting('later')))).toBe('Ready=False Reconciling Throttled');
    expect(shown(compose({ status: readyStatus('a'), generation: 4 }, waiting('later')))).toBe(
      'Ready=False Reconciling Throttled',
    );
  });

  it('stays Ready for the spec it has, also when it is asked to look again', () => {
    const status = readyStatus('a');

    expect(compose({ status }, waiting('later')).status).toEqual(status);
    expect(compose({ status, annotations: ASKED }, waiting('later')).status).toEqual(status);
  });

  it('shows that it waits when it is being deleted', () => {
    expect(shown(compose({ status: readyStatus('a'), deleting: true }, waiting('later')))).toBe(
      'Ready=False Reconciling Throttled',
    );
  });
});
