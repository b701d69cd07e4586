import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { LeaderElection, type Term } from '../../../src/runtime/leader-election.ts';
import { recordingLogger } from '../telemetry/recording-logger.ts';
import { type LeaseConnection, MemoryLease, type Weather } from './memory-lease.ts';
import { seededRandom, VirtualClock } from './virtual-clock.ts';

const LEASE_MS = 45_000;

interface Member {
  readonly connection: LeaseConnection;
  readonly election: LeaderElection;
  term?: Term;
}

const weather = fc.constantFrom<Weather>('fair', 'fair', 'cut', 'hanging', 'answersLost');
const change = fc.record({
  member: fc.nat(2),
  weather,
  latencyMs: fc.constantFrom(0, 100, 4000),
  forMs: fc.integer({ min: 100, max: 60_000 }),
});

describe('three candidates, whatever becomes of their requests', () => {
  it('are never two who may write at the same time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.array(change, { maxLength: 12 }), async (seed, changes) => {
        const clock = new VirtualClock();
        const lease = new MemoryLease(clock);
        const members = ['a', 'b', 'c'].map((identity, index): Member => {
          const connection = lease.connect();
          const election = new LeaderElection({
            identity,
            durationMs: LEASE_MS,
            store: connection,
            clock,
            random: seededRandom(seed + index),
            logger: recordingLogger(),
            lead: (term) => {
              member.term = term;
              return new Promise((resolve) => {
                term.signal.addEventListener('abort', () => resolve(), { once: true });
              });
            },
          });
          const member: Member = { connection, election };
          return member;
        });
        for (const { election } of members) election.start();
        for (const { member, weather: now, latencyMs, forMs } of changes) {
          const { connection } = members[member]!;
          connection.weather = now;
          connection.latencyMs = latencyMs;
          for (let passed = 0; passed < forMs; passed += 500) {
            await clock.advance(500);
            const writing = members.filter(({ term }) => (term?.remainingMs() ?? 0) > 0);
            expect(writing.length).toBeLessThanOrEqual(1);
            // Who may write has not been told that its term is over.
            expect(writing.filter(({ term }) => term?.signal.aborted)).toEqual([]);
          }
        }
        for (const { connection } of members) {
          connection.weather = 'fair';
          connection.latencyMs = 0;
        }
        await clock.advance(2 * LEASE_MS);
        expect(members.filter(({ term }) => (term?.remainingMs() ?? 0) > 0)).toHaveLength(1);
        const stopping = members.map(({ election }) => election.stop());
        await clock.advance(LEASE_MS);
        await Promise.all(stopping);
      }),
      { numRuns: 40 },
    );
  });
});
