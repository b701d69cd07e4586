import { describe, expect, it } from 'vitest';

import { binding } from './objects.ts';
import { faults, HOUR, MINUTE, World } from './world.ts';

const NO_PROVIDER = { kind: 'status', status: 400, code: 'NoRegisteredProviderFound' } as const;
const OTHER_TENANT = { kind: 'status', status: 401, code: 'InvalidAuthenticationTokenTenant' } as const;

/** Two scale sets, each bound, and Azure refuses the way the operator is set up. */
function misconfigured(...effects: readonly (typeof NO_PROVIDER | typeof OTHER_TENANT)[]): World {
  const world = new World({
    scaleSets: [{ name: 'api' }],
    bindings: [binding('one'), binding('two', { scaleSet: 'api' })],
  });
  for (const effect of effects) world.fault({ method: 'GET', path: 'virtualMachineScaleSets/' }, effect, { count: 4 });
  return world;
}

const told = (world: World): readonly string[] =>
  world.logger.entries.filter(({ level }) => level === 'error').map(({ message }) => message);

describe('a fault of the operator itself', () => {
  it('is one line of the log, however many scale sets meet it, and however often', async () => {
    const world = misconfigured(NO_PROVIDER);

    await world.pass('web');
    await world.pass('api');
    await world.run(6 * MINUTE);

    expect(told(world)).toEqual([expect.stringContaining('--arm-api-version')]);
  });

  it('is told again when it is another one', async () => {
    const world = misconfigured(NO_PROVIDER, OTHER_TENANT);

    await world.pass('web');
    await world.run(HOUR);

    expect(told(world)).toEqual([expect.stringContaining('--arm-api-version'), expect.stringContaining('tenant')]);
  });

  it('is an event and a reason on each binding that it keeps from being served', async () => {
    const world = misconfigured(NO_PROVIDER);

    await world.pass('web');
    await world.pass('api');

    expect(world.cluster.takeEvents()).toEqual([
      expect.stringContaining('Warning OperatorMisconfigured one: '),
      expect.stringContaining('Warning OperatorMisconfigured two: '),
    ]);
    expect(world.ready('two')).toMatchObject({ status: 'False', reason: 'OperatorMisconfigured' });
  });

  it('is not what a fault of the scale set is', async () => {
    const world = new World({ bindings: [binding('one')] });
    world.fault(faults.patch, { kind: 'status', status: 409, code: 'ScopeLocked' });

    await world.pass();

    expect(told(world)).toEqual([]);
  });
});
