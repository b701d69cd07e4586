import { describe, expect, it } from 'vitest';

import { binding } from './objects.ts';
import { SECOND, World } from './world.ts';

/** So much after a throttle each request has to wait for the one before it. */
const TOO_MANY = {
  kind: 'status',
  status: 429,
  code: 'TooManyRequests',
  headers: { 'retry-after': '20' },
} as const;

describe('looks at identities that have to wait for their turn', () => {
  it('are not asked anew because of the wait for the next one', async () => {
    const world = new World({
      bindings: [binding('one', { userAssigned: ['app', 'bad', 'bus'] })],
      budgetShare: 0.5,
    });
    world.fault({ method: 'GET', path: 'userAssignedIdentities/bad$' }, TOO_MANY);

    await world.pass();
    await world.run(30 * SECOND);

    expect(world.assigned()).toEqual(['app', 'bus']);
    const reads = world.control.requests().filter(({ path }) => path.includes('userAssignedIdentities/'));
    expect(reads.length).toBeLessThanOrEqual(8);
  });
});
