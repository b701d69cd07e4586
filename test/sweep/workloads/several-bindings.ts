import type { Workload } from '../workload.ts';
import { beginningOf } from '../world.ts';

export const severalBindings: Workload = {
  name: 'several bindings',
  beginning: beginningOf({ namespaces: ['payments'] }),
  stages: [
    {
      what: 'both bindings are ready',
      act: ({ users }) => {
        users.policy();
        users.bind('web', { userAssigned: ['one', 'two'] });
        users.bind('pay', { userAssigned: ['two', 'three'] }, 'payments');
      },
      isDone: ({ users }) => users.shows('web', 'Assigned') && users.shows('pay', 'Assigned', 'payments'),
    },
    {
      what: 'the first is gone, and what the second declares stays',
      act: ({ users }) => users.unbind('web'),
      isDone: ({ users }) => users.binding('web') === undefined && users.shows('pay', 'Assigned', 'payments'),
    },
  ],
};
