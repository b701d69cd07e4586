import { describe, expect, it } from 'vitest';

import { armKey, parseIdentityId, parseScaleSetId } from '../../../src/identity/arm-id.ts';
import type { Look } from '../../../src/reconcile/answered.ts';
import type { AzurePort } from '../../../src/reconcile/azure-port.ts';
import { IdentityCache, IdentityLooks } from '../../../src/reconcile/identity-looks.ts';
import { IdentityRoster } from '../../../src/reconcile/inventory/identity-roster.ts';
import { ledgerName } from '../../../src/reconcile/ledger-name.ts';
import { identityId, identityKey } from '../identity/builders.ts';
import { scaleSet } from './objects.ts';
import { MINUTE } from './world.ts';

function found(name: string): Look {
  return {
    ok: true,
    value: {
      resourceId: identityId(name),
      key: identityKey(name),
      principalId: `principal of ${name}`,
      clientId: name,
    },
  };
}

const MISSING: Look = {
  ok: false,
  failure: { kind: 'notFound', code: 'ResourceNotFound', message: 'gone', identityIds: [], hadNoEffect: true },
};

describe('what is remembered of identities that were read', () => {
  it('is believed for five minutes', () => {
    const cache = new IdentityCache();
    cache.note(identityKey('app'), found('app'), 0);

    expect(cache.get(identityKey('app'), 5 * MINUTE - 1)).toEqual(found('app'));
    expect(cache.get(identityKey('app'), 5 * MINUTE)).toBeUndefined();
  });

  it('is never that one is missing: it may be created any moment', () => {
    const cache = new IdentityCache();
    cache.note(identityKey('app'), found('app'), 0);
    cache.note(identityKey('app'), MISSING, 1);

    expect(cache.get(identityKey('app'), 2)).toBeUndefined();
  });

  it('is bounded: the one read longest ago goes first', () => {
    const cache = new IdentityCache();
    for (let index = 0; index <= 10_000; index += 1) {
      const name = `identity-${String(index)}`;
      cache.note(identityKey(name), found(name), 0);
    }

    expect(cache.get(identityKey('identity-0'), 1)).toBeUndefined();
    expect(cache.get(identityKey('identity-1'), 1)).toBeDefined();
    expect(cache.get(identityKey('identity-10000'), 1)).toBeDefined();
  });
});

describe('the looks of one pass', () => {
  /** Looks over an Azure that counts how often it is asked. */
  function looks() {
    const asked: string[] = [];
    const azure: Pick<AzurePort, 'getIdentity' | 'mayAssign'> = {
      mayAssign: async () => ({ ok: true, value: true }),
      getIdentity: async ({ name }) => {
        asked.push(name);
        return found(name);
      },
    };
    const roster = new IdentityRoster({ now: () => 0, wanted: () => undefined, contradicted: () => undefined });
    const of = (identities: IdentityCache) => {
      const { signal } = new AbortController();
      return new IdentityLooks(armKey(scaleSet()), { azure, identities, roster, now: () => 0, signal });
    };
    return { asked, of, roster };
  }

  it('ask at most once, whatever others said before', async () => {
    const { asked, of } = looks();
    const cache = new IdentityCache();
    cache.note(identityKey('app'), found('app'), 0);
    const pass = of(cache);

    await pass.fresh(identityKey('app'));
    await pass.fresh(identityKey('app'));

    expect(asked).toEqual(['app']);
  });

  it('do not ask at all for what was found a short while ago, where that will do', async () => {
    const { asked, of } = looks();
    const cache = new IdentityCache();
    await of(cache).recent(identityKey('app'));
    await of(cache).recent(identityKey('app'));

    expect(asked).toEqual(['app']);
  });

  it('ask nobody about what is not the id of an identity', async () => {
    const { asked, of } = looks();

    expect(parseIdentityId(identityId('x')).ok).toBe(false);
    expect(await of(new IdentityCache()).fresh(identityKey('x'))).toBeUndefined();
    expect(asked).toEqual([]);
  });
});

describe('the name of a ledger', () => {
  it.each([
    ['web', /^web-[0-9a-f]{16}$/],
    ['Web_01.Pool', /^web-01-pool-[0-9a-f]{16}$/],
    ['-web-', /^web-[0-9a-f]{16}$/],
    ['___', /^[0-9a-f]{16}$/],
  ])('of %s is one that Kubernetes takes', (name, expected) => {
    expect(ledgerName({ name, key: identityKey(name) })).toMatch(expected);
  });

  it('is another for a scale set of the same name elsewhere', () => {
    const [here, there] = ['here', 'there'].map((group) => ledgerName({ name: 'web', key: identityKey(group) }));

    expect(here).not.toBe(there);
  });

  it('is the same in whatever case the scale set is spelled', () => {
    const names = [scaleSet('web'), scaleSet('web').toUpperCase()].map((id) => {
      const parsed = parseScaleSetId(id);
      return parsed.ok ? ledgerName(parsed.id) : parsed.problem;
    });

    expect(names[1]).toBe(names[0]);
  });
});
