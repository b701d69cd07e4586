import { describe, expect, it } from 'vitest';

import { type Consent, obstacleTo, reattachableAt } from '../../../src/identity/reattach-consent.ts';
import { binding, type BindingOptions, GRANT_NOTHING, grantAllBut, identityKey, NOW } from './builders.ts';

const DAY_MS = 24 * 60 * 60_000;
const willing = (name: string, options: BindingOptions = {}) =>
  binding(name, { userAssigned: ['app'], reattach: true, ...options });
const unwilling = (name: string, options: BindingOptions = {}) => willing(name, { reattach: false, ...options });

function obstacle(change: Partial<Consent> = {}): string | undefined {
  const consent = { entry: {}, declarations: [willing('a')], untouchable: false, namesOnly: false, now: NOW };
  return obstacleTo(identityKey('app'), { ...consent, ...change });
}

describe('an identity may be reattached', () => {
  it('when everybody who declares it says so', () => {
    expect(obstacle({ declarations: [willing('a'), willing('b')] })).toBeUndefined();
  });

  it.each([
    ['somebody else attached it', 'foreign', { entry: undefined }],
    ['the scale set shows names only', 'namesOnly', { namesOnly: true }],
    ['it is protected', 'untouchable', { untouchable: true }],
    ['somebody who declares it is on Report', 'report', { declarations: [willing('a'), unwilling('b')] }],
    [
      'who is on Report is suspended, too',
      'report',
      { declarations: [willing('a'), unwilling('b', { suspended: true })] },
    ],
    [
      'somebody who declares it is suspended',
      'held',
      { declarations: [willing('a'), willing('b', { suspended: true })] },
    ],
    [
      'somebody who declares it is on Observe',
      'held',
      { declarations: [willing('a'), willing('b', { observe: true })] },
    ],
  ] as const)('not when %s', (_, expected, change) => {
    expect(obstacle(change)).toBe(expected);
  });

  it.each([
    ['is being deleted', { deleting: true }],
    ['no policy permits on the scale set', { grants: GRANT_NOTHING }],
    ['no policy permits for it', { grants: grantAllBut('app') }],
    ['does not declare it', { userAssigned: ['bus'] }],
  ] as const)('whatever a binding says that %s', (_, options) => {
    expect(obstacle({ declarations: [willing('a'), unwilling('b', options)] })).toBeUndefined();
  });

  it('once in 24 hours, and again when they are over', () => {
    const entry = { reattachedAt: new Date(NOW - DAY_MS).toISOString() };
    expect(obstacle({ entry, now: NOW - 1 })).toBe('recent');
    expect(obstacle({ entry })).toBeUndefined();
    expect(reattachableAt(entry)).toBe(NOW);
  });

  it('when nobody can tell when it last was', () => {
    expect(obstacle({ entry: { reattachedAt: 'yesterday' } })).toBeUndefined();
    expect(reattachableAt({})).toBeUndefined();
    expect(reattachableAt(undefined)).toBeUndefined();
  });
});
