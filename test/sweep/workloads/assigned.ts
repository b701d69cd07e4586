import type { Declared } from '../users.ts';
import type { Stage } from '../workload.ts';

/** How most begin: everything is allowed, and the binding `web` has what it declares. */
export const assigned = (declared: Declared): Stage => ({
  what: 'all that it declares is assigned',
  act: ({ users }) => {
    users.policy();
    users.bind('web', declared);
  },
  isDone: ({ users }) => users.shows('web', 'Assigned'),
});
