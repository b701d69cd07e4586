import { describe, expect, it } from 'vitest';

import type { HeldBack } from '../../../src/identity/brakes.ts';
import { entry, identityId, identityKey, systemEntry } from '../identity/builders.ts';
import {
  allowAllBut,
  ASSIGNED,
  compose,
  identityOf,
  identityStatus,
  readyOf,
  readyStatus,
  shown,
  type ViewOptions,
} from './builders.ts';

const GOES_ON_AT = Date.parse('2026-03-01T12:07:00Z');
const GOES_ON = '2026-03-01T12:07:00.000Z';

const refs = (names: readonly string[]) =>
  names.map((name) => ({ key: identityKey(name), resourceId: identityId(name) }));

interface Waiting {
  readonly attach?: readonly string[];
  readonly detach?: readonly string[];
  readonly systemAssigned?: HeldBack['systemAssigned'];
}

function readOnly({ attach = [], detach = [], systemAssigned = 'asLive' }: Waiting): { readonly heldBack: HeldBack } {
  return { heldBack: { reason: 'ReadOnly', attach: refs(attach), detach: refs(detach), systemAssigned } };
}

function limited(waiting: Waiting): { readonly heldBack: HeldBack } {
  return { heldBack: { ...readOnly(waiting).heldBack, reason: 'DetachLimitReached', goesOnAt: GOES_ON_AT } };
}

/** `a` is declared and to be attached; `b` was attached for the binding, which does not declare it any more. */
const DIFFERS: ViewOptions = {
  live: { userAssigned: ['b'] },
  entries: [entry('b', 'Attached', ['web'])],
  verdicts: { a: { state: 'Pending' }, b: ASSIGNED },
};

describe('a binding of an operator that only reads', () => {
  it('says what waits for it', () => {
    const composed = compose({}, { ...DIFFERS, ...readOnly({ attach: ['a'], detach: ['b'] }) });

    expect(shown(composed)).toBe('Ready=False Reconciling ReadOnly');
    expect(readyOf(composed).message).toBe(
      'Held back, since the operator runs with --read-only: attaching a; detaching b. ' +
        'This goes on when the operator is started with other flags.',
    );
  });

  it('says so of each identity', () => {
    const composed = compose({}, { ...DIFFERS, ...readOnly({ attach: ['a'], detach: ['b'] }) });

    const why = { reason: 'ReadOnly', message: 'the operator runs with --read-only' };
    expect(identityOf(composed, 'a')).toMatchObject({ state: 'Pending', ...why });
    expect(identityOf(composed, 'b')).toMatchObject({ state: 'Detaching', ...why });
  });

  it('names three identities, and counts the rest', () => {
    const names = ['a', 'b', 'c', 'd'];
    const verdicts = Object.fromEntries(names.map((name) => [name, { state: 'Pending' as const }]));
    const composed = compose({ userAssigned: names }, { live: {}, verdicts, ...readOnly({ attach: names }) });

    expect(readyOf(composed).message).toContain('attaching a, b, c, 1 more.');
  });

  it('is Assigned where nothing of it differs, whatever waits for others', () => {
    const view = {
      live: { userAssigned: ['a'] },
      verdicts: { a: ASSIGNED },
      ...readOnly({ attach: ['c'], detach: ['d'] }),
    };

    expect(shown(compose({}, view))).toBe('Ready=True Assigned');
  });

  it('shows what is wrong with an identity beside what waits', () => {
    const verdicts = { a: { state: 'Missing', reason: 'IdentityMissing' }, b: { state: 'Pending' } } as const;
    const composed = compose({ userAssigned: ['a', 'b'] }, { live: {}, verdicts, ...readOnly({ attach: ['b'] }) });

    expect(shown(composed)).toBe('Ready=False Reconciling ReadOnly');
    expect(identityOf(composed, 'a')).toMatchObject({ state: 'Missing', reason: 'IdentityMissing' });
  });

  it.each([
    { systemAssigned: 'Enabled', waits: 'on', live: {} },
    { systemAssigned: 'Disabled', waits: 'off', live: { systemAssigned: true } },
  ] as const)('says that systemAssigned: $systemAssigned waits', ({ systemAssigned, waits, live }) => {
    const spec = { spec: { systemAssigned }, userAssigned: [] };
    const composed = compose(spec, { live, ...readOnly({ systemAssigned: waits }) });

    expect(shown(composed)).toBe('Ready=False Reconciling ReadOnly');
    expect(readyOf(composed).message).toContain(`: turning the system-assigned identity ${waits}.`);
  });

  it('says nothing of a system-assigned identity that is to be on for another binding', () => {
    const composed = compose({ userAssigned: [] }, { live: {}, ...readOnly({ systemAssigned: 'on' }) });

    expect(shown(composed)).toBe('Ready=True Assigned');
  });

  it('says nothing of an identity that it may not have', () => {
    const options = { userAssigned: ['a', 'b'], policies: [allowAllBut('b')] };
    const verdicts = { a: ASSIGNED, b: { state: 'Pending' } } as const;
    const composed = compose(options, { live: { userAssigned: ['a'] }, verdicts, ...readOnly({ attach: ['b'] }) });

    expect(identityOf(composed, 'b').state).toBe('NotPermitted');
    expect(readyOf(composed).reason).toBe('NotPermitted');
  });

  it('forgets a brake that does not hold any more', () => {
    const waited = identityStatus('a', 'Pending', {
      reason: 'ReadOnly',
      message: 'the operator runs with --read-only',
    });
    const composed = compose({ status: { ...readyStatus(), userAssigned: [waited] } }, {});

    expect(identityOf(composed, 'a')).toMatchObject({ state: 'Pending' });
    expect(identityOf(composed, 'a').reason).toBeUndefined();
  });
});

describe('a binding that waits for the detach limit', () => {
  it('says when it goes on', () => {
    const composed = compose({ userAssigned: [] }, { ...DIFFERS, ...limited({ detach: ['b'] }) });

    expect(shown(composed)).toBe('Ready=False Reconciling DetachLimitReached');
    expect(readyOf(composed).message).toBe(
      'Held back, since as many identities were detached as --detach-limit allows for now: detaching b. ' +
        `This goes on at ${GOES_ON}.`,
    );
    expect(identityOf(composed, 'b')).toMatchObject({ state: 'Detaching', nextAttemptTime: GOES_ON });
  });

  it('shows Detaching while others of its identities are on their way', () => {
    const entries = [entry('b', 'Attached', ['web']), entry('c', 'Detaching', ['web'])];
    const view = { live: { userAssigned: ['b', 'c'] }, entries, ...limited({ detach: ['b'] }) };

    expect(readyOf(compose({ userAssigned: [] }, view)).reason).toBe('Detaching');
  });

  it('waits in the same way when it is deleted', () => {
    const composed = compose({ deleting: true, userAssigned: ['b'] }, { ...DIFFERS, ...limited({ detach: ['b'] }) });

    expect(shown(composed)).toBe('Ready=False Reconciling DetachLimitReached');
  });

  it('waits so for a system-assigned identity that was turned on for it', () => {
    const options = { deleting: true, userAssigned: [], spec: { systemAssigned: 'Enabled' } } as const;
    const live = { systemAssigned: true };
    const waiting = limited({ systemAssigned: 'off' });
    const own = { live, systemEntry: systemEntry('Enabled', ['web']), ...waiting };
    const others = { live, systemEntry: systemEntry('Enabled', ['other']), ...waiting };

    expect(readyOf(compose(options, own)).message).toContain('turning the system-assigned identity off');
    expect(readyOf(compose(options, others)).reason).toBe('Detaching');
    expect(readyOf(compose(options, { live, ...waiting })).reason).toBe('Detaching');
  });

  it('tells of what Exclusive detaches by number, for others may declare it', () => {
    const exclusive = {
      surplus: refs(['x', 'y']).map((ref) => ({ ...ref, declaredIn: ['other'] })),
      goesAt: GOES_ON_AT,
    };
    const view = { live: { userAssigned: ['a', 'x', 'y'] }, verdicts: { a: ASSIGNED }, exclusive };
    const spec = { spec: { mode: 'Exclusive' } } as const;

    const both = readyOf(compose(spec, { ...view, ...limited({ detach: ['x', 'y'] }) }));
    expect(both).toMatchObject({ reason: 'DetachLimitReached' });
    expect(both.message).toContain(': detaching 2 identities that no binding declares.');
    const one = readyOf(compose(spec, { ...view, ...limited({ detach: ['x'] }) }));
    expect(one.message).toContain(': detaching 1 identity that no binding declares.');
    expect(readyOf(compose(spec, { ...view, ...limited({ detach: ['z'] }) })).reason).toBe('ExclusiveWaiting');
    expect(shown(compose({}, { ...view, ...limited({ detach: ['x'] }) }))).toBe('Ready=True Assigned');
  });

  it('says nothing to an Exclusive binding of which nothing is known to be surplus', () => {
    const view = { live: { userAssigned: ['a'] }, verdicts: { a: ASSIGNED }, ...limited({ detach: ['x'] }) };

    expect(shown(compose({ spec: { mode: 'Exclusive' } }, view))).toBe('Ready=True Assigned');
  });
});

const OFTEN = 'others have taken it off 3 times in the last hour, so it is attached again only at 12:05';

describe('a binding of which others keep taking an identity off', () => {
  it('is Contested, and says so of the identity', () => {
    const contested = { state: 'Pending', reason: 'Contested', message: OFTEN, nextAttemptAt: GOES_ON_AT } as const;
    const composed = compose({ userAssigned: ['a', 'b'] }, { live: {}, verdicts: { a: contested, b: ASSIGNED } });

    expect(shown(composed)).toBe('Ready=False Reconciling Contested');
    expect(readyOf(composed).message).toBe(`Identity a: ${OFTEN}`);
    expect(identityOf(composed, 'a')).toMatchObject({
      state: 'Pending',
      reason: 'Contested',
      nextAttemptTime: GOES_ON,
    });
  });

  it('is Contested for the system-assigned identity alike', () => {
    const spec = { spec: { systemAssigned: 'Enabled' }, userAssigned: [] } as const;
    const systemContested = { reason: 'Contested', message: `System-assigned identity: ${OFTEN}` } as const;

    expect(shown(compose(spec, { live: {}, systemContested }))).toBe('Ready=False Reconciling Contested');
    expect(shown(compose(spec, { live: { systemAssigned: true }, systemContested }))).toBe('Ready=True Assigned');
  });

  it('is as ready as before where it only observes', () => {
    const contested = { state: 'Pending', reason: 'Contested', message: OFTEN, nextAttemptAt: GOES_ON_AT } as const;
    const observing = { spec: { managementPolicy: 'Observe' } } as const;

    expect(shown(compose(observing, { live: {}, verdicts: { a: contested } }))).toBe('Ready=True WouldChange');
  });

  it('shows the operator’s own brake where that holds it back by then', () => {
    const contested = { state: 'Pending', reason: 'Contested', message: OFTEN, nextAttemptAt: GOES_ON_AT } as const;
    const composed = compose({}, { live: {}, verdicts: { a: contested }, ...readOnly({ attach: ['a'] }) });

    expect(readyOf(composed).reason).toBe('ReadOnly');
    expect(identityOf(composed, 'a').nextAttemptTime).toBeUndefined();
  });
});
