import { describe, expect, it } from 'vitest';

import type { Clock } from '../../../src/runtime/clock.ts';
import { ShardFleet } from './shard-fleet.ts';
import { LEASE_MS, type ShardMember } from './shard-member.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** Longer than any lease is left to others, and shorter than it takes to run out. */
const SHARED_OUT_MS = LEASE_MS / 2;

const numbersOf = (...members: readonly ShardMember[]): readonly number[] => members.map(({ leads }) => leads.length);
const allOf = (...members: readonly ShardMember[]): readonly number[] =>
  members.flatMap(({ leads }) => leads).toSorted((one, other) => one - other);

describe('a process that is alone', () => {
  it('leads all shards before long', async () => {
    const fleet = new ShardFleet();
    const alone = fleet.start(32);

    await fleet.runFor(LEASE_MS / 3 + 1000);

    expect(alone.leads).toHaveLength(32);
  });
});

describe('processes that begin together', () => {
  it.each([
    [3, 3],
    [2, 4],
    [3, 32],
  ])('share the shards: %i of them, of %i', async (processes, shards) => {
    const fleet = new ShardFleet();
    const members = Array.from({ length: processes }, () => fleet.start(shards));

    await fleet.runFor(SHARED_OUT_MS);

    expect(allOf(...members)).toEqual(Array.from({ length: shards }, (_, shard) => shard));
    // To a fair part belongs luck: nobody has less than half of it.
    expect(Math.min(...numbersOf(...members))).toBeGreaterThanOrEqual(shards / processes / 2);
  });
});

describe('the shards of one that has died', () => {
  it('are taken over by the others, and by who leads least first', async () => {
    const fleet = new ShardFleet();
    const dying = fleet.start(3);
    await fleet.runFor(1000);
    const busy = fleet.start(3);
    await fleet.runFor(SHARED_OUT_MS);
    expect(numbersOf(dying, busy)).toEqual([2, 1]);
    const idle = fleet.start(3);
    await fleet.runFor(1000);

    fleet.cutOff(dying);
    await fleet.runFor(LEASE_MS + SHARED_OUT_MS);

    expect(allOf(busy, idle)).toEqual([0, 1, 2]);
    expect(idle.leads.length).toBeGreaterThan(0);
  });

  it('stay with who has taken them when it comes back', async () => {
    const fleet = new ShardFleet();
    const first = fleet.start(2);
    await fleet.runFor(SHARED_OUT_MS);
    await fleet.stop(first);
    const second = fleet.start(2);
    await fleet.runFor(SHARED_OUT_MS);

    const back = fleet.start(2);
    await fleet.runFor(3 * LEASE_MS);

    expect(numbersOf(second, back)).toEqual([2, 0]);
  });
});

describe('a process that retires', () => {
  it('goes on leading what it leads, and takes nothing more', async () => {
    const fleet = new ShardFleet();
    const [retiring, other] = [fleet.start(2), fleet.start(2)];
    await fleet.runFor(SHARED_OUT_MS);
    retiring.retire();

    await fleet.stop(other);
    await fleet.runFor(2 * LEASE_MS);

    expect(numbersOf(retiring)).toEqual([1]);
  });
});

describe('another number of shards', () => {
  it('waits for as long as any process of the old one is left, and is then in force', async () => {
    const fleet = new ShardFleet();
    const old = [fleet.start(3), fleet.start(3)];
    await fleet.runFor(SHARED_OUT_MS);
    const next = [fleet.start(2), fleet.start(2)];
    await fleet.runFor(3 * LEASE_MS);
    await fleet.stop(old[0]!);
    await fleet.runFor(3 * LEASE_MS);
    expect(numbersOf(...next)).toEqual([0, 0]);
    expect(allOf(old[1]!)).toEqual([0, 1, 2]);

    await fleet.stop(old[1]!);
    await fleet.runFor(LEASE_MS + SHARED_OUT_MS);

    expect(numbersOf(...next)).toEqual([1, 1]);
    expect(fleet.inForce).toEqual([3, 2]);
  });

  it.each([
    ['one shard', 1, 3],
    ['several', 3, 2],
    ['several, and one comes', 3, 1],
  ])('takes over in a roll-out, one by one, from %s', async (_, before, after) => {
    const fleet = new ShardFleet();
    const old = [fleet.start(before), fleet.start(before), fleet.start(before)];
    await fleet.runFor(SHARED_OUT_MS);
    const next: ShardMember[] = [];
    for (const member of old) {
      next.push(fleet.start(after));
      await fleet.runFor(5000);
      await fleet.stop(member);
    }

    await fleet.runFor(2 * LEASE_MS);

    expect(allOf(...next)).toEqual(Array.from({ length: after }, (__, shard) => shard));
    expect(fleet.inForce).toEqual([before, after]);
  });

  it('is in force within seconds where one leader gives its only lease back', async () => {
    const fleet = new ShardFleet();
    const old = fleet.start(1);
    await fleet.runFor(1000);
    const next = fleet.start(2);
    await fleet.runFor(1000);

    await fleet.stop(old);
    await fleet.runFor(SHARED_OUT_MS);

    expect(next.leads).toHaveLength(2);
  });
});

describe('a process that stands still', () => {
  /** Its clocks go on, and none of its timers fires. */
  function stalling(clock: VirtualClock): { readonly clock: Clock; stall(ms: number): void } {
    let stalledMs = 0;
    return {
      clock: {
        now: () => clock.now() + stalledMs,
        monotonicMs: () => clock.monotonicMs() + stalledMs,
        setTimer: (delayMs, fire) => clock.setTimer(delayMs, fire),
        sleep: (delayMs, signal) => clock.sleep(delayMs, signal),
        turn: () => clock.turn(),
        timeoutSignal: (delayMs, parent) => clock.timeoutSignal(delayMs, parent),
      },
      stall: (ms) => (stalledMs += ms),
    };
  }

  it('may not write any more past the lease that all share, however lately it has renewed its own', async () => {
    const fleet = new ShardFleet();
    const { clock, stall } = stalling(fleet.clock);
    const member = fleet.start(2, { clock });
    await fleet.runFor(SHARED_OUT_MS);
    expect(member.leads).toHaveLength(2);

    // The common lease is not renewed any more, while those of the shards are.
    fleet.leases.cutOff(member.name, 'operator');
    await fleet.runFor(LEASE_MS / 2);
    expect(member.leads).toHaveLength(2);
    stall(LEASE_MS / 2);

    expect(member.leads).toEqual([]);
  });
});
