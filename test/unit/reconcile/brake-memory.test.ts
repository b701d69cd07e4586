import { describe, expect, it } from 'vitest';

import { identity } from '../simulator/azure.ts';
import { binding, identityIds, scaleSet } from './objects.ts';
import { MINUTE, World } from './world.ts';

describe('what the brakes have counted', () => {
  it('is counted from nothing in a new term: removals by others', async () => {
    const world = new World({ bindings: [binding('one', { userAssigned: ['app', 'bus'] })] });
    await world.pass();
    const strip = async (): Promise<void> => {
      await world.clock.advance(MINUTE);
      world.control.drift(scaleSet(), { kind: 'Strip', identities: [identity('app')] });
      await world.pass();
    };
    await strip();
    await strip();
    world.restart();
    await strip();

    expect(world.assigned()).toEqual(['app', 'bus']);
    expect(world.ready('one')?.reason).toBe('Assigned');
  });

  it('is counted from nothing in a new term: what was detached', async () => {
    const world = new World({ bindings: [binding('one', { userAssigned: ['app', 'bus', 'cdn'] })], detachLimit: 2 });
    await world.pass();
    world.cluster.edit('one', { userAssigned: identityIds([]) });
    await world.pass();
    const before = world.assigned();
    const reason = world.ready('one')?.reason;
    world.restart();

    await world.pass();

    expect(before).toHaveLength(1);
    expect(reason).toBe('DetachLimitReached');
    expect(world.assigned()).toEqual([]);
  });
});
