import { describe, expect, it } from 'vitest';

import { binding, identityIds, scaleSet } from './objects.ts';
import { tooMany } from './too-many.ts';
import { MINUTE, SECOND, World } from './world.ts';

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

describe('a detach whose turn comes late', () => {
  const WRITES = 'VMScaleSetActionsSubscriptionMaximum';

  it('is planned on a new read: under the name and etag of before there may be another scale set', async () => {
    const world = new World({
      scaleSets: [{ name: 'api' }],
      bindings: [
        binding('one', { userAssigned: ['app', 'bus'] }),
        binding('two', { scaleSet: 'api', userAssigned: ['cdn'] }),
      ],
      budgetShare: 0.5,
    });
    await world.list();
    await world.pass();
    await world.run(MINUTE);
    world.fault({ method: 'PATCH', path: 'virtualMachineScaleSets/api$' }, tooMany(WRITES, 300));
    await world.pass('api');
    world.cluster.edit('one', { userAssigned: identityIds(['app']) });
    await world.pass();
    const before = world.control.scaleSet(scaleSet('web'));
    while (world.control.scaleSet(scaleSet('web')).etag !== before.etag || before.uniqueId === uniqueIdIn(world)) {
      if (before.uniqueId === uniqueIdIn(world)) world.control.replaceScaleSet(scaleSet('web'));
      else world.control.drift(scaleSet('web'), { kind: 'Scale', capacity: 2 });
    }

    await world.run(6 * MINUTE);

    expect(world.assigned()).toEqual(['app', 'bus']);
  });
});

const uniqueIdIn = (world: World): string => world.control.scaleSet(scaleSet('web')).uniqueId;
