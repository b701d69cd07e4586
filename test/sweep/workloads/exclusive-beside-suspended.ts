import type { Workload } from '../workload.ts';
import { beginningOf } from '../world.ts';

/**
 * What a suspended binding declares, and what was attached for it, stays: also what others had attached, and what it no
 * longer declares. When it is active again, only what it declares does.
 */
export const exclusiveBesideSuspended: Workload = {
  name: 'exclusive beside a suspended binding',
  beginning: beginningOf({
    namespaces: ['payments'],
    identities: ['one', 'two', 'three', 'theirs', 'shared', 'guest'],
    scaleSets: [{ name: 'web', identity: { userAssigned: ['theirs', 'shared'] } }],
  }),
  stages: [
    {
      what: 'the first is ready',
      act: ({ users }) => {
        users.policy();
        users.bind('pay', { userAssigned: ['two', 'three'] }, 'payments');
      },
      isDone: ({ users }) => users.shows('pay', 'Assigned', 'payments'),
    },
    {
      what: 'nothing is gone but what nobody declares',
      act: ({ users }) => {
        users.bind('pay', { userAssigned: ['two', 'shared'], suspend: true }, 'payments');
        users.bind('web', { userAssigned: ['one'], mode: 'Exclusive' });
      },
      isDone: (world) =>
        world.users.shows('web', 'Assigned') &&
        world.users.shows('pay', 'Suspended', 'payments') &&
        world.has('web', ['one', 'two', 'three', 'shared']),
    },
    {
      what: 'what the first no longer declares is gone',
      act: ({ users }) => users.bind('pay', { userAssigned: ['two', 'shared'], suspend: false }, 'payments'),
      isDone: (world) =>
        world.users.shows('web', 'Assigned') &&
        world.users.shows('pay', 'Assigned', 'payments') &&
        world.users.binding('web')?.status.foreignCount === 0 &&
        world.has('web', ['one', 'two', 'shared']),
    },
  ],
  detachesForeign: true,
};
