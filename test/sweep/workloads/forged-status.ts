import type { Workload } from '../workload.ts';
import { beginningOf } from '../world.ts';
import { assigned } from './assigned.ts';

/** A status only tells: whoever writes into it that an identity was attached for the binding makes nothing the operator's. */
export const forgedStatus: Workload = {
  name: 'a forged status',
  beginning: beginningOf({ scaleSets: [{ name: 'web', identity: { userAssigned: ['theirs'] } }] }),
  stages: [
    assigned({ userAssigned: ['one', 'theirs'] }),
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
