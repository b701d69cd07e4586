import { describe, expect, it } from 'vitest';

import type { Declaration } from '../../../src/identity/declaration.ts';
import { isExclusiveInForce } from '../../../src/identity/declaration.ts';
import {
  isHeld,
  type Membership,
  membership,
  type Standing,
  standingForIdentity,
  standingForSystem,
} from '../../../src/identity/membership.ts';
import { binding, type BindingOptions, GRANT_NOTHING, grantAllBut, identityKey, member } from './builders.ts';

const ID = identityKey('id');
const DECLARES = { userAssigned: ['id'] } as const;

function standing(options: BindingOptions, isMember: boolean): Standing {
  return standingForIdentity(binding('b', options), ID, isMember);
}

function members(recorded: readonly string[], declarations: readonly Declaration[]): Membership {
  return membership(recorded.map(member), declarations, (declaration, isMember) =>
    standingForIdentity(declaration, ID, isMember),
  );
}

function names({ staying }: Membership): readonly string[] {
  return staying.map(({ name }) => name);
}

describe('who is in `for`', () => {
  it.each([
    ['an active binding that declares it', {}],
    ['a suspended one, if it is permitted', { suspended: true }],
    ['one that only observes, if it is permitted', { observe: true }],
  ])('%s', (_who, options) => {
    expect(standing({ ...DECLARES, ...options }, false)).toBe('stays');
  });

  it.each([
    ['a binding that does not declare it', {}],
    ['a suspended one that does not declare it', { suspended: true }],
    ['one that declares it without any permission', { ...DECLARES, grants: GRANT_NOTHING }],
    ['one that declares it without permission for it', { ...DECLARES, grants: grantAllBut('id') }],
    [
      'a suspended one that declares it without permission for it',
      { ...DECLARES, suspended: true, grants: grantAllBut('id') },
    ],
    [
      'a suspended one that declares it on a scale set that it is not permitted',
      { ...DECLARES, suspended: true, grants: { scaleSet: false } },
    ],
    ['one that is being deleted', { ...DECLARES, deleting: true }],
    ['a suspended one that is being deleted', { ...DECLARES, deleting: true, suspended: true }],
  ])('not %s', (_who, options) => {
    expect(standing(options, false)).toBe('none');
  });

  it.each([
    ['suspended', { suspended: true }],
    ['observing', { observe: true }],
    ['not permitted any more', { grants: GRANT_NOTHING }],
    ['not permitted for it any more', { grants: grantAllBut('id') }],
  ])('frozen ones stay in it: %s, whether they still declare it or not', (_why, options) => {
    expect(['stays', 'frozen']).toContain(standing({ ...DECLARES, ...options }, true));
    expect(standing(options, true)).toBe('frozen');
  });

  it('a frozen one that still declares it, and may, is a declarer like any other', () => {
    expect(standing({ ...DECLARES, suspended: true }, true)).toBe('stays');
    expect(standing({ ...DECLARES, observe: true }, true)).toBe('stays');
    expect(standing({ ...DECLARES, grants: GRANT_NOTHING }, true)).toBe('frozen');
    expect(standing({ ...DECLARES, grants: grantAllBut('id') }, true)).toBe('frozen');
  });
});

describe('a member has left', () => {
  it('when it is seen with a deletionTimestamp', () => {
    expect(standing({ ...DECLARES, deleting: true }, true)).toBe('leaves');
  });

  it('when it is active with a spec that lacks the id', () => {
    expect(standing({}, true)).toBe('leaves');
  });

  it('also when it is deleted while no policy permits it: deletion still gives back', () => {
    expect(standing({ ...DECLARES, deleting: true, grants: GRANT_NOTHING }, true)).toBe('leaves');
  });
});

describe('a member renounces', () => {
  it.each([
    ['Retain', { retain: true }],
    ['suspended', { suspended: true }],
    ['Observe', { observe: true }],
    ['abandoned', { abandoned: true }],
  ])('when it is deleted while %s', (_why, options) => {
    expect(standing({ ...DECLARES, deleting: true, ...options }, true)).toBe('renounces');
  });

  it('by its deletion only: an id taken out of a list is detached, deletionPolicy or not', () => {
    expect(standing({ retain: true }, true)).toBe('leaves');
    expect(standing({ abandoned: true }, true)).toBe('leaves');
  });
});

describe('an entry', () => {
  it('stands for every binding that declares the identity, new ones included', () => {
    const both = members(['a'], [binding('a', DECLARES), binding('b', DECLARES)]);
    expect(names(both)).toEqual(['a', 'b']);
    expect(both).toMatchObject({ leaving: [], renounced: false, orphan: false });
  });

  it('stands for the same bindings in the same order, however they are listed', () => {
    const all = [
      binding('b', DECLARES),
      binding('a', { ...DECLARES, namespace: 'zoo', uid: 'uid-3' }),
      binding('c', { ...DECLARES, suspended: true }),
      binding('a', { ...DECLARES, uid: 'uid-2' }),
      binding('a', DECLARES),
    ];
    expect(members(['c'], all.toReversed())).toEqual(members([], all));
  });

  it('no longer stands for those that left while another stays', () => {
    const rest = members(['a', 'b'], [binding('a'), binding('b', DECLARES)]);
    expect(names(rest)).toEqual(['b']);
    expect(rest.leaving).toEqual([member('a')]);
  });

  it('is left when its last member leaves', () => {
    const left = members(['a'], [binding('a', { deleting: true })]);
    expect(left).toEqual({ staying: [], leaving: [member('a')], renounced: false, orphan: false });
  });

  it('is renounced when among several that leave in one pass one renounces', () => {
    const detaching = binding('a', { deleting: true });
    const retaining = binding('b', { deleting: true, retain: true });
    for (const order of [
      [detaching, retaining],
      [retaining, detaching],
    ]) {
      expect(members(['a', 'b'], order)).toMatchObject({ staying: [], renounced: true, orphan: false });
    }
  });

  it('keeps a member as it is recorded: a uid is one binding, whatever it is called', () => {
    const renamed = binding('a', { ...DECLARES, namespace: 'elsewhere' });
    expect(members(['a'], [renamed]).staying).toEqual([member('a')]);
  });
});

describe('an orphan', () => {
  it('is not taken over by a frozen member that does not declare it', () => {
    const frozen = binding('a', { suspended: true });
    expect(members(['gone', 'a'], [frozen])).toEqual({
      staying: [member('a'), member('gone')],
      leaving: [],
      renounced: false,
      orphan: true,
    });
    expect(members(['gone', 'a'], [binding('a')])).toMatchObject({ staying: [member('gone')], orphan: true });
  });

  it('is an entry with a member whose uid is not seen at all', () => {
    const orphan = members(['gone'], []);
    expect(orphan).toEqual({ staying: [member('gone')], leaving: [], renounced: false, orphan: true });
  });

  it('is one also when others leave it, and stands on for who is not seen', () => {
    const orphan = members(['gone', 'a'], [binding('a', { deleting: true })]);
    expect(orphan).toMatchObject({ staying: [member('gone')], leaving: [member('a')], orphan: true });
  });

  it('is not given up by those who leave and renounce', () => {
    const orphan = members(['gone', 'a'], [binding('a', { deleting: true, retain: true })]);
    expect(orphan).toMatchObject({ staying: [member('gone')], orphan: true });
  });

  it('is an entry that names nobody', () => {
    expect(members([], [])).toMatchObject({ staying: [], orphan: true });
  });

  it('is taken over by the next binding that declares it', () => {
    const taken = members(['gone'], [binding('a', DECLARES)]);
    expect(taken).toEqual({ staying: [member('a')], leaving: [], renounced: false, orphan: false });
  });

  it('is not taken over by a namesake that has another uid and does not declare it', () => {
    expect(members(['a'], [binding('a', { uid: 'uid-of-another' })]).orphan).toBe(true);
  });

  it('is not taken over by a binding that is not permitted', () => {
    expect(members(['gone'], [binding('a', { ...DECLARES, grants: GRANT_NOTHING })]).orphan).toBe(true);
  });
});

describe('an identity is held', () => {
  const held = (recorded: readonly string[], options: BindingOptions): boolean =>
    isHeld(ID, recorded.map(member), [binding('b', options)], isExclusiveInForce);

  it.each([{ suspended: true }, { observe: true }])('(a) by what a permitted binding with %j declares', (frozen) => {
    expect(held([], { ...DECLARES, ...frozen })).toBe(true);
    expect(held([], frozen)).toBe(false);
  });

  it.each([{ suspended: true }, { observe: true }])('(a) by an entry for a permitted binding with %j', (frozen) => {
    expect(held(['b'], frozen)).toBe(true);
    expect(held(['other'], frozen)).toBe(false);
  });

  it.each([
    ['wholly', GRANT_NOTHING],
    ['for that identity', grantAllBut('id')],
  ])('(b) by an entry for a binding that is not permitted %s', (_how, grants) => {
    expect(held(['b'], { ...DECLARES, grants })).toBe(true);
    expect(held(['b'], { grants })).toBe(true);
  });

  it('(b) never by what a binding declares that is not permitted: it cannot shield what was never attached for it', () => {
    expect(held([], { ...DECLARES, grants: GRANT_NOTHING })).toBe(false);
    expect(held(['other'], { ...DECLARES, grants: grantAllBut('id') })).toBe(false);
    expect(held([], { ...DECLARES, suspended: true, grants: GRANT_NOTHING })).toBe(false);
    expect(held([], { ...DECLARES, observe: true, grants: grantAllBut('id') })).toBe(false);
  });

  it('(c) by what an Exclusive binding declares, permitted or not', () => {
    expect(held([], { ...DECLARES, exclusive: true })).toBe(true);
    expect(held([], { ...DECLARES, exclusive: true, grants: grantAllBut('id') })).toBe(true);
    expect(held([], { exclusive: true })).toBe(false);
  });

  it('(c) not by one whose Exclusive is not served: it acts as Additive', () => {
    const grants = { ...grantAllBut('id'), exclusive: false };
    expect(held([], { ...DECLARES, exclusive: true, grants })).toBe(false);
  });

  it('never by a binding that is being deleted', () => {
    expect(held(['b'], { ...DECLARES, deleting: true })).toBe(false);
    expect(held(['b'], { ...DECLARES, deleting: true, suspended: true })).toBe(false);
    expect(held(['b'], { ...DECLARES, deleting: true, grants: GRANT_NOTHING })).toBe(false);
    expect(held(['b'], { ...DECLARES, deleting: true, exclusive: true })).toBe(false);
  });

  it('not by an active binding that only wants it, nor by one that has nothing to do with it', () => {
    expect(held(['b'], DECLARES)).toBe(false);
    expect(held([], {})).toBe(false);
  });
});

describe('the standing to the system-assigned identity', () => {
  const system = (options: BindingOptions, isMember: boolean): Standing =>
    standingForSystem(binding('b', options), isMember);
  const enabled = { systemAssigned: 'Enabled' } as const;

  it('is that of one who stays for who enables it, active or held by choice', () => {
    expect(system(enabled, false)).toBe('stays');
    expect(system({ ...enabled, suspended: true }, false)).toBe('stays');
    expect(system({ ...enabled, observe: true }, false)).toBe('stays');
  });

  it.each([GRANT_NOTHING, { enableSystemAssigned: false }])('is none for who may not enable it (%j)', (grants) => {
    expect(system({ ...enabled, grants }, false)).toBe('none');
    expect(system({ ...enabled, suspended: true, grants }, false)).toBe('none');
  });

  it.each(['Unmanaged', 'Disabled'] as const)('is none for who says %s and is not recorded', (systemAssigned) => {
    expect(system({ systemAssigned }, false)).toBe('none');
    expect(system({ systemAssigned, suspended: true }, false)).toBe('none');
    expect(system({ systemAssigned, deleting: true }, false)).toBe('none');
  });

  it('is renounced when Enabled becomes Unmanaged: nothing is turned off', () => {
    expect(system({ systemAssigned: 'Unmanaged' }, true)).toBe('renounces');
    expect(system({ systemAssigned: 'Unmanaged', grants: { enableSystemAssigned: false } }, true)).toBe('renounces');
  });

  it('is frozen while the binding is suspended, observes, or may not enable it any more', () => {
    expect(system({ suspended: true }, true)).toBe('frozen');
    expect(system({ observe: true }, true)).toBe('frozen');
    expect(system({ grants: GRANT_NOTHING }, true)).toBe('frozen');
    expect(system({ ...enabled, grants: { enableSystemAssigned: false } }, true)).toBe('frozen');
    expect(system({ ...enabled, suspended: true }, true)).toBe('stays');
  });

  it('is left by a deletion if a policy has EnableAndDisable, else renounced', () => {
    expect(system({ ...enabled, deleting: true }, true)).toBe('leaves');
    expect(system({ ...enabled, deleting: true, grants: { disableSystemAssigned: false } }, true)).toBe('renounces');
    expect(system({ ...enabled, deleting: true, grants: GRANT_NOTHING }, true)).toBe('renounces');
  });

  it.each([{ retain: true }, { suspended: true }, { observe: true }, { abandoned: true }])(
    'is renounced by a deletion with %j',
    (why) => {
      expect(system({ ...enabled, deleting: true, ...why }, true)).toBe('renounces');
    },
  );
});
