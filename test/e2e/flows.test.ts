import { afterAll, beforeAll } from 'vitest';

import { describeFlows, POLICY } from './flows.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ name: 'flows' });
  await world.allow(POLICY);
});
afterAll(() => world.close());

describeFlows(() => world);
