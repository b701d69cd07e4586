import { describe, expect, it } from 'vitest';

import { SharedLease } from '../../../src/runtime/shared-lease.ts';
import { MemoryLease } from './memory-lease.ts';
import { VirtualClock } from './virtual-clock.ts';

const NEVER = new AbortController().signal;
const record = (holder: string, durationMs = 45_000) => ({
  holder,
  durationMs,
  acquiredAt: 0,
  renewedAt: 0,
  transitions: 0,
});

function setUp() {
  const lease = new MemoryLease(new VirtualClock());
  const [one, other] = [new SharedLease(lease.connect()), new SharedLease(lease.connect())];
  return { lease, one, other };
}

describe('a lease that is shared', () => {
  it('is renewed by each of those who have it, whoever did so last', async () => {
    const { lease, one, other } = setUp();
    const first = await one.write(record('all'), undefined, NEVER);
    await other.write(record('all'), first, NEVER);

    await one.write(record('all'), first, NEVER);

    expect(lease.history).toHaveLength(3);
  });

  it('is not taken from who has got it meanwhile', async () => {
    const { lease, one } = setUp();
    lease.write(record('theirs'), undefined);

    await expect(one.write(record('all'), undefined, NEVER)).rejects.toThrow('changed hands');

    expect(lease.record?.holder).toBe('theirs');
  });

  it('is not given back by one of them, for the others count on it', async () => {
    const { lease, one } = setUp();
    const first = await one.write(record('all'), undefined, NEVER);

    await one.write(record('', 1000), first, NEVER);

    expect(lease.record).toMatchObject({ holder: 'all', durationMs: 45_000 });
  });

  it('runs for as long as any of them counts on it', async () => {
    const { lease, one, other } = setUp();
    const first = await one.write(record('all', 60_000), undefined, NEVER);

    await other.write(record('all', 15_000), first, NEVER);

    expect(lease.record?.durationMs).toBe(60_000);
  });
});
