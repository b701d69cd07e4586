import { describe, expect, it } from 'vitest';

import { MAX_ENTRIES, MAX_MEMBERS } from '../../../src/identity/bounds.ts';
import type { Declaration } from '../../../src/identity/declaration.ts';
import { composeStatus } from '../../../src/identity/status.ts';
import { judgeSystemAssigned } from '../../../src/identity/system-assigned.ts';
import { entry, identityId, identityKey, ledger, NOW, scaleSet, systemEntry } from '../identity/builders.ts';
import {
  ALLOW_ALL,
  ASSIGNED,
  compose,
  declare,
  identityOf,
  identityStatus,
  readyOf,
  readyStatus,
  shown,
  stored,
} from './builders.ts';

const others = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `other${String(index)}`);
const LIVE = { live: { userAssigned: ['a'] }, verdicts: { a: ASSIGNED } } as const;

describe('a binding of an identity for which as many others stand as an entry can name', () => {
  it.each([
    [MAX_MEMBERS - 1, 'Ready=True Assigned'],
    [MAX_MEMBERS, 'Ready=False Stalled LedgerFull'],
  ])('%i, says %s', (count, expected) => {
    const composed = compose({}, { ...LIVE, entries: [entry('a', 'Attached', others(count))] });
    expect(shown(composed)).toBe(expected);
  });

  it('says in words which identity it is, and how it gets its place', () => {
    const composed = compose({}, { ...LIVE, entries: [entry('a', 'Attached', others(MAX_MEMBERS))] });
    expect(readyOf(composed).message).toBe(
      'Identity a: 256 bindings that came first stand for it already, and the ledger of the scale set takes no more; it ' +
        'is on the scale set for as long as one of them declares it.',
    );
    expect(identityOf(composed, 'a')).toMatchObject({ state: 'Failed', reason: 'LedgerFull', attachedByUs: false });
  });

  it('is Ready when it is one of those', () => {
    const composed = compose({}, { ...LIVE, entries: [entry('a', 'Attached', [...others(MAX_MEMBERS - 1), 'web'])] });
    expect(shown(composed)).toBe('Ready=True Assigned');
  });

  it.each([
    ['is suspended', { suspend: true }],
    ['only observes', { managementPolicy: 'Observe' }],
  ] as const)('says nothing of it when it %s', (_what, spec) => {
    const composed = compose({ spec }, { ...LIVE, entries: [entry('a', 'Attached', others(MAX_MEMBERS))] });
    expect(identityOf(composed, 'a').state).toBe('Assigned');
  });
});

describe('a binding of an identity for which the ledger has no entry left', () => {
  const full = (count: number) => others(count).map((name) => entry(name, 'Attached', ['other']));

  it.each([
    [MAX_ENTRIES - 1, 'Ready=False Reconciling Assigning'],
    [MAX_ENTRIES, 'Ready=False Stalled LedgerFull'],
  ])('%i being taken, says %s', (count, expected) => {
    const composed = compose({}, { live: {}, verdicts: { a: { state: 'Pending' } }, entries: full(count) });
    expect(shown(composed)).toBe(expected);
  });

  it('is Ready where others attached it', () => {
    expect(shown(compose({}, { ...LIVE, entries: full(MAX_ENTRIES) }))).toBe('Ready=True Assigned');
  });

  it('stays Ready so while the scale set is not read', () => {
    const composed = compose({ status: readyStatus('a') }, { entries: full(MAX_ENTRIES) });
    expect(shown(composed)).toBe('Ready=True Assigned');
  });

  it('forgets it when there is room, though nothing was found out yet', () => {
    const status = { ...readyStatus(), userAssigned: [identityStatus('a', 'Failed', { reason: 'LedgerFull' })] };
    expect(identityOf(compose({ status }, { entries: [] }), 'a').state).toBe('Pending');
  });
});

describe('a binding that asks for the system-assigned identity as so many others do', () => {
  const SYSTEM = { spec: { systemAssigned: 'Enabled' }, userAssigned: [] } as const;

  it.each([
    [MAX_MEMBERS - 1, 'Ready=True Assigned'],
    [MAX_MEMBERS, 'Ready=False Stalled LedgerFull'],
  ])('%i, says %s', (count, expected) => {
    const systemEntryOf = systemEntry('Enabled', others(count));
    expect(shown(compose(SYSTEM, { live: { systemAssigned: true }, systemEntry: systemEntryOf }))).toBe(expected);
  });

  it('says nothing of it without asking for it', () => {
    const systemEntryOf = systemEntry('Enabled', others(MAX_MEMBERS));
    const composed = compose({ userAssigned: [] }, { live: { systemAssigned: true }, systemEntry: systemEntryOf });
    expect(shown(composed)).toBe('Ready=True Assigned');
  });
});

describe('a binding that is Exclusive in a crowd whose wait could not be recorded', () => {
  it('says that nothing is detached', () => {
    const surplus = [{ key: identityKey('x'), resourceId: identityId('x'), declaredIn: [] }];
    const composed = compose(
      { spec: { mode: 'Exclusive' } },
      { live: { userAssigned: ['a', 'x'] }, verdicts: { a: ASSIGNED }, exclusive: { surplus } },
    );
    expect(shown(composed)).toBe('Ready=False Stalled LedgerFull');
    expect(readyOf(composed).message).toContain('acts as Additive');
    expect(composed.status.plan).toBeUndefined();
  });

  it('is of no concern to one that is Additive', () => {
    const surplus = [{ key: identityKey('x'), resourceId: identityId('x'), declaredIn: [] }];
    const view = { live: { userAssigned: ['a', 'x'] }, verdicts: { a: ASSIGNED }, exclusive: { surplus } };
    expect(shown(compose({}, view))).toBe('Ready=True Assigned');
  });
});

describe('a binding that is set aside', () => {
  function aside(setAside: NonNullable<Declaration['setAside']>, deleting = false) {
    const binding = stored({ deleting });
    const declaration = { ...declare(binding, [ALLOW_ALL]), setAside };
    const view = {
      now: NOW,
      scaleSet: scaleSet({ userAssigned: ['a'] }),
      ledger: ledger([entry('a', 'Attached', ['other'])]),
      verdicts: new Map([[identityKey('a'), ASSIGNED]]),
      system: judgeSystemAssigned([declaration], undefined),
    };
    return composeStatus(binding, declaration, view);
  }

  it.each([
    ['finalizerRefused', 'Ready=False Reconciling FinalizerRefused'],
    ['ledgerFull', 'Ready=False Stalled LedgerFull'],
  ] as const)('for %s says %s', (why, expected) => {
    expect(shown(aside(why))).toBe(expected);
  });

  it('is only on its way out when it is being deleted', () => {
    expect(shown(aside('ledgerFull', true))).toBe('Ready=False Reconciling Detaching');
  });
});
