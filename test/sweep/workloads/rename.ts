import type { Workload } from '../workload.ts';
import { beginningOf } from '../world.ts';
import { assigned } from './assigned.ts';

/** As GitOps does it, which applies before it prunes: another binding with the same identities comes, and the first goes. */
export const rename: Workload = {
  name: 'a binding renamed',
  beginning: beginningOf({ scaleSets: [{ name: 'web', identity: { userAssigned: ['theirs'] } }] }),
  stages: [
    assigned({ userAssigned: ['one', 'two'] }),
    {
      what: 'it is there under its new name',
      act: ({ users }) => {
        users.bind('frontend', { userAssigned: ['one', 'two'] });
        users.unbind('web');
      },
      isDone: (world) =>
        world.users.binding('web') === undefined &&
        world.users.shows('frontend', 'Assigned') &&
        world.has('web', ['one', 'theirs', 'two']),
    },
    {
      what: 'nothing of ours is left',
      act: ({ users }) => users.unbind('frontend'),
      isDone: (world) => world.users.binding('frontend') === undefined && world.has('web', ['theirs']),
    },
  ],
  leavesNothing: true,
};
