import type { Workload } from '../workload.ts';
import { beginningOf } from '../world.ts';

/**
 * One leaves Azure as it is, and the other takes back its own; system-assigned, which others turned on, is left alone. A
 * third stays, and the ledger with it: one that was sent long ago cannot come when all is over, and speak of what was
 * retained.
 */
export const retained: Workload = {
  name: 'one that retains beside one that detaches',
  beginning: beginningOf({
    namespaces: ['payments'],
    scaleSets: [{ name: 'web', identity: { systemAssigned: true } }],
  }),
  stages: [
    {
      what: 'all are ready',
      act: ({ users }) => {
        users.policy();
        users.bind('web', { userAssigned: ['one'], deletionPolicy: 'Retain' });
        users.bind('pay', { userAssigned: ['two'] }, 'payments');
        users.bind('bill', { userAssigned: ['three'] }, 'payments');
      },
      isDone: ({ users }) =>
        users.shows('web', 'Assigned') &&
        users.shows('pay', 'Assigned', 'payments') &&
        users.shows('bill', 'Assigned', 'payments'),
    },
    {
      what: 'both are gone, and what the first declared is there',
      act: ({ users }) => {
        users.unbind('web');
        users.unbind('pay', 'payments');
      },
      isDone: (world) =>
        world.users.bindings().length === 1 &&
        (world.users.binding('bill', 'payments')?.status.foreignCount ?? 0) > 0 &&
        world.has('web', ['one', 'three']),
    },
  ],
};
