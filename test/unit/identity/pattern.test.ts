import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';

import { armKey, parseIdentityId, parseScaleSetId } from '../../../src/identity/arm-id.ts';
import { matchesGlob, matchesResource } from '../../../src/identity/pattern.ts';
import { identityId, scaleSetId, SUBSCRIPTION } from './builders.ts';

const OTHER_SUBSCRIPTION = 'ffffffff-4b5a-6978-8796-a5b4c3d2e1f0';

/** Whether the pattern matches, by dynamic programming over all prefixes: slow, and plainly right. */
function matchesByTable(pattern: string, text: string): boolean {
  let row = Array.from({ length: text.length + 1 }, (_, length) => length === 0);
  for (const character of pattern) {
    const next: boolean[] = [character === '*' && row[0] === true];
    for (let length = 1; length <= text.length; length += 1) {
      next[length] =
        character === '*'
          ? row[length] === true || next[length - 1] === true
          : row[length - 1] === true && text[length - 1] === character;
    }
    row = next;
  }
  return row[text.length] === true;
}

describe('a name pattern', () => {
  it.each([
    ['shop', 'shop'],
    ['*', ''],
    ['*', 'shop'],
    ['team-*', 'team-'],
    ['team-*', 'team-a'],
    ['*-prod', 'shop-prod'],
    ['a*c', 'ac'],
    ['a*b*c', 'a-b-b-c'],
    ['*b*', 'abc'],
    ['a**c', 'abc'],
    ['*a*a*', 'aa'],
  ])('%j matches %j', (pattern, text) => {
    expect(matchesGlob(pattern, text)).toBe(true);
  });

  it.each([
    ['', 'a'],
    ['shop', 'shops'],
    ['shop', 'Shop'],
    ['shop', 'my-shop'],
    ['team-*', 'team'],
    ['team-*', 'my-team-a'],
    ['*-prod', 'shop-prod-2'],
    ['ab*ba', 'aba'],
    ['a*bc*cd', 'abcd'],
    ['a*b*c', 'acb'],
    ['*a*a*', 'a'],
    ['te.m', 'team'],
    ['[a-z]*', 'team'],
    ['team?', 'teams'],
  ])('%j does not match %j', (pattern, text) => {
    expect(matchesGlob(pattern, text)).toBe(false);
  });

  it('matches exactly what trying every split would', () => {
    const few = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 9 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 });
    fc.assert(
      fc.property(few, text, (pattern, value) => matchesGlob(pattern, value) === matchesByTable(pattern, value)),
      { numRuns: 20_000 },
    );
  });

  it.each([
    ['many wildcards', `${'a*'.repeat(2000)}b*`, `${'a'.repeat(20_000)}b`],
    ['many wildcards, and nothing behind the last', `${'*ab'.repeat(2000)}*c*`, 'ab'.repeat(10_000)],
    ['pieces that nearly fit', `*${'a'.repeat(50)}b*${'a'.repeat(50)}b*`, `${'a'.repeat(20_000)}b`],
  ])('looks for each piece once, and never behind where the last was found: %s', (_what, pattern, text) => {
    const searched: { readonly from: number; readonly to: number }[] = [];
    const indexOf = vi.spyOn(String.prototype, 'indexOf').mockImplementation(function (this: string, piece, from = 0) {
      const found = this.slice(from).search(piece === '*' ? /\*/ : new RegExp(piece));
      const at = found === -1 ? -1 : from + found;
      if (this.valueOf() === text) searched.push({ from, to: at === -1 ? text.length : at + piece.length });
      return at;
    });
    try {
      matchesGlob(pattern, text);
    } finally {
      indexOf.mockRestore();
    }
    const steps = searched.reduce((sum, { from, to }) => sum + to - from, 0);
    expect(steps).toBeLessThanOrEqual(text.length);
    expect(searched.length).toBeLessThanOrEqual(pattern.split('*').length);
  });

  it('is done with inputs on which backtracking would never end', () => {
    const text = 'a'.repeat(100_000);
    expect(matchesGlob(`${'a*'.repeat(20_000)}b`, text)).toBe(false);
    expect(matchesGlob(`${'*a'.repeat(20_000)}*b*`, text)).toBe(false);
    expect(matchesGlob(`${'*aa'.repeat(20_000)}*`, text)).toBe(true);
    expect(matchesGlob('*'.repeat(100_000), text)).toBe(true);
    expect(matchesResource(scaleSetId(`${'a*'.repeat(20_000)}b`), armKey(scaleSetId(text)))).toBe(false);
  });
});

describe('a pattern of scale sets', () => {
  const web = armKey(scaleSetId('web', 'shop-rg'));

  it.each([
    ['the id itself', scaleSetId('web', 'shop-rg')],
    ['the id in another case', scaleSetId('web', 'shop-rg').toUpperCase()],
    ['any name in the group', scaleSetId('*', 'shop-rg')],
    ['any group', scaleSetId('web', '*')],
    ['part of both', scaleSetId('w*b', 'SHOP-*')],
    ['a whole subscription', `/subscriptions/${SUBSCRIPTION}/**`],
    ['a whole group', `/subscriptions/${SUBSCRIPTION}/resourceGroups/shop-rg/**`],
    ['groups and all in them', `/subscriptions/${SUBSCRIPTION}/resourceGroups/shop-*/**`],
    ['a whole type', scaleSetId('**', 'shop-rg')],
  ])('matches by %s', (_what, pattern) => {
    expect(matchesResource(pattern, web)).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['a slash', '/'],
    ['** alone', '**'],
    ['/**', '/**'],
    ['every subscription', '/subscriptions/**'],
    ['a wildcard for the subscription', scaleSetId().replace(SUBSCRIPTION, '*')],
    ['a wildcard for the subscription and all below', '/subscriptions/*/**'],
    ['part of the subscription', scaleSetId().replace(SUBSCRIPTION, '0f1e2d3c-*')],
    ['part of the subscription and all below', '/subscriptions/0f1e2d3c-*/**'],
    ['another subscription', scaleSetId().replace(SUBSCRIPTION, OTHER_SUBSCRIPTION)],
    ['another subscription and all below', `/subscriptions/${OTHER_SUBSCRIPTION}/**`],
    ['a wildcard for the provider', scaleSetId().replace('Microsoft.Compute', '*')],
    ['a wildcard in the provider', scaleSetId().replace('Microsoft.Compute', 'Microsoft.*')],
    ['a wildcard for the type', scaleSetId().replace('virtualMachineScaleSets', '*')],
    ['a wildcard for a fixed word', scaleSetId().replace('resourceGroups', '*')],
    ['** in the middle', `/subscriptions/${SUBSCRIPTION}/**/virtualMachineScaleSets/web`],
    ['** for the group', scaleSetId('web', '**')],
    ['** in a name', scaleSetId('w**')],
    ['** in a group', scaleSetId('web', 'shop**')],
    ['** twice', `/subscriptions/${SUBSCRIPTION}/**/**`],
    ['a segment after **', `/subscriptions/${SUBSCRIPTION}/**/`],
    ['too few segments', `/subscriptions/${SUBSCRIPTION}`],
    ['a trailing slash', `${scaleSetId()}/`],
    ['a segment more', `${scaleSetId()}/*`],
    ['all below the id', `${scaleSetId()}/**`],
    ['another group', scaleSetId('web', 'shop')],
    ['the start of the name', scaleSetId('we', 'shop-rg')],
    ['an identity of that name', identityId('web', 'shop-rg')],
    ['an encoded name', scaleSetId('%77eb')],
    ['a name with a look-alike', scaleSetId('\uFF57eb')],
  ])('does not match by %s', (_what, pattern) => {
    expect(matchesResource(pattern, web)).toBe(false);
  });

  it('takes the Kelvin sign for no k', () => {
    expect(matchesResource(scaleSetId('\u212Aey'), armKey(scaleSetId('key')))).toBe(false);
    expect(matchesResource(scaleSetId('key'), armKey(scaleSetId('\u212Aey')))).toBe(false);
  });

  it('holds a wildcard within its segment', () => {
    expect(matchesResource(scaleSetId('web', 'shop-*'), armKey(scaleSetId('web', 'shop-a/x')))).toBe(false);
    expect(matchesResource(scaleSetId('*'), armKey(`${scaleSetId('web')}/virtualMachines/0`))).toBe(false);
  });
});

describe('a grant', () => {
  const hostile = fc.oneof(
    fc.constantFrom(
      '..',
      '.',
      '/',
      '/../',
      '%2f',
      '%2e%2e',
      '\\',
      '\u212A',
      '\u017F',
      '\uFF0F',
      '\u2215',
      '*',
      '**',
      '\0',
    ),
    fc.string({ unit: 'binary', maxLength: 4 }),
    fc.string({ unit: fc.constantFrom('s', 'S', 'h', 'o', 'P', '-', '/', '.'), maxLength: 12 }),
  );
  const kinds = [
    ['scale sets', parseScaleSetId, scaleSetId('web', 'shop-rg'), scaleSetId('w*', 'shop-*')],
    ['identities', parseIdentityId, identityId('web', 'shop-ids'), identityId('w*', 'shop-*')],
  ] as const;

  it.each(kinds)('of %s has no way out, whatever is put into an id', (_what, parse, id, pattern) => {
    let inside = 0;
    const edits = fc.array(fc.tuple(fc.nat(id.length), fc.nat(4), hostile), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(edits, (list) => {
        let text: string = id;
        for (const [at, removed, inserted] of list) text = text.slice(0, at) + inserted + text.slice(at + removed);
        const parsed = parse(text);
        if (!parsed.ok || !matchesResource(pattern, parsed.id.key)) return true;
        inside += 1;
        const { pathname } = new URL(text, 'https://management.azure.com');
        const [, , subscription, , group = '', , provider, type, name = ''] = pathname.toLowerCase().split('/');
        const [, , , , , , expectedProvider, expectedType] = id.toLowerCase().split('/');
        return (
          subscription === SUBSCRIPTION &&
          group.startsWith('shop-') &&
          provider === expectedProvider &&
          type === expectedType &&
          name.startsWith('w')
        );
      }),
      { numRuns: 5_000 },
    );
    expect(inside).toBeGreaterThan(0);
  });

  it('never throws on a pattern, and matches nothing in a subscription that it does not spell out', () => {
    const web = armKey(scaleSetId());
    fc.assert(
      fc.property(
        fc.array(fc.oneof(hostile, fc.constantFrom(...scaleSetId().split('/'))), { maxLength: 11 }),
        (segments) => {
          const pattern = segments.join('/');
          return !matchesResource(pattern, web) || pattern.toLowerCase().startsWith(`/subscriptions/${SUBSCRIPTION}/`);
        },
      ),
      { numRuns: 5_000 },
    );
  });
});
