import type { Workload } from '../workload.ts';
import { beginningOf } from '../world.ts';
import { assigned } from './assigned.ts';

export const systemAssigned: Workload = {
  name: 'system-assigned on and off',
  beginning: beginningOf({ scaleSets: [{ name: 'web', identity: { userAssigned: ['theirs'] } }] }),
  stages: [
    assigned({ userAssigned: ['one'], systemAssigned: 'Enabled' }),
    {
      what: 'it is off',
      act: ({ users }) => users.bind('web', { userAssigned: ['one'], systemAssigned: 'Disabled' }),
      isDone: (world) =>
        world.users.shows('web', 'Assigned') && [...world.model().values()].every(({ systemAssigned: isOn }) => !isOn),
    },
  ],
};
