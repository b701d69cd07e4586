import { describe, expect, it } from 'vitest';

import { fold, matchesId, matchesName } from '../../../sweep/oracles/pattern.ts';

const SUBSCRIPTION = '/subscriptions/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0';
const idOf = (group: string, name: string): string =>
  `${SUBSCRIPTION}/resourceGroups/${group}/providers/Microsoft.Compute/virtualMachineScaleSets/${name}`;

describe('a name', () => {
  it.each([
    ['shop', 'shop', true],
    ['shop', 'shop-2', false],
    ['team-*', 'team-', true],
    ['team-*', 'team', false],
    ['*', '', true],
    ['*a*b', 'xaybzb', true],
    ['*a*b', 'xayc', false],
  ])('%s against %s: %s', (pattern, name, expected) => {
    expect(matchesName(pattern, name)).toBe(expected);
  });
});

describe('a resource', () => {
  it.each<[string, string, boolean]>([
    [idOf('shop', 'web'), idOf('SHOP', 'Web'), true],
    [idOf('shop-*', 'web'), idOf('shop-1', 'web'), true],
    [idOf('*', '*'), idOf('shop', 'web'), true],
    [idOf('shop', '*'), `${idOf('shop', 'web')}/more/below`, false],
    [`${SUBSCRIPTION}/**`, idOf('shop', 'web'), true],
    [`${SUBSCRIPTION}/**`, SUBSCRIPTION, false],
    ['/subscriptions/*/**', idOf('shop', 'web'), false],
    [idOf('shop', '**'), idOf('shop', 'web'), true],
    [idOf('**', 'web'), idOf('shop', 'web'), false],
    [idOf('shop', 'web').replace('Microsoft.Compute', '*'), idOf('shop', 'web'), false],
  ])('%s against %s: %s', (pattern, id, expected) => {
    expect(matchesId(pattern, id)).toBe(expected);
  });
});

it('folds A to Z, and nothing else', () => {
  expect(fold('A\u212AZ')).toBe('a\u212Az');
});
