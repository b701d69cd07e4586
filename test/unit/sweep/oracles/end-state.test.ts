import { expect, it } from 'vitest';

import { differences } from '../../../sweep/oracles/end-state.ts';

const expected = new Map([
  ['VmssIdentityBinding shop/web', '{\n "summary": "1/1"\n}'],
  ['scale set web', '{}'],
]);

it('finds nothing where all is the same', () => {
  expect(differences(expected, new Map(expected))).toEqual([]);
});

it('tells what is not there, what is there as well, and what is not the same', () => {
  const found = new Map([
    ['VmssIdentityBinding shop/web', '{\n "summary": "0/1"\n}'],
    ['VmssIdentityLedger web', '{}'],
  ]);
  expect(differences(expected, found)).toEqual([
    expect.stringContaining('"summary": "0/1"'),
    'in the end there is no scale set web',
    'in the end there is VmssIdentityLedger web: {}',
  ]);
});
