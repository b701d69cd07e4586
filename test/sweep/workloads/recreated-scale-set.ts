import { scaleSetIdOf } from '../names.ts';
import type { Workload } from '../workload.ts';
import { beginningOf } from '../world.ts';
import { assigned } from './assigned.ts';

/** Under the same name, with the same identities: all that it has is foreign now. */
export const recreatedScaleSet: Workload = {
  name: 'a scale set created anew',
  beginning: beginningOf({ scaleSets: [{ name: 'web', identity: { userAssigned: ['theirs'] } }] }),
  stages: [
    assigned({ userAssigned: ['one', 'two'] }),
    {
      what: 'a third is attached to the new one',
      act: (world) => {
        world.replaceScaleSet(scaleSetIdOf('web'));
        world.users.bind('web', { userAssigned: ['one', 'two', 'three'] });
      },
      isDone: (world) => world.users.shows('web', 'Assigned') && world.has('web', ['one', 'theirs', 'three', 'two']),
    },
    {
      what: 'the binding is gone, and with it what was attached to the new one',
      act: ({ users }) => users.unbind('web'),
      isDone: (world) => world.users.binding('web') === undefined && world.has('web', ['one', 'theirs', 'two']),
    },
  ],
  detachesForeign: true,
};
