import type { Workload } from '../workload.ts';
import { beginningOf } from '../world.ts';

export const detach: Workload = {
  name: 'detach',
  beginning: beginningOf({ scaleSets: [{ name: 'web', identity: { userAssigned: ['theirs'] } }] }),
  stages: [
    {
      what: 'both are assigned',
      act: ({ users }) => {
        users.policy();
        users.bind('web', { userAssigned: ['one', 'two'] });
      },
      isDone: ({ users }) => users.shows('web', 'Assigned'),
    },
    {
      what: 'one is detached and the other is there',
      act: ({ users }) => users.bind('web', { userAssigned: ['two'] }),
      isDone: (world) => world.users.shows('web', 'Assigned') && world.has('web', ['theirs', 'two']),
    },
  ],
};
