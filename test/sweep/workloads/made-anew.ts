import type { Workload } from '../workload.ts';
import { beginningOf } from '../world.ts';
import { assigned } from './assigned.ts';

/**
 * The finalizer is taken off by hand, and another binding stands under the same name: it takes over what it declares. What
 * the first had and the second does not declare is nobody's to take back.
 */
export const madeAnew: Workload = {
  name: 'a binding made anew',
  beginning: beginningOf({ scaleSets: [{ name: 'web', identity: { userAssigned: ['theirs'] } }] }),
  stages: [
    assigned({ userAssigned: ['one', 'two'] }),
    {
      what: 'the new one is ready, and what it does not declare stays',
      act: ({ users }) => {
        users.tearOut('web');
        users.bind('web', { userAssigned: ['two'] });
      },
      isDone: (world) => world.users.shows('web', 'Assigned') && world.has('web', ['one', 'theirs', 'two']),
    },
    {
      what: 'what it declared is gone, and the rest is there',
      act: ({ users }) => users.unbind('web'),
      isDone: (world) => world.users.binding('web') === undefined && world.has('web', ['one', 'theirs']),
    },
  ],
};
