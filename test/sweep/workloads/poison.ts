import { SUBSCRIPTION } from '../names.ts';
import type { Workload } from '../workload.ts';
import { ASSIGN, beginningOf } from '../world.ts';

/** One identity may not be assigned, and one is not there: the third lands all the same, and they do when they can. */
export const poison: Workload = {
  name: 'poison',
  beginning: beginningOf({
    identities: ['one', 'two', 'theirs', 'guest'],
    scaleSets: [{ name: 'web', identity: { userAssigned: ['theirs'] } }],
    permissions: [{ scope: `/subscriptions/${SUBSCRIPTION}`, actions: ['*'], notActions: [ASSIGN] }],
  }),
  stages: [
    {
      what: 'the good one is there, and the others say why they are not',
      act: (world) => {
        world.allowToAssign('one');
        world.users.policy();
        world.users.bind('web', { userAssigned: ['one', 'two', 'three'] });
      },
      isDone: (world) => world.users.shows('web', 'IdentityRefused') && world.hasWorking('web', ['one']),
    },
    {
      what: 'all are assigned',
      act: (world) => {
        world.createIdentity('three');
        world.allowToAssign('two');
        world.allowToAssign('three');
      },
      isDone: (world) => world.users.shows('web', 'Assigned') && world.has('web', ['one', 'theirs', 'three', 'two']),
    },
  ],
};
