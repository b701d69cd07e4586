import { describe, expect, it } from 'vitest';

import { ARRAY_API_VERSION } from '../../../src/config/api-versions.ts';
import { binding } from './objects.ts';
import { SECOND, World } from './world.ts';

describe('a write that is read again right before, because no etag guards it', () => {
  it('waits for the turn of that read before anything is put on record', async () => {
    // A hundredth of 2,400 reads in the region: one for each of the others, and two for `web`.
    const names = Array.from({ length: 22 }, (_, index) => `other-${String(index)}`);
    const world = new World({
      scaleSets: names.map((name) => ({ name, identity: { userAssigned: ['app'] } })),
      bindings: [binding('one'), ...names.map((name) => binding(`of-${name}`, { scaleSet: name }))],
      budgetShare: 0.01,
      apiVersion: ARRAY_API_VERSION,
    });
    for (const name of names) await world.pass(name);
    world.take();

    await world.pass();
    const before = world.take();
    await world.run(8 * SECOND);

    expect(before).toEqual(['GET web', 'GET web']);
    expect(world.take()).toEqual([
      'finalizer on one',
      'ledger: Attaching app for one; operation',
      'PATCH web UserAssigned +app',
    ]);
    expect(world.assigned()).toEqual(['app']);
  });
});
