import { describe, expect, it } from 'vitest';

import { isOlderVersion } from '../../../src/kube/resource-version.ts';

describe('isOlderVersion', () => {
  it.each([
    ['9', '10', true],
    ['10', '9', false],
    ['10', '10', false],
    ['99999999999999999999998', '99999999999999999999999', true],
    ['9007199254740993', '9007199254740992', false],
  ])('compares %s with %s as numbers of any length', (a, b, older) => {
    expect(isOlderVersion(a, b)).toBe(older);
  });

  it.each([
    ['a', 'b'],
    ['9', 'x10'],
    ['01', '2'],
    ['', '1'],
    ['0', '1'],
  ])('knows no order between %j and %j', (a, b) => {
    expect(isOlderVersion(a, b)).toBe(false);
    expect(isOlderVersion(b, a)).toBe(false);
  });
});
