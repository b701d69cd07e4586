import type { Workload } from '../workload.ts';
import { beginningOf } from '../world.ts';

export const firstAttach: Workload = {
  name: 'first attach',
  beginning: beginningOf({ scaleSets: [{ name: 'web', identity: { userAssigned: ['theirs'] } }] }),
  stages: [
    {
      what: 'the binding is ready',
      act: ({ users }) => {
        users.policy();
        users.bind('web', { userAssigned: ['one', 'two'] });
      },
      isDone: ({ users }) => users.shows('web', 'Assigned'),
    },
  ],
};
