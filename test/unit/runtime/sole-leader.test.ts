import { describe, expect, it } from 'vitest';

import { whenAborted } from '../../../src/runtime/aborted.ts';
import type { Term } from '../../../src/runtime/leader-election.ts';
import { SoleLeader } from '../../../src/runtime/sole-leader.ts';

describe('a leader without a lease', () => {
  it('leads once, for as long as it is not stopped', async () => {
    const terms: Term[] = [];
    const leader = new SoleLeader(async (term) => {
      terms.push(term);
      await whenAborted(term.signal);
    });
    leader.start();
    leader.start();

    expect(terms).toHaveLength(1);
    expect(terms[0]!.remainingMs()).toBe(Number.POSITIVE_INFINITY);
    expect(terms[0]!.signal.aborted).toBe(false);

    await leader.stop();
    expect(terms[0]!.signal.aborted).toBe(true);
  });

  it('does not lead any more after the stop, nor when it is stopped before the start', async () => {
    const terms: Term[] = [];
    const leader = new SoleLeader((term) => {
      terms.push(term);
      return Promise.resolve();
    });
    await leader.stop();
    leader.start();

    expect(terms).toEqual([]);
  });

  it('stops when its work has ended', async () => {
    const order: string[] = [];
    const leader = new SoleLeader(async ({ signal }) => {
      await whenAborted(signal);
      await Promise.resolve();
      order.push('work ended');
    });
    leader.start();
    await leader.stop();
    order.push('stopped');

    expect(order).toEqual(['work ended', 'stopped']);
  });
});

describe('waiting for a signal', () => {
  it('ends at once when it has aborted already', async () => {
    await expect(whenAborted(AbortSignal.abort())).resolves.toBeUndefined();
  });
});
