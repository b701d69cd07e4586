import type { Workload } from '../workload.ts';
import { beginningOf } from '../world.ts';
import { assigned } from './assigned.ts';

/** The last to go: what is left has no identity at all. */
export const deletion: Workload = {
  name: 'deletion',
  beginning: beginningOf(),
  stages: [
    assigned({ userAssigned: ['one', 'two'], systemAssigned: 'Enabled' }),
    {
      what: 'the binding is gone',
      act: ({ users }) => users.unbind('web'),
      isDone: ({ users }) => users.binding('web') === undefined && users.ledgers().length === 0,
    },
  ],
  leavesNothing: true,
};
