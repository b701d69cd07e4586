/**
 * What somebody changes while a status is on its way: the answer to the status shows the change, and its own event is older
 * than that when it comes. It must not go unseen: nobody looks at a suspended binding again by himself.
 */
import { describe, expect, it } from 'vitest';

import { BINDING } from '../../../src/api/types.ts';
import { NAMESPACE } from '../names.ts';
import { beginningOf, World } from '../world.ts';

const beginning = beginningOf();
const IN_ONE = { userAssigned: ['one'] };

/** A world in which that happens just before the first status of a suspended binding arrives. */
function overtaken(happens: (world: World) => void): World {
  const world = new World(beginning, { flags: ['--leader-elect=false'] });
  let isDone = false;
  world.scheduler.fateOf = ({ path, method }) => {
    if (!isDone && method === 'PATCH' && path.endsWith('/status')) {
      isDone = true;
      happens(world);
    }
    return 'through';
  };
  world.users.policy();
  world.users.bind('first', { ...IN_ONE, suspend: true });
  world.startOperator();
  return world;
}

describe('while the status of a suspended binding is on its way', () => {
  it('another spec is seen, and served', async () => {
    const world = overtaken(({ users }) => users.bind('first', { ...IN_ONE, suspend: false }));

    await world.runIntervals(3);

    expect(world.users.shows('first', 'Assigned')).toBe(true);
    expect(world.has('web', ['one'])).toBe(true);
    world.end();
  });

  it('a request to look again is seen, and answered', async () => {
    const annotations = { 'reconcile.vmss-identity.dev/requested-at': 'now' };
    const world = overtaken(({ kube }) =>
      kube.users.edit(BINDING, { namespace: NAMESPACE, name: 'first' }, { metadata: { annotations } }),
    );

    await world.runIntervals(3);

    expect(world.users.binding('first')?.status.lastHandledReconcileAt).toBe('now');
    world.end();
  });
});
