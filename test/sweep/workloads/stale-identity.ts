import type { Workload } from '../workload.ts';
import { beginningOf } from '../world.ts';
import { assigned } from './assigned.ts';

/** Deleted and created anew under the same name: what the scale set has of it works no more, until it is reattached. */
export const staleIdentity: Workload = {
  name: 'a stale identity',
  beginning: beginningOf({ scaleSets: [{ name: 'web', identity: { userAssigned: ['theirs'] } }] }),
  stages: [
    assigned({ userAssigned: ['one', 'two'], staleIdentities: 'Reattach' }),
    {
      what: 'the new one is attached',
      act: (world) => world.recreateIdentity('one'),
      isDone: (world) => world.users.shows('web', 'Assigned') && world.hasWorking('web', ['one', 'two', 'theirs']),
    },
    {
      what: 'the binding is gone, and with it what was attached for it',
      act: ({ users }) => users.unbind('web'),
      isDone: (world) => world.users.binding('web') === undefined && world.has('web', ['theirs']),
    },
  ],
};
