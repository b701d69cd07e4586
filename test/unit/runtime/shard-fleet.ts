/** Processes that stand for election in shards, over leases in memory, on one virtual clock. */
import { expect } from 'vitest';

import { InterleavedLeases } from './interleaved-leases.ts';
import { LEASE_MS, type MemberOptions, overlapOf, ShardMember } from './shard-member.ts';
import { seededRandom, settle, VirtualClock } from './virtual-clock.ts';

export class ShardFleet {
  readonly clock = new VirtualClock();
  readonly leases = new InterleavedLeases();
  readonly members: ShardMember[] = [];
  readonly #random: ReturnType<typeof seededRandom>;
  readonly #cutOff = new Set<ShardMember>();
  /** Numbers of shards that were in force, in order. */
  readonly inForce: number[] = [];

  constructor(seed = 1) {
    this.#random = seededRandom(seed);
  }

  start(
    shards: number,
    { durationMs = LEASE_MS, clock = this.clock }: Partial<Pick<MemberOptions, 'durationMs' | 'clock'>> = {},
  ): ShardMember {
    const name = `member-${String(this.members.length)}`;
    const store = (lease: string) => this.leases.store(name, lease);
    const member = new ShardMember({ name, shards, clock, seed: this.members.length + 1, durationMs, store });
    this.members.push(member);
    return member;
  }

  cutOff(member: ShardMember): void {
    this.#cutOff.add(member);
    this.leases.cutOff(member.name);
  }

  isThere(member: ShardMember): boolean {
    return !member.hasStopped && !this.#cutOff.has(member);
  }

  /** Something of what may be next happens. @param slowness how likely time passes although something waits */
  async step(slowness: number): Promise<void> {
    await settle();
    const { waiting } = this.leases;
    if (waiting === 0 || this.#random.next() < slowness) await this.clock.advance(this.clock.nextInMs ?? 1000);
    else this.leases.proceed(Math.floor(this.#random.next() * waiting));
    await settle();
    expect(overlapOf(this.members)).toEqual([]);
    const now = this.members.find(({ leads }) => leads.length > 0)?.shards;
    if (now !== undefined && this.inForce.at(-1) !== now) this.inForce.push(now);
  }

  /** Lets time pass, in which every request is answered at once. */
  async runFor(ms: number): Promise<void> {
    const untilMs = this.clock.monotonicMs() + ms;
    while (this.clock.monotonicMs() < untilMs) await this.step(0);
  }

  /** Ends one in good order. */
  async stop(member: ShardMember): Promise<void> {
    const stopping = { hasEnded: false };
    void member.stop().finally(() => (stopping.hasEnded = true));
    while (!stopping.hasEnded) await this.step(0);
  }
}
