import { describe, expect, it } from 'vitest';

import type { Fleet } from './layout.ts';
import { type FleetRun, runFleet } from './run-fleet.ts';

const small: Fleet = {
  subscriptions: 3,
  scaleSets: 5,
  identities: 2,
  locations: 2,
  latencyMs: 50,
  kubeLatencyMs: 5,
  operationMs: 0,
  pageSize: 2,
  share: 0.5,
  concurrency: 4,
};

const THREE_INTERVALS_MS = 33 * 60_000;

const run = (change: Partial<Fleet> = {}): Promise<FleetRun> =>
  runFleet({ ...small, ...change }, { restMs: THREE_INTERVALS_MS });

/** What holds of any fleet, however long it takes. */
function expectFrugal({ ideal, convergedMs, ...rest }: FleetRun, scaleSets: number): void {
  expect(rest).toMatchObject({ isAsWanted: true, throttled: 0, extraWrites: 0, complaints: {} });
  expect(rest.atRest).toMatchObject({ armWrites: 0, kubeWrites: 0 });
  expect(rest.arm.writes.total).toBe(scaleSets);
  expect(ideal.writes).toBe(scaleSets);
  expect(convergedMs / ideal.totalMs).toBeGreaterThanOrEqual(1);
}

describe('a fleet', () => {
  it('is served with one write for each scale set, and written to by nobody when all is done', async () => {
    expectFrugal(await run(), 15);
  });

  it('is served with one write for each scale set where operations take their time', async () => {
    const fleet = await run({ operationMs: 6000 });
    expectFrugal(fleet, 15);
    expect(fleet.convergedMs).toBeGreaterThan(6000);
  });

  it('is served within a fiftieth of the ideal where the limits decide', async () => {
    const fleet = await run({ subscriptions: 2, scaleSets: 400, identities: 1, locations: 1, pageSize: 100 });
    expectFrugal(fleet, 800);
    expect(fleet.ideal.slowest?.policy).toBe('IdentityAssignmentOfTenant');
    expect(fleet.convergedMs / fleet.ideal.totalMs).toBeLessThan(1.02);
    expect(fleet.arm.reads.total / fleet.arm.writes.total).toBeLessThan(1.5);
  });
});
