import type { Workload } from '../workload.ts';
import { beginningOf } from '../world.ts';
import { assigned } from './assigned.ts';

export const detach: Workload = {
  name: 'detach',
  beginning: beginningOf({ scaleSets: [{ name: 'web', identity: { userAssigned: ['theirs'] } }] }),
  stages: [
    assigned({ userAssigned: ['one', 'two'] }),
    {
      what: 'one is detached and the other is there',
      act: ({ users }) => users.bind('web', { userAssigned: ['two'] }),
      isDone: (world) => world.users.shows('web', 'Assigned') && world.has('web', ['theirs', 'two']),
    },
  ],
};
