import { identityIdOf, scaleSetIdOf } from '../names.ts';
import type { Workload } from '../workload.ts';
import { beginningOf } from '../world.ts';

/**
 * A policy counts by itself: what two of them allow together nobody has, and a switch counts only beside what it is for.
 * What any policy protects stays. Ids are spelled as people spell them.
 */
export const separatePolicies: Workload = {
  name: 'separate policies',
  beginning: beginningOf({
    identities: ['one', 'two', 'theirs', 'shared', 'guest'],
    scaleSets: [{ name: 'web', identity: { userAssigned: ['shared', 'theirs'] } }],
  }),
  stages: [
    {
      what: 'what one policy allows is there, and nothing else has come or gone',
      act: ({ users }) => {
        const generous = { exclusive: 'Allow', adopt: 'Allow' } as const;
        const modest = { exclusive: 'Deny', adopt: 'Deny' } as const;
        const [web, other] = [[scaleSetIdOf('web')], [scaleSetIdOf('other')]];
        users.policy('elsewhere', { ...generous, scaleSets: other });
        users.policy('others', { ...generous, namespaces: ['payments'], scaleSets: web });
        users.policy('guard', { ...modest, namespaces: ['guard'], scaleSets: other, protected: [identityIdOf('one')] });
        // Who knows of this one knows of all.
        users.policy('here', { ...modest, scaleSets: web, userAssigned: ['one', 'shared'].map(identityIdOf) });
        users.bind('web', {
          scaleSet: 'WEB',
          userAssigned: ['ONE', 'two', 'SHARED'],
          adopt: ['SHARED'],
          mode: 'Exclusive',
        });
      },
      isDone: (world) =>
        world.users.isStalled('web') &&
        world.users.shows('web', 'NotPermitted') &&
        world.hasWorking('web', ['one']) &&
        world.has('web', ['one', 'shared', 'theirs']),
    },
    {
      what: 'what is protected stays, and so does what was never adopted',
      act: ({ users }) => users.bind('web', { scaleSet: 'WEB', userAssigned: ['two'], mode: 'Exclusive' }),
      isDone: (world) =>
        world.users.ledgers().length === 0 &&
        world.users.shows('web', 'NotPermitted') &&
        world.has('web', ['one', 'shared', 'theirs']),
    },
  ],
};
