import { describe, expect, it } from 'vitest';

import {
  isActive,
  isActiveFor,
  isExclusiveInForce,
  isFrozenByChoice,
  isFrozenFor,
  renouncesOnDeletion,
} from '../../../src/identity/declaration.ts';
import { binding, GRANT_NOTHING, grantAllBut, identityKey } from './builders.ts';

const ID = identityKey('id');

describe('a binding', () => {
  it('is active when it is permitted, managed, not suspended and not being deleted', () => {
    expect(isActive(binding('b'))).toBe(true);
    expect(isActiveFor(binding('b'), ID)).toBe(true);
    expect(isFrozenFor(binding('b'), ID)).toBe(false);
  });

  it.each([{ suspended: true }, { observe: true }])('is frozen by choice with %j', (choice) => {
    const frozen = binding('b', choice);
    expect(isFrozenByChoice(frozen)).toBe(true);
    expect(isActive(frozen)).toBe(false);
    expect(isFrozenFor(frozen, ID)).toBe(true);
  });

  it('is frozen when no policy permits it the scale set', () => {
    const denied = binding('b', { grants: { ...GRANT_NOTHING, identity: () => true } });
    expect(isFrozenByChoice(denied)).toBe(false);
    expect(isActiveFor(denied, ID)).toBe(false);
    expect(isFrozenFor(denied, ID)).toBe(true);
  });

  it('is frozen for the one identity that it is not permitted, and active for the others', () => {
    const partly = binding('b', { grants: grantAllBut('id') });
    expect(isActive(partly)).toBe(true);
    expect(isActiveFor(partly, ID)).toBe(false);
    expect(isFrozenFor(partly, ID)).toBe(true);
    expect(isActiveFor(partly, identityKey('other'))).toBe(true);
  });

  it('is neither active nor frozen while it is being deleted', () => {
    for (const choice of [{}, { suspended: true }, { grants: GRANT_NOTHING }]) {
      const leaving = binding('b', { deleting: true, ...choice });
      expect(isActive(leaving)).toBe(false);
      expect(isFrozenFor(leaving, ID)).toBe(false);
    }
  });
});

describe('Exclusive', () => {
  it('is in force when an active binding that is permitted to says so', () => {
    expect(isExclusiveInForce(binding('b', { exclusive: true }))).toBe(true);
  });

  it.each([
    { exclusive: false },
    { exclusive: true, grants: { exclusive: false } },
    { exclusive: true, grants: { scaleSet: false } },
    { exclusive: true, suspended: true },
    { exclusive: true, observe: true },
    { exclusive: true, deleting: true },
  ])('is not in force with %j', (options) => {
    expect(isExclusiveInForce(binding('b', options))).toBe(false);
  });
});

describe('a deletion', () => {
  it('gives back what was attached, unless it is told to leave it', () => {
    expect(renouncesOnDeletion(binding('b', { deleting: true }))).toBe(false);
    expect(renouncesOnDeletion(binding('b', { deleting: true, grants: GRANT_NOTHING }))).toBe(false);
  });

  it.each([{ retain: true }, { abandoned: true }, { suspended: true }, { observe: true }])(
    'leaves Azure as it is with %j',
    (why) => {
      expect(renouncesOnDeletion(binding('b', { deleting: true, ...why }))).toBe(true);
    },
  );
});
