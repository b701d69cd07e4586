import type { Workload } from '../workload.ts';
import { beginningOf, type World } from '../world.ts';

/** No binding takes more than 64, and no request more than 150. */
const BINDINGS = ['a', 'b', 'c', 'd'];
const IDENTITIES_EACH = 50;

const identitiesOf = (binding: string): readonly string[] =>
  Array.from({ length: IDENTITIES_EACH }, (_, index) => `${binding}-${index + 1}`);

const bindAll = ({ users }: World, managementPolicy: 'Manage' | 'Observe'): void => {
  for (const name of BINDINGS) users.bind(name, { userAssigned: identitiesOf(name), managementPolicy });
};

const allShow = ({ users }: World, reason: string): boolean => BINDINGS.every((name) => users.shows(name, reason));

/** Whether the identities have been listed, which spares a read of each. */
const areListed = ({ scheduler }: World): boolean =>
  scheduler.trace.some(({ path, outcome }) => path.endsWith('/userAssignedIdentities') && outcome === '200');

/** Observed first, which has them listed, then attached. */
export const twoHundredIdentities: Workload = {
  name: 'two hundred identities',
  beginning: beginningOf({
    identities: ['theirs', 'guest', ...BINDINGS.flatMap(identitiesOf)],
    scaleSets: [{ name: 'web', identity: { userAssigned: ['theirs'] } }],
  }),
  stages: [
    {
      what: 'all say what they would change',
      act: (world) => {
        world.users.policy();
        bindAll(world, 'Observe');
      },
      isDone: (world) => allShow(world, 'WouldChange') && areListed(world),
    },
    {
      what: 'all are assigned',
      act: (world) => bindAll(world, 'Manage'),
      isDone: (world) => allShow(world, 'Assigned') && world.has('web', ['theirs', ...BINDINGS.flatMap(identitiesOf)]),
    },
  ],
  // Has no factor in common with what comes in twos and fours.
  every: 17,
};
