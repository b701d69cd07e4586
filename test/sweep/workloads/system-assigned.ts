import type { Workload } from '../workload.ts';
import { beginningOf } from '../world.ts';

export const systemAssigned: Workload = {
  name: 'system-assigned on and off',
  beginning: beginningOf({ scaleSets: [{ name: 'web', identity: { userAssigned: ['theirs'] } }] }),
  stages: [
    {
      what: 'it is on',
      act: ({ users }) => {
        users.policy();
        users.bind('web', { userAssigned: ['one'], systemAssigned: 'Enabled' });
      },
      isDone: ({ users }) => users.shows('web', 'Assigned'),
    },
    {
      what: 'it is off',
      act: ({ users }) => users.bind('web', { userAssigned: ['one'], systemAssigned: 'Disabled' }),
      isDone: (world) =>
        world.users.shows('web', 'Assigned') && [...world.model().values()].every(({ systemAssigned: isOn }) => !isOn),
    },
  ],
};
