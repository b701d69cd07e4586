import { describe, expect, it } from 'vitest';

import { identityId, identityKey, ledger } from '../identity/builders.ts';
import { ALLOW_ALL, ASSIGNED, compose, readyOf, shown, type ViewOptions } from './builders.ts';

const GOES_AT = Date.parse('2026-03-01T12:01:00Z');
const EXCLUSIVE = { spec: { mode: 'Exclusive' }, userAssigned: ['a'] } as const;

function surplus(name: string, ...declaredIn: readonly string[]) {
  return { key: identityKey(name), resourceId: identityId(name), declaredIn };
}

/** `a` is declared and assigned; the others are about to go. */
function waiting(...about: readonly ReturnType<typeof surplus>[]): ViewOptions {
  const names = about.map(({ resourceId }) => resourceId.split('/').at(-1)!);
  return {
    live: { userAssigned: ['a', ...names] },
    verdicts: { a: ASSIGNED },
    exclusive: { surplus: about, goesAt: GOES_AT },
  };
}

describe('a binding that waits for mode: Exclusive', () => {
  it('is not Ready, and says how many identities go when', () => {
    const composed = compose(EXCLUSIVE, waiting(surplus('x'), surplus('y')));

    expect(shown(composed)).toBe('Ready=False Reconciling ExclusiveWaiting');
    expect(readyOf(composed).message).toBe(
      'From 2026-03-01T12:01:00.000Z on, 2 identities that no binding declares will be detached: declare what must ' +
        'stay. status.plan lists them.',
    );
  });

  it('speaks of one identity as one', () => {
    expect(readyOf(compose(EXCLUSIVE, waiting(surplus('x')))).message).toContain('1 identity that no binding declares');
  });

  it('lists in its plan what goes, and the request that does it', () => {
    const { plan } = compose(EXCLUSIVE, waiting(surplus('x'))).status;

    expect(plan).toEqual({
      type: 'UserAssigned',
      attach: [],
      detach: [identityId('x')],
      warnings: [expect.stringContaining('fails now (there are 2 user-assigned identities), and will get identity a')],
      request: JSON.stringify({
        identity: { type: 'UserAssigned', userAssignedIdentities: { [identityId('x')]: null } },
      }),
    });
  });

  it('lists what its own namespace declares without permission', () => {
    expect(compose(EXCLUSIVE, waiting(surplus('x', 'shop'))).status.plan?.detach).toEqual([identityId('x')]);
  });

  it('counts what another namespace declares without naming it anywhere', () => {
    const composed = compose(EXCLUSIVE, waiting(surplus('x'), surplus('secret', 'other')));

    expect(composed.status.plan).toMatchObject({ detach: [identityId('x')] });
    expect(readyOf(composed).message).toContain('2 identities');
    expect(readyOf(composed).message).toContain('1 of them declared in other namespaces without permission');
    expect(JSON.stringify(composed.status)).not.toContain('secret');
  });

  it('has no plan when nothing is about to go, nor when the scale set was not read', () => {
    expect(compose(EXCLUSIVE, { live: { userAssigned: ['a'] }, verdicts: { a: ASSIGNED } }).status.plan).toBe(
      undefined,
    );
    const { live: _live, ...unread } = waiting(surplus('x'));
    expect(compose(EXCLUSIVE, unread).status.plan).toBe(undefined);
  });

  it('shows what keeps it from being done, though all that it declares is assigned', () => {
    const { exclusive: _exclusive, ...refused } = waiting(surplus('x'));
    const wait = { detach: [identityId('x')], since: '2026-03-01T11:00:00Z', bindings: [] };
    const stop = { reason: 'IdentityRefused', message: 'Azure refuses it.', passing: false } as const;
    const view = { ...refused, stop, ledger: ledger([], { exclusive: wait }) };

    expect(shown(compose(EXCLUSIVE, view))).toBe('Ready=False Reconciling IdentityRefused');
    expect(shown(compose({ userAssigned: ['a'] }, view))).toBe('Ready=True Assigned');
  });

  it('says the type that the scale set will have when all of them go', () => {
    const view = { ...waiting(surplus('x')), live: { userAssigned: ['x'], systemAssigned: true } };
    expect(compose({ ...EXCLUSIVE, userAssigned: [] }, view).status.plan?.type).toBe('SystemAssigned');
    const nothing = { ...waiting(), live: {} };
    expect(compose({ ...EXCLUSIVE, userAssigned: [] }, nothing).status.plan?.type).toBe('None');
  });
});

describe('a binding whose scale set waits for another one’s mode: Exclusive', () => {
  it('is as Ready as it was, and learns nothing of it', () => {
    const composed = compose({ userAssigned: ['a'] }, waiting(surplus('x')));

    expect(shown(composed)).toBe('Ready=True Assigned');
    expect(composed.status.plan).toBe(undefined);
  });

  it('learns nothing of it without the permission to be Exclusive', () => {
    const policies = [{ ...ALLOW_ALL, exclusive: 'Deny' as const }];
    const composed = compose({ ...EXCLUSIVE, policies }, waiting(surplus('x')));

    expect(shown(composed)).toBe('Ready=False Reconciling NotPermitted');
    expect(composed.status.plan).toBe(undefined);
  });
});
