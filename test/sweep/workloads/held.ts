import type { Workload } from '../workload.ts';
import { beginningOf } from '../world.ts';

/**
 * What a suspended binding declares, and what was attached for it, stays, whatever its neighbour gives up; and it leaves
 * all of it behind when it is deleted.
 */
export const held: Workload = {
  name: 'held by a suspended binding',
  beginning: beginningOf({
    namespaces: ['payments'],
    scaleSets: [{ name: 'web', identity: { userAssigned: ['theirs'] } }],
  }),
  stages: [
    {
      what: 'both bindings are ready',
      act: ({ users }) => {
        users.policy();
        users.bind('pay', { userAssigned: ['one', 'theirs'] }, 'payments');
        users.bind('web', { userAssigned: ['one', 'two', 'theirs'] });
      },
      isDone: ({ users }) => users.shows('web', 'Assigned') && users.shows('pay', 'Assigned', 'payments'),
    },
    {
      what: 'the first is suspended',
      act: ({ users }) => users.bind('pay', { userAssigned: ['two', 'theirs'], suspend: true }, 'payments'),
      isDone: ({ users }) => users.shows('pay', 'Suspended', 'payments'),
    },
    {
      what: 'nothing is gone that it has or declares',
      act: ({ users }) => users.bind('web', { userAssigned: ['three'] }),
      isDone: (world) => world.users.shows('web', 'Assigned') && world.has('web', ['one', 'theirs', 'three', 'two']),
    },
    {
      what: 'it is gone, and all that it held is there',
      act: ({ users }) => users.unbind('pay', 'payments'),
      isDone: (world) =>
        world.users.binding('pay', 'payments') === undefined &&
        (world.users.binding('web')?.status.foreignCount ?? 0) >= 3 &&
        world.has('web', ['one', 'theirs', 'three', 'two']),
    },
  ],
};
