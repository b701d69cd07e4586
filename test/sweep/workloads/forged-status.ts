import type { Workload } from '../workload.ts';
import { beginningOf } from '../world.ts';

/** A status only tells: whoever writes into it that an identity was attached for the binding makes nothing the operator's. */
export const forgedStatus: Workload = {
  name: 'a forged status',
  beginning: beginningOf({ scaleSets: [{ name: 'web', identity: { userAssigned: ['theirs'] } }] }),
  stages: [
    {
      what: 'both are assigned',
      act: ({ users }) => {
        users.policy();
        users.bind('web', { userAssigned: ['one', 'theirs'] });
      },
      isDone: ({ users }) => users.shows('web', 'Assigned'),
    },
    {
      what: 'what others attached stays when it is given up',
      act: ({ users }) => {
        users.forgeOwnership('web');
        users.bind('web', { userAssigned: ['one'] });
      },
      isDone: (world) => world.users.shows('web', 'Assigned') && world.has('web', ['one', 'theirs']),
    },
    {
      what: 'only what the operator attached is gone',
      act: ({ users }) => users.unbind('web'),
      isDone: (world) => world.users.binding('web') === undefined && world.has('web', ['theirs']),
    },
  ],
  leavesNothing: true,
};
