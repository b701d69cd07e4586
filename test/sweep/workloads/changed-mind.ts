import type { Workload } from '../workload.ts';
import { beginningOf } from '../world.ts';

/** Taken out of the list while it is about to be attached: it may still arrive, and must not stay. */
export const changedMind: Workload = {
  name: 'a changed mind',
  beginning: beginningOf({ scaleSets: [{ name: 'web', identity: { userAssigned: ['theirs'] } }] }),
  stages: [
    {
      what: 'the intent to attach is on record',
      act: ({ users }) => {
        users.policy();
        users.bind('web', { userAssigned: ['one', 'two'] });
      },
      isDone: ({ users }) => users.phaseOf('two') === 'Attaching',
    },
    {
      what: 'nothing of it is left',
      act: ({ users }) => users.bind('web', { userAssigned: ['one'] }),
      isDone: (world) =>
        world.users.shows('web', 'Assigned') &&
        world.users.phaseOf('two') === undefined &&
        world.has('web', ['one', 'theirs']),
    },
  ],
};
