import { describe, expect, it } from 'vitest';

import type { Declaration } from '../../../src/identity/declaration.ts';
import type { Entry } from '../../../src/identity/ledger.ts';
import { settleMembers, withoutMembers } from '../../../src/identity/settle.ts';
import { binding, entry, GRANT_NOTHING, ledger, nameOf, systemEntry } from './builders.ts';

const DECLARES = { userAssigned: ['id'] } as const;

/** Who the entry of `id` stands for after settling; undefined when it was given up. */
function settled(members: readonly string[], declarations: readonly Declaration[]): readonly string[] | undefined {
  const [kept] = settleMembers(ledger([entry('id', 'Attached', members)]), declarations).entries;
  return kept?.for.map(({ name }) => name);
}

describe('without asking Azure', () => {
  it('a new binding that declares the identity joins', () => {
    expect(settled(['a'], [binding('a', DECLARES), binding('b', DECLARES)])).toEqual(['a', 'b']);
  });

  it('a binding that left hands over to those who stay, and is released at once', () => {
    const leaving = binding('a', { ...DECLARES, deleting: true });
    expect(settled(['a', 'b'], [leaving, binding('b', DECLARES)])).toEqual(['b']);
    expect(settled(['a'], [leaving, binding('b', DECLARES)])).toEqual(['b']);
  });

  it.each([{ suspended: true }, { observe: true }, { grants: GRANT_NOTHING }])(
    'a binding with %j keeps standing in the entry',
    (frozen) => {
      const leaving = binding('a', { deleting: true });
      expect(settled(['a', 'b'], [leaving, binding('b', { ...DECLARES, ...frozen })])).toEqual(['b']);
    },
  );

  it.each([{ retain: true }, { suspended: true }, { observe: true }, { abandoned: true }])(
    'the last binding gives the entry up when it is deleted with %j',
    (why) => {
      expect(settled(['a'], [binding('a', { deleting: true, ...why })])).toBeUndefined();
    },
  );

  it('nobody gives up what is owed, and what is not is given up', () => {
    const entries = [entry('id', 'Reattaching', ['a']), entry('id2', 'Reattaching', ['a'])];
    const leaving = [binding('a', { deleting: true, retain: true })];
    const isOwed = ({ resourceId }: Entry): boolean => resourceId.endsWith('id');
    expect(settleMembers(ledger(entries), leaving, isOwed).entries).toEqual([entries[0]]);
    expect(settleMembers(ledger(entries), leaving).entries).toEqual([]);
  });

  it('the last binding that leaves to have the identity taken back stays until a plan over a live reading', () => {
    expect(settled(['a'], [binding('a', { deleting: true })])).toEqual(['a']);
    expect(settled(['a'], [binding('a')])).toEqual(['a']);
    expect(settled(['a'], [binding('a', { deleting: true, grants: GRANT_NOTHING })])).toEqual(['a']);
  });

  it('among several that leave at once renouncing wins', () => {
    const all = [binding('a', { deleting: true }), binding('b', { deleting: true, retain: true }), binding('c')];
    expect(settled(['a', 'b', 'c'], all)).toBeUndefined();
  });

  it('the last to leave decides, not those before', () => {
    expect(settled(['a', 'b'], [binding('a', { deleting: true, retain: true }), binding('b', DECLARES)])).toEqual([
      'b',
    ]);
    expect(settled(['b'], [binding('b', { deleting: true })])).toEqual(['b']);
  });

  it('an orphan stays for who is not seen, and those who leave are released', () => {
    expect(settled(['gone'], [])).toEqual(['gone']);
    expect(settled(['gone', 'a'], [binding('a', { deleting: true })])).toEqual(['gone']);
    expect(settled(['gone'], [binding('a', DECLARES)])).toEqual(['a']);
  });

  it('phases, times and everything else of the ledger stay', () => {
    const full = ledger([entry('id', 'Detaching', ['a'])], {
      operation: { startedAt: '2026-03-01T11:00:00Z' },
      foreign: ['x'],
      systemAssigned: systemEntry('Enabling', ['a']),
    });
    const declarations = [binding('a', { ...DECLARES, systemAssigned: 'Enabled' })];
    expect(settleMembers(full, declarations)).toEqual(full);
  });
});

describe('the system-assigned identity, without asking Azure', () => {
  const system = (declarations: readonly Declaration[]): readonly string[] | undefined =>
    settleMembers(ledger([], { systemAssigned: systemEntry('Enabled', ['a']) }), declarations).systemAssigned?.for.map(
      ({ name }) => name,
    );

  it('is handed over to another binding that enables it', () => {
    const leaving = binding('a', { deleting: true });
    expect(system([leaving, binding('b', { systemAssigned: 'Enabled' })])).toEqual(['b']);
  });

  it('is given up when Enabled becomes Unmanaged', () => {
    expect(system([binding('a')])).toBeUndefined();
  });

  it('waits for a plan when the last binding is deleted, and may have it turned off', () => {
    expect(system([binding('a', { deleting: true })])).toEqual(['a']);
  });

  it('is given up when the last binding is deleted without the right to have it turned off', () => {
    expect(system([binding('a', { deleting: true, grants: { disableSystemAssigned: false } })])).toBeUndefined();
  });
});

describe('when the scale set is gone', () => {
  it('bindings are taken out of every entry, and entries that stood for them alone are gone', () => {
    const before = ledger([entry('one', 'Attached', ['a']), entry('two', 'Attached', ['a', 'b'])], {
      systemAssigned: systemEntry('Enabled', ['a', 'b']),
    });
    const after = withoutMembers(before, new Set(['uid-a']));
    expect(after.entries.map(({ resourceId, for: members }) => [nameOf(resourceId), members.length])).toEqual([
      ['two', 1],
    ]);
    expect(after.systemAssigned?.for.map(({ name }) => name)).toEqual(['b']);
  });

  it('nothing is left of a ledger that stood for them alone', () => {
    const before = ledger([entry('one', 'Attached', ['a'])], {
      systemAssigned: systemEntry('Enabled', ['a']),
      operation: { startedAt: '2026-03-01T11:00:00Z' },
    });
    expect(withoutMembers(before, new Set(['uid-a']))).toEqual(ledger([]));
    expect(withoutMembers(ledger([]), new Set(['uid-a']))).toEqual(ledger([]));
  });
});
