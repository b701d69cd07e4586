import { describe, expect, it } from 'vitest';

import { identity } from '../simulator/azure.ts';
import { binding } from './objects.ts';
import { faults, MINUTE, SECOND, World } from './world.ts';

/** A world in which `app` may be assigned only as these settings of its own say, and `bus` anywhere. */
function restricted(settings: object, location = 'westeurope'): World {
  const world = new World({ bindings: [binding('one', { userAssigned: ['app', 'bus'] })] });
  const properties = { principalId: 'p', clientId: 'c', tenantId: 't', ...settings };
  const body = { id: identity('app'), name: 'app', location, properties };
  world.fault(faults.getIdentity('app'), { kind: 'status', status: 200, body }, { count: null });
  return world;
}

describe('an identity that is restricted to other resources', () => {
  it.each([
    ['its assignmentRestrictions', { assignmentRestrictions: { providers: ['Microsoft.Web'] } }, 'westeurope'],
    ['its isolationScope', { isolationScope: 'Regional' }, 'eastus'],
  ])('by %s is refused without a write, says so, and holds up no other', async (setting, settings, location) => {
    const world = restricted(settings, location);

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +bus']);
    expect(world.identity('one', 'app')).toMatchObject({ state: 'Failed', reason: 'IdentityRefused' });
    expect(world.identity('one', 'app')?.message).toContain(setting.split(' ')[1]);
    expect(world.identity('one', 'bus')?.state).toBe('Assigned');
    expect(world.ready('one')?.reason).toBe('IdentityRefused');
  });

  it('is looked at again after five minutes, and attached once it may be', async () => {
    const world = restricted({ assignmentRestrictions: { providers: ['Microsoft.Web'] } });
    await world.pass();
    await world.run(4 * MINUTE);
    world.take();
    world.control.clearFaults();

    await world.run(MINUTE + SECOND);

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +app']);
    expect(world.identity('one', 'app')?.state).toBe('Assigned');
  });

  it('of another region is attached where it is not isolated to that', async () => {
    const world = restricted({ isolationScope: 'None' }, 'eastus');

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +app +bus']);
  });
});
