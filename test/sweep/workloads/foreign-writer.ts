import { identityIdOf, scaleSetIdOf } from '../names.ts';
import type { Workload } from '../workload.ts';
import { beginningOf } from '../world.ts';
import { assigned } from './assigned.ts';

/** Someone attaches and takes off while the operator works; what they attached stays theirs. */
export const foreignWriter: Workload = {
  name: 'a foreign writer',
  // A list shows what was there half a minute ago.
  beginning: beginningOf({ settings: { listLagMs: 30_000 } }),
  stages: [
    assigned({ userAssigned: ['one', 'two'] }),
    {
      what: 'what was taken off is back, beside what others attached',
      act: (world) => {
        world.drift(scaleSetIdOf('web'), { kind: 'Attach', identities: [identityIdOf('theirs')] });
        world.drift(scaleSetIdOf('web'), { kind: 'Strip', identities: [identityIdOf('one')] });
      },
      isDone: (world) => world.users.shows('web', 'Assigned') && world.has('web', ['one', 'theirs', 'two']),
    },
    {
      what: 'all of ours is gone, and theirs is there',
      act: ({ users }) => users.unbind('web'),
      isDone: (world) => world.users.binding('web') === undefined && world.has('web', ['theirs']),
    },
  ],
};
