import { identityIdOf, scaleSetIdOf, SUBSCRIPTION } from '../names.ts';
import type { Workload } from '../workload.ts';
import { ASSIGN, beginningOf } from '../world.ts';

/** What the operator may not assign others attach by hand: it is theirs, though it was asked for before. */
export const refusedThenForeign: Workload = {
  name: 'refused, then attached by others',
  beginning: beginningOf({
    scaleSets: [{ name: 'web', identity: { userAssigned: ['theirs'] } }],
    permissions: [{ scope: `/subscriptions/${SUBSCRIPTION}`, actions: ['*'], notActions: [ASSIGN] }],
  }),
  stages: [
    {
      what: 'one is assigned, and the other says why it is not',
      act: (world) => {
        world.allowToAssign('one');
        world.users.policy();
        world.users.bind('web', { userAssigned: ['one', 'two'] });
      },
      isDone: (world) =>
        world.users.shows('web', 'IdentityRefused') &&
        world.users.phaseOf('two') === undefined &&
        world.hasWorking('web', ['one']),
    },
    {
      what: 'both are there',
      act: (world) => world.drift(scaleSetIdOf('web'), { kind: 'Attach', identities: [identityIdOf('two')] }),
      isDone: ({ users }) => users.shows('web', 'Assigned'),
    },
    {
      what: 'only what the operator attached is gone',
      act: ({ users }) => users.unbind('web'),
      isDone: (world) => world.users.binding('web') === undefined && world.has('web', ['theirs', 'two']),
    },
  ],
};
