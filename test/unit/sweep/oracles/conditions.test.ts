import { describe, expect, it } from 'vitest';

import { brokenConditions } from '../../../sweep/oracles/conditions.ts';
import { EPOCH_MS } from '../../../sweep/scheduler.ts';
import { History } from './history.ts';

const timeOf = (seconds: number): string => new Date(EPOCH_MS + seconds * 1000).toISOString();

/** @param since second of the run */
const ready = (status: 'True' | 'False', since: number) => ({
  ...{ type: 'Ready', status, message: 'so it is', observedGeneration: 1 },
  reason: status === 'True' ? 'Assigned' : 'Conflict',
  lastTransitionTime: timeOf(since),
});

const stalled = (since: number) => ({ ...ready('False', since), type: 'Stalled', status: 'True' });

const written = (...statuses: readonly (readonly [seconds: number, status: object])[]): readonly string[] => {
  const history = new History();
  for (const [seconds, status] of statuses) {
    history.binding('web', {}, { status: { observedGeneration: 1, ...status }, atMs: EPOCH_MS + seconds * 1000 });
  }
  return brokenConditions(history);
};

describe('one status', () => {
  it('may be Ready', () => {
    expect(written([1, { conditions: [ready('True', 1)] }])).toEqual([]);
  });

  it('breaks no invariant', () => {
    expect(written([1, { conditions: [ready('True', 1), stalled(1)] }])).toContainEqual(
      expect.stringContaining('FAIL0001'),
    );
  });

  it('speaks of no time that is still to come', () => {
    expect(written([1, { conditions: [ready('True', 2)] }])).toEqual([expect.stringContaining('still to come')]);
  });
});

describe('a spec that the operator had not seen', () => {
  /** The status speaks of the first generation, and there are two. */
  const spokenOfLate = (isKnown: boolean): readonly string[] => {
    const history = new History().binding('web');
    const before = history.known();
    history.binding('web', {}, { generation: 2 });
    const known = isKnown ? history.known() : before;
    const status = { observedGeneration: 1, conditions: [ready('True', 1)] };
    history.binding('web', {}, { generation: 2, status, atMs: EPOCH_MS + 1000 });
    history.knownAtWrite.set(history.kubeChanges.at(-1)!, known);
    return brokenConditions(history);
  };

  it('need not be spoken of', () => {
    expect(spokenOfLate(false)).toEqual([]);
  });

  it('keeps a status from saying Ready of the one before, once it has been seen', () => {
    expect(spokenOfLate(true)).toContainEqual(expect.stringContaining('FAIL0007'));
  });
});

describe('a status after another', () => {
  it('may change with its time, and stay with its time', () => {
    expect(
      written(
        [1, { conditions: [ready('True', 1)] }],
        [2, { conditions: [ready('True', 1)] }],
        [3, { conditions: [ready('False', 3), stalled(3)] }],
      ),
    ).toEqual([]);
  });

  it('has another time only where the condition’s status is another', () => {
    expect(written([1, { conditions: [ready('True', 1)] }], [2, { conditions: [ready('True', 2)] }])).toEqual([
      expect.stringContaining('lastTransitionTime of Ready moves'),
    ]);
  });

  it('has no time before the one that was there', () => {
    expect(
      written([5, { conditions: [ready('True', 5)] }], [6, { conditions: [ready('False', 4), stalled(6)] }]),
    ).toEqual([expect.stringContaining('lastTransitionTime of Ready goes back')]);
  });

  it('never speaks of an older generation', () => {
    expect(
      written(
        [1, { conditions: [ready('True', 1)] }],
        [2, { observedGeneration: 0, conditions: [ready('False', 2), stalled(2)] }],
      ),
    ).toEqual([expect.stringContaining('observedGeneration goes back')]);
  });
});

it('asks nothing of a status that others wrote', () => {
  const history = new History().binding('web', {}, { status: { conditions: [] } });
  history.kubeChanges.push({ ...history.kubeChanges.pop()!, by: 'user' });
  expect(brokenConditions(history)).toEqual([]);
});
