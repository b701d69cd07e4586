import { describe, expect, it } from 'vitest';

import { type Ideal, idealOf, type IdealOptions } from '../../../dev/bench/ideal/ideal.ts';
import type { FleetPart } from '../../../dev/bench/ideal/least-requests.ts';

const part = (scaleSets: number, change: Partial<FleetPart> = {}): FleetPart => ({
  subscription: 'one',
  location: 'westeurope',
  scaleSets,
  identitiesPerSet: 1,
  ...change,
});

const ideal = (fleet: readonly FleetPart[], change: Partial<IdealOptions> = {}): Ideal =>
  idealOf({ fleet, share: 0.5, latencyMs: 50, pageSize: 100, operationMs: 0, ...change });

const waitsOf = ({ buckets }: Ideal): Readonly<Record<string, number>> =>
  Object.fromEntries(buckets.map(({ policy, waitMs }) => [policy, waitMs]));

describe('the ideal time of a fleet', () => {
  it('is a list and a write where no limit counts', () => {
    expect(ideal([part(80)], { share: 0 })).toMatchObject({ totalMs: 100, slowest: undefined, buckets: [] });
  });

  it('has the pages of a list one after another, and those of several subscriptions at once', () => {
    const fleet = [part(1000), part(250, { subscription: 'two' })];
    expect(ideal(fleet, { share: 0 }).totalMs).toBe(10 * 50 + 50);
  });

  it('lists a subscription once, in however many regions its scale sets lie', () => {
    const fleet = [part(60), part(60, { location: 'northeurope' })];
    expect(ideal(fleet, { share: 0 })).toMatchObject({ totalMs: 2 * 50 + 50, reads: 2 + 1, writes: 120 });
  });

  it('has an operation go on after the last write', () => {
    expect(ideal([part(80)], { share: 0, operationMs: 6000 }).totalMs).toBe(100 + 6000);
  });

  it('waits for the assignments of a subscription and region', () => {
    // Half of 300 at once, and half of 15 a second.
    const waitMs = ((200 - 150) / 7.5) * 1000;
    const { totalMs, slowest } = ideal([part(200)]);
    expect(slowest).toMatchObject({ policy: 'IdentityAssignment', tokens: 200, location: 'westeurope' });
    expect(slowest?.waitMs).toBeCloseTo(waitMs);
    expect(totalMs).toBeCloseTo(waitMs + 2 * 50);
  });

  it('waits for the changes of scale sets in a region where they are more', () => {
    // Half of 1,500 at once, and half of 500 a minute.
    const { slowest } = ideal([part(10_000)]);
    expect(slowest?.policy).toBe('VMScaleSetActionsSubscriptionMaximum');
    expect(slowest?.waitMs).toBeCloseTo(((10_000 - 750) / 250) * 60_000);
  });

  it('waits for the assignments of the tenant where many subscriptions share them', () => {
    const fleet = Array.from({ length: 10 }, (_, index) => part(100, { subscription: `number-${index}` }));
    // Half of 400 at once, and half of 20 a second.
    const { slowest } = ideal(fleet);
    expect(slowest).toMatchObject({ policy: 'IdentityAssignmentOfTenant', subscription: '', tokens: 1000 });
    expect(slowest?.waitMs).toBeCloseTo(((1000 - 200) / 10) * 1000);
  });

  it('counts each identity of a write', () => {
    expect(waitsOf(ideal([part(100, { identitiesPerSet: 3 })]))['IdentityAssignment']).toBeCloseTo(
      ((300 - 150) / 7.5) * 1000,
    );
  });

  it('waits for no bucket that is not emptied', () => {
    expect(ideal([part(100)])).toMatchObject({ totalMs: 100, slowest: undefined });
    expect(waitsOf(ideal([part(100)]))).toEqual({
      ArmReads: 0,
      HighCostGetVMScaleSet: 0,
      ArmWrites: 0,
      VMScaleSetActionsSubscriptionMaximum: 0,
      IdentityAssignment: 0,
      IdentityAssignmentOfTenant: 0,
    });
  });

  it('tells of no slowest bucket where latency and operations take longer', () => {
    expect(ideal([part(10)], { operationMs: 6000 })).toMatchObject({ totalMs: 6100, slowest: undefined });
  });

  it('waits for the writes of the principal where all that is shared is its own', () => {
    // Of 200 at once those that come back in a second are not counted on.
    const { slowest } = ideal([part(2000)], { share: 1 });
    expect(slowest?.policy).toBe('ArmWrites');
    expect(slowest?.waitMs).toBeCloseTo(((2000 - 190) / 10) * 1000);
  });

  it('looks at no operation where the reply says that it is done', () => {
    expect(ideal([part(1000)])).toMatchObject({ reads: 10 + 1, writes: 1000 });
  });

  it('looks at many operations by one more list', () => {
    expect(ideal([part(1000)], { operationMs: 6000 })).toMatchObject({ reads: 10 + 1 + 10, writes: 1000 });
  });

  it('looks at few operations one by one', () => {
    const { reads, buckets } = ideal([part(50)], { operationMs: 6000 });
    expect(reads).toBe(1 + 1 + 50);
    expect(buckets.map(({ policy }) => policy)).toContain('GetOperationSubscriptionMaximum');
  });

  it('looks at operations in the way that is told', () => {
    expect(ideal([part(1000)], { operationMs: 6000, watchedByList: false }).reads).toBe(10 + 1 + 1000);
    expect(ideal([part(50)], { operationMs: 6000, watchedByList: true }).reads).toBe(1 + 1 + 1);
  });

  it('waits for the reads of a subscription where polls empty it', () => {
    const polled = ideal([part(1000)], { operationMs: 6000, watchedByList: false });
    // Of 250 at once those that come back in a second are not counted on.
    expect(waitsOf(polled)['ArmReads']).toBeCloseTo(((1011 - 225) / 25) * 1000);
  });

  it('is as long as its slowest bucket, or as latency and operations', () => {
    for (const scaleSets of [1, 60, 200, 5000]) {
      const { totalMs, buckets } = ideal([part(scaleSets)], { operationMs: 1000 });
      const pages = Math.ceil(scaleSets / 100);
      expect(totalMs).toBe(Math.max(pages * 50 + 50 + 1000, ...buckets.map(({ doneMs }) => doneMs)));
    }
  });
});
