import type { Workload } from '../workload.ts';
import { beginningOf } from '../world.ts';

/** What was attached for a binding that is allowed no more stays, whatever its neighbour does; its deletion takes it back. */
export const policyRemoved: Workload = {
  name: 'a policy removed while a neighbour changes',
  beginning: beginningOf({
    namespaces: ['payments'],
    identities: ['one', 'two', 'three', 'four', 'theirs', 'guest'],
    scaleSets: [{ name: 'web', identity: { userAssigned: ['theirs'] } }],
  }),
  stages: [
    {
      what: 'both bindings are ready',
      act: ({ users }) => {
        users.policy('shop', { namespaces: ['shop'] });
        users.policy('payments', { namespaces: ['payments'] });
        users.bind('web', { userAssigned: ['one', 'two'] });
        users.bind('pay', { userAssigned: ['two', 'three'] }, 'payments');
      },
      isDone: ({ users }) => users.shows('web', 'Assigned') && users.shows('pay', 'Assigned', 'payments'),
    },
    {
      what: 'the second has changed, and all that was attached for the first is there',
      act: ({ users }) => {
        users.removePolicy('shop');
        users.bind('pay', { userAssigned: ['four'] }, 'payments');
      },
      isDone: (world) =>
        world.users.isStalled('web') &&
        world.users.shows('web', 'NotPermitted') &&
        world.users.shows('pay', 'Assigned', 'payments') &&
        world.has('web', ['four', 'one', 'theirs', 'two']),
    },
    {
      what: 'the first is gone, and with it what was attached for it',
      act: ({ users }) => users.unbind('web'),
      isDone: (world) => world.users.binding('web') === undefined && world.has('web', ['four', 'theirs']),
    },
  ],
};
