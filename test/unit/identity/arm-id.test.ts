import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  armKey,
  asciiLower,
  MAX_IDENTITY_ID_LENGTH,
  type Parsed,
  parseIdentityId,
  parseScaleSetId,
} from '../../../src/identity/arm-id.ts';
import { identityId, scaleSetId, SUBSCRIPTION } from './builders.ts';

/** What is said of an id that is refused; nothing of one that is accepted. */
function problemOf(parsed: Parsed<unknown>): string {
  return parsed.ok ? '' : parsed.problem;
}

const KELVIN = '\u212A';
const FULLWIDTH_A = '\uFF21';

describe('the id of a scale set', () => {
  it('is told apart into subscription, resource group and name', () => {
    expect(parseScaleSetId(scaleSetId('web', 'Shop-RG'))).toMatchObject({
      ok: true,
      id: { kind: 'scaleSet', subscriptionId: SUBSCRIPTION, resourceGroup: 'Shop-RG', name: 'web' },
    });
  });

  it('keeps its spelling, and is compared by a key that has none', () => {
    const odd = scaleSetId('Web').replace('resourceGroups', 'RESOURCEgroups').replace('Compute', 'COMPUTE');
    expect(parseScaleSetId(odd)).toMatchObject({
      ok: true,
      id: { resourceId: odd, key: scaleSetId('web').toLowerCase() },
    });
  });

  it('has its subscription in lower case', () => {
    const parsed = parseScaleSetId(scaleSetId().replace(SUBSCRIPTION, SUBSCRIPTION.toUpperCase()));
    expect(parsed).toMatchObject({ ok: true, id: { subscriptionId: SUBSCRIPTION } });
  });

  it('may not be the id of something else', () => {
    expect(problemOf(parseScaleSetId(identityId('web')))).toContain('expected the id of a virtual machine');
  });

  it('may not be the id of a virtual machine in it', () => {
    expect(parseScaleSetId(`${scaleSetId()}/virtualMachines/0`).ok).toBe(false);
  });

  it.each(['a', 'a'.repeat(64), '0', 'a.b', 'a_b', 'a-b', '...'])('may end in the name %s', (name) => {
    expect(parseScaleSetId(scaleSetId(name)).ok).toBe(true);
  });

  it.each(['', '.', '..', 'a'.repeat(65), 'a b', 'a%2e', 'a/b', 'a\\b', 'a?b', 'a#b', 'a*', 'a\u0000', 'ä'])(
    'may not end in the name %j',
    (name) => {
      expect(parseScaleSetId(scaleSetId(name)).ok).toBe(false);
    },
  );

  it('says when the name is wrong', () => {
    expect(problemOf(parseScaleSetId(scaleSetId('a b')))).toMatch(/^the name is not/);
  });
});

describe('the id of an identity', () => {
  it('is told apart into subscription, resource group and name', () => {
    expect(parseIdentityId(identityId('Web-Id', 'Ids'))).toMatchObject({
      ok: true,
      id: { kind: 'identity', subscriptionId: SUBSCRIPTION, resourceGroup: 'Ids', name: 'Web-Id' },
    });
  });

  it('keeps its spelling, and is compared by a key that has none', () => {
    const odd = identityId('WEB').replace('resourceGroups', 'resourcegroups').replace('userAssigned', 'UserAssigned');
    expect(parseIdentityId(odd)).toMatchObject({
      ok: true,
      id: { resourceId: odd, key: identityId('web').toLowerCase() },
    });
  });

  it.each(['abc', 'a'.repeat(128), '-__', '0-9'])('may end in the name %s', (name) => {
    expect(parseIdentityId(identityId(name)).ok).toBe(true);
  });

  it.each(['', 'ab', 'a'.repeat(129), 'a.b', '...', 'a b c', 'a%62c', 'a\tbc', 'abc\n', 'abc\r', '\u0007abc', 'abc*'])(
    'may not end in the name %j',
    (name) => {
      expect(parseIdentityId(identityId(name)).ok).toBe(false);
    },
  );

  it('may not hold a letter that looks like an ASCII one', () => {
    expect(parseIdentityId(identityId(`${KELVIN}ey`)).ok).toBe(false);
    expect(parseIdentityId(identityId(`${FULLWIDTH_A}bc`)).ok).toBe(false);
    expect(parseIdentityId(identityId('key').replace('Microsoft', `Micro\u017Foft`)).ok).toBe(false);
  });

  it('is at most 345 characters long, which the longest group and name just fill', () => {
    const longest = identityId('n'.repeat(128), 'g'.repeat(90));
    expect(longest).toHaveLength(MAX_IDENTITY_ID_LENGTH);
    expect(parseIdentityId(longest).ok).toBe(true);
    expect(parseIdentityId(`${longest}n`)).toEqual({ ok: false, problem: 'the id is longer than 345 characters' });
  });
});

describe('both kinds of id', () => {
  const kinds = [
    ['scale set', parseScaleSetId, scaleSetId('web', 'GROUP')],
    ['identity', parseIdentityId, identityId('web', 'GROUP')],
  ] as const;

  describe.each(kinds)('%s', (_, parse, id) => {
    it.each(['g', 'g'.repeat(90), 'a.b', 'a(b)', '(a)', '-', '_', '..a'])('may lie in the group %s', (group) => {
      expect(parse(id.replace('GROUP', group)).ok).toBe(true);
    });

    it.each(['', '.', '..', '...', 'a.', 'g'.repeat(91), 'a b', '%2e%2e', '%2E', 'a*', 'ü', KELVIN, 'a\u007F'])(
      'may not lie in the group %j',
      (group) => {
        expect(problemOf(parse(id.replace('GROUP', group)))).toMatch(/^the resource group/);
      },
    );

    it.each([
      '0f1e2d3c4b5a69788796a5b4c3d2e1f0',
      '{0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0}',
      '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f',
      '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f00',
      'gf1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0',
      '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0\n',
      'production',
      '*',
      '',
    ])('may not have %j for a subscription', (subscription) => {
      expect(problemOf(parse(id.replace(SUBSCRIPTION, subscription)))).toMatch(/^the subscription is not a GUID/);
    });

    it.each([
      ['a trailing slash', (good: string) => `${good}/`],
      ['a leading space', (good: string) => ` ${good}`],
      ['a trailing space', (good: string) => `${good} `],
      ['no leading slash', (good: string) => good.slice(1)],
      ['two slashes', (good: string) => good.replace('/providers', '//providers')],
      ['backslashes', (good: string) => good.replaceAll('/', '\\')],
      ['a host', (good: string) => `https://management.azure.com${good}`],
      ['a query', (good: string) => `${good}?api-version=2024-07-01`],
      ['a fragment', (good: string) => `${good}#x`],
      ['a missing segment', (good: string) => good.replace('/providers', '')],
      ['a segment too many', (good: string) => good.replace('/providers', '/x/providers')],
      ['an encoded slash', (good: string) => good.replace('/providers', '%2Fproviders')],
      ['a way up', (good: string) => good.replace('GROUP', 'GROUP/../other')],
      ['another first word', (good: string) => good.replace('subscriptions', 'tenants')],
      ['another second word', (good: string) => good.replace('resourceGroups', 'groups')],
      ['another third word', (good: string) => good.replace('providers', 'provider')],
      ['another provider', (good: string) => good.replace('Microsoft.', 'Contoso.')],
      ['another type', (good: string) => good.replace(/(s)(\/web)$/, 'x$2')],
      ['nothing at all', () => ''],
    ])('is refused with %s', (_what, spoil) => {
      expect(spoil(id)).not.toBe(id);
      expect(problemOf(parse(spoil(id)))).toContain('expected the id of');
    });

    it('is accepted in any letter case', () => {
      const cases = fc.array(fc.boolean(), { minLength: id.length, maxLength: id.length });
      fc.assert(
        fc.property(cases, (upper) => {
          const odd = Array.from(id, (c, index) => (upper[index] ? c.toUpperCase() : c.toLowerCase())).join('');
          const parsed = parse(odd);
          return parsed.ok && parsed.id.key === armKey(id) && parsed.id.resourceId === odd;
        }),
      );
    });

    it('never throws, and a refusal says what was expected', () => {
      fc.assert(
        fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
          const parsed = parse(text);
          return parsed.ok || parsed.problem.length > 0;
        }),
      );
    });

    it('has a key that parses to the same key, and a path that a URL parser leaves as it is, whatever is put into it', () => {
      const hostile = fc.oneof(
        fc.constantFrom(
          '..',
          '.',
          '/',
          '%2e',
          '%2F',
          '\\',
          KELVIN,
          '\u0130',
          '\u017F',
          '?',
          '#',
          '\t',
          '\n',
          '@',
          ':',
          '*',
        ),
        fc.string({ unit: 'binary', maxLength: 3 }),
        fc.string({ unit: 'grapheme-ascii', maxLength: 3 }),
      );
      let accepted = 0;
      fc.assert(
        fc.property(fc.nat(id.length), fc.nat(3), hostile, (at, removed, inserted) => {
          const text = id.slice(0, at) + inserted + id.slice(at + removed);
          const parsed = parse(text);
          if (!parsed.ok) return true;
          accepted += 1;
          const again = parse(parsed.id.key);
          return (
            again.ok &&
            again.id.key === parsed.id.key &&
            new URL(text, 'https://management.azure.com').pathname === text &&
            /^[!-~]+$/.test(text) &&
            !text.includes('%')
          );
        }),
        { numRuns: 5_000 },
      );
      expect(accepted).toBeGreaterThan(0);
    });
  });
});

describe('folding', () => {
  it('turns A–Z into a–z and leaves every other character as it is', () => {
    for (let code = 0; code <= 0xffff; code += 1) {
      const character = String.fromCharCode(code);
      const isCapital = code >= 65 && code <= 90;
      const expected = isCapital ? String.fromCharCode(code + 32) : character;
      if (asciiLower(character) !== expected) expect.fail(`folds U+${code.toString(16)}`);
    }
  });

  it('holds an id with the Kelvin sign apart from one with a k', () => {
    expect(armKey(identityId(`${KELVIN}ey`))).not.toBe(armKey(identityId('key')));
  });
});
