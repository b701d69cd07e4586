import type { Workload } from '../workload.ts';
import { beginningOf } from '../world.ts';

/** The last to go: what is left has no identity at all. */
export const deletion: Workload = {
  name: 'deletion',
  beginning: beginningOf(),
  stages: [
    {
      what: 'the binding is ready',
      act: ({ users }) => {
        users.policy();
        users.bind('web', { userAssigned: ['one', 'two'], systemAssigned: 'Enabled' });
      },
      isDone: ({ users }) => users.shows('web', 'Assigned'),
    },
    {
      what: 'the binding is gone',
      act: ({ users }) => users.unbind('web'),
      isDone: ({ users }) => users.binding('web') === undefined && users.ledgers().length === 0,
    },
  ],
  leavesNothing: true,
};
