import { describe, expect, it } from 'vitest';

import { binding } from './objects.ts';
import { SECOND, World } from './world.ts';

/** A lease that is renewed, or not, as the test says. */
function leased(remaining: (asked: number) => number) {
  let asked = 0;
  const world = new World({ bindings: [binding('one')], leaseRemainingMs: () => remaining((asked += 1)) });
  return { world, renew: () => (remaining = () => Number.POSITIVE_INFINITY) };
}

describe('a pass whose lease has not been renewed in time', () => {
  it('puts nothing on record and sends nothing', async () => {
    const { world } = leased(() => 0);

    await world.pass();

    expect(world.take().filter((line) => /PATCH|ledger/.test(line))).toEqual([]);
    expect(world.waitMs).toBe(5 * SECOND);
  });

  it('goes on where it was when the lease is renewed, and nobody has been told of it', async () => {
    const { world, renew } = leased(() => 0);
    await world.pass();
    renew();

    await world.run(5 * SECOND);

    expect(world.assigned()).toEqual(['app']);
    expect(world.take().filter((line) => line.startsWith('status'))).toEqual(['status one: True Assigned 1/1']);
    expect(world.cluster.takeEvents().filter((event) => event.startsWith('Warning'))).toEqual([]);
  });

  it('takes back the intent that it could not follow', async () => {
    // Asked before it is put on record, and again right before it would be sent.
    const { world, renew } = leased((asked) => (asked === 1 ? Number.POSITIVE_INFINITY : 0));

    await world.pass();

    expect(world.takeWrites()).toEqual([]);
    expect(world.cluster.ledgerOf(world.key('web'))?.spec.entries ?? []).toEqual([]);
    renew();
    await world.run(5 * SECOND);
    expect(world.assigned()).toEqual(['app']);
  });
});
