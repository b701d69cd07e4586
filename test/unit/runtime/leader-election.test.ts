import { describe, expect, it } from 'vitest';

import { LeaderElection, type Term } from '../../../src/runtime/leader-election.ts';
import { recordingLogger } from '../telemetry/recording-logger.ts';
import { type LeaseConnection, MemoryLease } from './memory-lease.ts';
import { fixedRandom, VirtualClock } from './virtual-clock.ts';

const LEASE_MS = 45_000;

/** One process that stands for election. */
class Candidate {
  readonly connection: LeaseConnection;
  readonly terms: Term[] = [];
  readonly told: boolean[] = [];
  readonly election: LeaderElection;
  failures = 0;
  lead: (term: Term) => Promise<void> = (term) =>
    new Promise((resolve) => {
      term.signal.addEventListener('abort', () => resolve(), { once: true });
    });

  constructor(identity: string, lease: MemoryLease, clock: VirtualClock) {
    this.connection = lease.connect();
    this.election = new LeaderElection({
      identity,
      durationMs: LEASE_MS,
      store: this.connection,
      clock,
      random: fixedRandom(0.5),
      logger: recordingLogger(),
      observer: { leading: (isLeader) => this.told.push(isLeader), renewalFailed: () => (this.failures += 1) },
      lead: async (term) => {
        this.terms.push(term);
        await this.lead(term);
      },
    });
    this.election.start();
  }

  get leads(): boolean {
    return this.terms.at(-1)?.signal.aborted === false;
  }

  /** For how long it may still write. */
  get mayWriteMs(): number {
    return this.terms.at(-1)?.remainingMs() ?? 0;
  }
}

function setUp() {
  const clock = new VirtualClock();
  const lease = new MemoryLease(clock);
  return { clock, lease, candidate: (name: string) => new Candidate(name, lease, clock) };
}

describe('a candidate', () => {
  it('leads at once where nobody does', async () => {
    const { clock, lease, candidate } = setUp();
    const a = candidate('a');

    await clock.advance(0);

    expect(a.leads).toBe(true);
    expect(a.told).toEqual([true]);
    expect(lease.record).toMatchObject({ holder: 'a', durationMs: LEASE_MS, transitions: 0 });
  });

  it('waits for as long as another renews its lease', async () => {
    const { clock, candidate } = setUp();
    const a = candidate('a');
    await clock.advance(0);
    const b = candidate('b');

    await clock.advance(3_600_000);

    expect([a.leads, b.leads]).toEqual([true, false]);
    expect(a.terms).toHaveLength(1);
  });

  it('takes over when a leader is gone for the whole of its lease, and not before', async () => {
    const { clock, candidate } = setUp();
    const a = candidate('a');
    await clock.advance(0);
    const b = candidate('b');
    await clock.advance(0);
    a.connection.weather = 'hanging';

    await clock.advance(LEASE_MS - 1000);
    expect(b.leads).toBe(false);
    await clock.advance(1000 + 6000);

    expect(b.leads).toBe(true);
  });

  it('counts from when it saw the lease renewed, not from the time that the other wrote into it', async () => {
    const { clock, lease, candidate } = setUp();
    lease.write({ holder: 'fast', durationMs: LEASE_MS, acquiredAt: 0, renewedAt: 0, transitions: 3 }, undefined);
    const b = candidate('b');

    await clock.advance(LEASE_MS - 1);
    expect(b.leads).toBe(false);
    await clock.advance(6000);

    expect(b.leads).toBe(true);
    expect(lease.record).toMatchObject({ holder: 'b', transitions: 4 });
  });

  it('takes over at the next look when a lease is given back', async () => {
    const { clock, lease, candidate } = setUp();
    const a = candidate('a');
    await clock.advance(0);
    const b = candidate('b');
    await clock.advance(0);

    await a.election.stop();
    expect(lease.record?.holder).toBe('');
    await clock.advance(6000);

    expect(b.leads).toBe(true);
  });

  it('is one of two that ask at the same moment', async () => {
    const { clock, candidate } = setUp();
    const [a, b] = [candidate('a'), candidate('b')];
    for (const each of [a, b]) each.connection.latencyMs = 50;

    await clock.advance(20_000);

    expect([a.leads, b.leads].filter(Boolean)).toHaveLength(1);
  });

  it('leads when the answer to its own claim was lost', async () => {
    const { clock, candidate } = setUp();
    const a = candidate('a');
    a.connection.weather = 'answersLost';
    await clock.advance(1000);
    expect(a.leads).toBe(false);
    a.connection.weather = 'fair';

    await clock.advance(30_000);

    expect(a.leads).toBe(true);
    expect(a.terms).toHaveLength(1);
  });

  it('goes on asking while the store cannot be reached', async () => {
    const { clock, candidate } = setUp();
    const a = candidate('a');
    a.connection.weather = 'cut';
    await clock.advance(600_000);
    a.connection.weather = 'fair';

    await clock.advance(6000);

    expect(a.leads).toBe(true);
  });
});

describe('a leader', () => {
  it('stays leader through outages shorter than the renewal deadline', async () => {
    const { clock, candidate } = setUp();
    const a = candidate('a');
    await clock.advance(0);

    for (let outage = 0; outage < 10; outage += 1) {
      a.connection.weather = 'cut';
      await clock.advance(20_000);
      a.connection.weather = 'fair';
      await clock.advance(10_000);
    }

    expect(a.terms).toHaveLength(1);
    expect(a.failures).toBeGreaterThan(10);
  });

  it('ends its term at the deadline, while nobody else can have the lease yet', async () => {
    const { clock, candidate } = setUp();
    const a = candidate('a');
    await clock.advance(0);
    a.connection.weather = 'hanging';

    await clock.advance((LEASE_MS * 2) / 3 + 5000);

    expect(a.leads).toBe(false);
    expect(a.told).toEqual([true, false]);
    expect(a.mayWriteMs).toBe(0);
  });

  it('becomes a candidate again, and leads again when the store is back', async () => {
    const { clock, candidate } = setUp();
    const a = candidate('a');
    await clock.advance(0);
    a.connection.weather = 'cut';
    await clock.advance(600_000);
    expect(a.leads).toBe(false);
    a.connection.weather = 'fair';

    await clock.advance(10_000);

    expect(a.leads).toBe(true);
    expect(a.terms).toHaveLength(2);
  });

  it('ends its term at once when it sees that another has the lease', async () => {
    const { clock, lease, candidate } = setUp();
    const a = candidate('a');
    await clock.advance(0);
    lease.write({ ...lease.record!, holder: 'thief' }, lease.record);

    await clock.advance(6000);

    expect(a.leads).toBe(false);
  });

  it('goes on when someone has merely annotated its lease', async () => {
    const { clock, lease, candidate } = setUp();
    const a = candidate('a');
    await clock.advance(0);
    lease.write({ ...lease.record! }, lease.record);

    await clock.advance(60_000);

    expect(a.leads).toBe(true);
    expect(a.terms).toHaveLength(1);
  });

  it('does not begin another term before its work of the last one has ended', async () => {
    const { clock, candidate } = setUp();
    const a = candidate('a');
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const { lead } = a;
    a.lead = () => promise;
    await clock.advance(0);
    a.lead = lead;
    a.connection.weather = 'cut';
    await clock.advance(60_000);
    a.connection.weather = 'fair';
    await clock.advance(60_000);
    expect(a.terms).toHaveLength(1);

    resolve(undefined);
    await clock.advance(6000);

    expect(a.terms).toHaveLength(2);
  });

  it.each<[string, () => Promise<void>]>([
    ['throws', () => Promise.reject(new Error('broken'))],
    ['comes to an end', () => Promise.resolve()],
  ])('gives the lease back when its work %s, so that another may lead', async (_how, lead) => {
    const { clock, lease, candidate } = setUp();
    const a = candidate('a');
    a.lead = lead;
    await clock.advance(0);
    expect(a.leads).toBe(false);
    expect(lease.record).toMatchObject({ holder: '' });
    const b = candidate('b');

    await clock.advance(60_000);

    expect(b.leads).toBe(true);
    expect(a.terms).toHaveLength(1);
    expect(a.told).toEqual([true, false]);
  });

  it('tries again, and not in a hot loop, when its work ends and there is no other', async () => {
    const { clock, candidate } = setUp();
    const a = candidate('a');
    a.lead = () => Promise.reject(new Error('broken'));

    await clock.advance(60_000);

    expect(a.terms.length).toBeGreaterThan(3);
    expect(a.terms.length).toBeLessThan(15);
  });

  it('keeps the lease until it is stopped, and gives it back last', async () => {
    const { clock, lease, candidate } = setUp();
    const a = candidate('a');
    await clock.advance(100_000);

    await a.election.stop();

    expect(a.leads).toBe(false);
    expect(lease.history.at(-1)).toMatchObject({ holder: '', durationMs: 1000 });
    expect(clock.pending).toBe(0);
  });

  it('ends without a word when the lease cannot be given back', async () => {
    const { clock, candidate } = setUp();
    const a = candidate('a');
    await clock.advance(0);
    a.connection.weather = 'cut';

    await a.election.stop();

    expect(a.leads).toBe(false);
  });

  it('counts what it may still write from when its renewal was sent, not from when it was answered', async () => {
    const { clock, candidate } = setUp();
    const a = candidate('a');
    // Read by the second 2, renewed by a request that is sent then and answered at the second 6.
    a.connection.latencyMs = 2000;

    await clock.advance(9000);

    expect(a.leads).toBe(true);
    expect(a.mayWriteMs).toBe(LEASE_MS - 7000);
  });
});
