import type { Workload } from '../workload.ts';
import { beginningOf } from '../world.ts';

export const exclusive: Workload = {
  name: 'exclusive',
  beginning: beginningOf({ scaleSets: [{ name: 'web', identity: { userAssigned: ['theirs', 'three'] } }] }),
  stages: [
    {
      what: 'nothing is left but what is declared',
      act: ({ users }) => {
        users.policy();
        users.bind('web', { userAssigned: ['one', 'two'], mode: 'Exclusive' });
      },
      isDone: (world) => world.users.shows('web', 'Assigned') && world.has('web', ['one', 'two']),
    },
  ],
  detachesForeign: true,
};
