/**
 * What the REST how-to on managed identities of scale sets does step by step: what a scale set has before and after, and
 * which example leads from the one to the other. The numbers are those of `docs/how-to/`.
 */

/** Which identities a scale set has. */
export interface Held {
  readonly type: 'None' | 'SystemAssigned' | 'UserAssigned' | 'SystemAssigned, UserAssigned';
  readonly userAssigned: readonly string[];
}

export interface Flow {
  readonly number: number;
  readonly does: string;
  /** The scale set as it is found; absent: it is created after the binding, without an identity. */
  readonly before?: Held;
  /** Files of `examples/flows/`, applied one after the other; {@link DELETED} at the end: the binding goes. */
  readonly applied: readonly string[];
  readonly after: Held;
  /** How many writes it takes. */
  readonly writes: number;
}

export const DELETED = 'deleted';
export const BOTH = ['ID1', 'ID2'];

const nothing: Held = { type: 'None', userAssigned: [] };
const system: Held = { type: 'SystemAssigned', userAssigned: [] };
const users = (...userAssigned: readonly string[]): Held => ({ type: 'UserAssigned', userAssigned });
const all = (...userAssigned: readonly string[]): Held => ({ type: 'SystemAssigned, UserAssigned', userAssigned });

export const FLOWS: readonly Flow[] = [
  {
    number: 2,
    does: 'list the identities of a scale set',
    before: all(...BOTH),
    applied: ['02-list-identities'],
    after: all(...BOTH),
    writes: 0,
  },
  {
    number: 3,
    does: 'create a scale set with a system-assigned identity',
    applied: ['03-create-with-system-assigned'],
    after: system,
    writes: 1,
  },
  {
    number: 4,
    does: 'enable the system-assigned identity of one that has no other',
    before: nothing,
    applied: ['04-enable-system-assigned'],
    after: system,
    writes: 1,
  },
  {
    number: 5,
    does: 'enable it and keep the user-assigned ones',
    before: users(...BOTH),
    applied: ['05-enable-system-assigned-keep-others'],
    after: all(...BOTH),
    writes: 1,
  },
  {
    number: 6,
    does: 'disable it where there is no other',
    before: system,
    applied: ['06-disable-system-assigned'],
    after: nothing,
    writes: 1,
  },
  {
    number: 7,
    does: 'disable it and keep the user-assigned ones',
    before: all(...BOTH),
    applied: ['07-disable-system-assigned-keep-others'],
    after: users(...BOTH),
    writes: 1,
  },
  {
    number: 8,
    does: 'create a scale set with a user-assigned identity',
    applied: ['08-create-with-user-assigned'],
    after: users('ID1'),
    writes: 1,
  },
  {
    number: 9,
    does: 'assign the first user-assigned identity',
    before: nothing,
    applied: ['09-assign-first-user-assigned'],
    after: users('ID1'),
    writes: 1,
  },
  {
    number: 10,
    does: 'assign another and keep the system-assigned one and the first',
    before: all('ID1'),
    applied: ['10-assign-another-user-assigned'],
    after: all(...BOTH),
    writes: 1,
  },
  {
    number: 11,
    does: 'remove it, out of the list, and keep the others',
    before: all('ID1'),
    applied: ['10-assign-another-user-assigned', '11-remove-user-assigned'],
    after: all('ID1'),
    writes: 2,
  },
  {
    number: 11,
    does: 'remove it, with the binding, and keep the others',
    before: all('ID1'),
    applied: ['10-assign-another-user-assigned', DELETED],
    after: all('ID1'),
    writes: 2,
  },
  {
    number: 11,
    does: 'remove one that somebody attached by hand, and keep the others',
    before: all(...BOTH),
    applied: ['11-remove-adopted-user-assigned', DELETED],
    after: all('ID1'),
    writes: 1,
  },
  {
    number: 12,
    does: 'remove all user-assigned ones and keep the system-assigned one',
    before: all(...BOTH),
    applied: ['12-remove-all-user-assigned'],
    after: system,
    writes: 1,
  },
  {
    number: 13,
    does: 'remove everything',
    before: all(...BOTH),
    applied: ['13-remove-everything'],
    after: nothing,
    writes: 2,
  },
];
