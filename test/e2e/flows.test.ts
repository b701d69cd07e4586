import { afterAll, beforeAll } from 'vitest';

import { describeFlows } from './flows.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ name: 'flows' });
});
afterAll(() => world.close());

describeFlows(() => world);
