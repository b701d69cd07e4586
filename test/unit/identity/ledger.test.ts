import { describe, expect, it } from 'vitest';

import type { ArmKey } from '../../../src/identity/arm-id.ts';
import {
  entriesByKey,
  isNeeded,
  ledgerFor,
  memberUids,
  names,
  retract,
  sentOnly,
} from '../../../src/identity/ledger.ts';
import { entry, identityId, identityKey, ledger, nameOf, systemEntry } from './builders.ts';

function keys(...identities: readonly string[]): ReadonlySet<ArmKey> {
  return new Set(identities.map(identityKey));
}

function told(of: { readonly entries: readonly { readonly resourceId: string; readonly phase: string }[] }): string[] {
  return of.entries.map(({ resourceId, phase }) => `${phase} ${nameOf(resourceId)}`);
}

describe('a ledger', () => {
  it('finds its entries whatever their spelling', () => {
    const odd = { ...entry('web', 'Attached', ['a']), resourceId: identityId('WEB').toUpperCase() };
    expect(entriesByKey(ledger([odd])).get(identityKey('web'))).toBe(odd);
    expect(entriesByKey(undefined).size).toBe(0);
  });

  it('exists while it has an entry, a system-assigned identity or an operation', () => {
    expect(isNeeded(ledger([entry('web', 'Detaching', ['a'])]))).toBe(true);
    expect(isNeeded(ledger([], { systemAssigned: systemEntry('Enabled', ['a']) }))).toBe(true);
    expect(isNeeded(ledger([], { operation: { startedAt: '2026-03-01T12:00:00Z' } }))).toBe(true);
    expect(isNeeded(ledger([], { foreign: [identityId('x')] }))).toBe(false);
  });

  it('names every binding that an entry stands for: its finalizer must stay', () => {
    const both = ledger([entry('web', 'Detaching', ['a', 'b'])], { systemAssigned: systemEntry('Enabled', ['c']) });
    expect([...memberUids(both)].sort()).toEqual(['uid-a', 'uid-b', 'uid-c']);
    expect(['uid-a', 'uid-b', 'uid-c', 'uid-d'].map((uid) => names(both, uid))).toEqual([true, true, true, false]);
  });

  it('names nobody when it is not there', () => {
    expect(names(undefined, 'uid-a')).toBe(false);
    expect(memberUids(undefined).size).toBe(0);
    expect(names(ledger([]), 'uid-a')).toBe(false);
  });
});

describe('the ledger of a scale set that was recreated under the same name', () => {
  const written = ledger([entry('web', 'Attached', ['a'])]);

  it('is void', () => {
    expect(ledgerFor(written, 'unique-2')).toBeUndefined();
  });

  it('counts for the scale set that it was written for, in any letter case', () => {
    expect(ledgerFor(written, 'UNIQUE-1')).toBe(written);
  });

  it('counts as long as nothing says that it is another scale set', () => {
    const { uniqueId: _, ...unmarked } = written;
    expect(ledgerFor(written, undefined)).toBe(written);
    expect(ledgerFor(unmarked, 'unique-1')).toBe(unmarked);
    expect(ledgerFor(undefined, 'unique-1')).toBeUndefined();
  });
});

describe('retracting', () => {
  const phases = ledger(
    [
      entry('a', 'Attaching', ['x']),
      entry('b', 'Attached', ['x']),
      entry('c', 'Detaching', ['x']),
      entry('d', 'Attaching', ['x']),
    ],
    { systemAssigned: systemEntry('Enabling', ['x']) },
  );

  it('takes back the named intents and nothing else', () => {
    const rest = retract(phases, keys('a', 'b', 'c'), false);
    expect(told(rest)).toEqual(['Attached b', 'Detaching c', 'Attaching d']);
    expect(rest.systemAssigned?.phase).toBe('Enabling');
  });

  it('takes back the intent to turn the system-assigned identity on', () => {
    const rest = retract(phases, keys(), true);
    expect(told(rest)).toEqual(told(phases));
    expect(rest).not.toHaveProperty('systemAssigned');
  });

  it.each(['Enabled', 'Disabling'] as const)('does not take back a system-assigned identity that is %s', (phase) => {
    const owned = ledger([], { systemAssigned: systemEntry(phase, ['x']) });
    expect(retract(owned, keys(), true)).toEqual(owned);
  });

  it('leaves a ledger without intents as it is', () => {
    expect(retract(ledger([]), keys('a'), true)).toEqual(ledger([]));
  });
});

describe('what is recorded before a request', () => {
  const sent = (...identities: readonly string[]): Parameters<typeof sentOnly>[2] => ({
    attach: identities.map((name) => ({ key: identityKey(name) })),
  });
  const planned = ledger([
    entry('a', 'Attaching', ['x']),
    entry('b', 'Attaching', ['x']),
    entry('c', 'Detaching', ['x']),
  ]);

  it('claims nothing that the request does not carry', () => {
    expect(told(sentOnly(planned, undefined, sent('a')))).toEqual(['Attaching a', 'Detaching c']);
    expect(told(sentOnly(planned, undefined, sent()))).toEqual(['Detaching c']);
  });

  it('keeps an intent that may have been sent before, as it is recorded', () => {
    const earlier = { ...entry('b', 'Attaching', ['y']), since: '2026-03-01T09:00:00.000Z' };
    expect(sentOnly(planned, ledger([earlier]), sent('a')).entries[1]).toBe(earlier);
  });

  it('begins to reattach nothing that the request does not detach, and forgets nothing that was begun', () => {
    const begun = ledger([entry('a', 'Reattaching', ['x']), entry('b', 'Reattaching', ['x'])]);
    const stored = ledger([entry('a', 'Attached', ['x']), entry('b', 'Attached', ['x'])]);
    const detach = [{ key: identityKey('a') }];
    expect(told(sentOnly(begun, stored, { attach: [], detach }))).toEqual(['Reattaching a', 'Attached b']);
    expect(told(sentOnly(begun, begun, { attach: [], detach }))).toEqual(['Reattaching a', 'Reattaching b']);
  });

  describe('of the system-assigned identity', () => {
    const enabling = ledger([], { systemAssigned: systemEntry('Enabling', ['x']) });
    const on = { attach: [], systemAssigned: 'on' } as const;

    it('claims it when the request turns it on, and only then', () => {
      expect(sentOnly(enabling, undefined, on)).toEqual(enabling);
      expect(sentOnly(enabling, undefined, sent())).toEqual(ledger([]));
      expect(sentOnly(enabling, undefined, { ...on, systemAssigned: 'asLive' })).toEqual(ledger([]));
    });

    it('keeps an intent that may have been sent before, and no other phase', () => {
      const earlier = systemEntry('Enabling', ['y']);
      expect(sentOnly(enabling, ledger([], { systemAssigned: earlier }), sent()).systemAssigned).toBe(earlier);
      const disabling = ledger([], { systemAssigned: systemEntry('Disabling', ['y']) });
      expect(sentOnly(enabling, disabling, sent())).toEqual(ledger([]));
    });

    it.each(['Enabled', 'Disabling'] as const)('keeps it as it is when it is %s', (phase) => {
      const owned = ledger([], { systemAssigned: systemEntry(phase, ['x']) });
      expect(sentOnly(owned, undefined, sent())).toEqual(owned);
    });
  });

  it('does not keep an intent where another phase is recorded', () => {
    const detached = ledger([entry('b', 'Detaching', ['y'])]);
    expect(told(sentOnly(planned, detached, sent('a')))).toEqual(['Attaching a', 'Detaching c']);
  });
});
