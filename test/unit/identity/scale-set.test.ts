import { describe, expect, it } from 'vitest';

import { hasNoIdentity, isTerminal } from '../../../src/identity/scale-set.ts';
import { liveIdentity } from './builders.ts';

describe('a scale set', () => {
  it.each(['Succeeded', 'Failed', 'Canceled'])('is at rest when it is %s', (state) => {
    expect(isTerminal(state)).toBe(true);
  });

  it.each(['Updating', 'Creating', 'Deleting', 'Migrating', ''])('is not at rest when it is %j', (state) => {
    expect(isTerminal(state)).toBe(false);
  });

  it('has no identity when it has neither kind', () => {
    expect(hasNoIdentity(liveIdentity([]))).toBe(true);
    expect(hasNoIdentity(liveIdentity(['id']))).toBe(false);
    expect(hasNoIdentity(liveIdentity([], true))).toBe(false);
  });
});
