import { describe, expect, it } from 'vitest';

import { type ArmKey, armKey } from '../../../src/identity/arm-id.ts';
import type { UserAssignedIdentity } from '../../../src/identity/scale-set.ts';
import type { Look } from '../../../src/reconcile/answered.ts';
import { IdentityRoster } from '../../../src/reconcile/inventory/identity-roster.ts';
import { identityId, identityKey, SUBSCRIPTION } from '../identity/builders.ts';
import { scaleSet } from './objects.ts';
import { failure } from './scripted-list.ts';

const APP = identityKey('app');
const [WEB, API] = ['web', 'api'].map((name) => armKey(scaleSet(name))) as [ArmKey, ArmKey];

function app(clientId: string): UserAssignedIdentity {
  return { resourceId: identityId('app'), key: APP, principalId: 'p', clientId };
}

const found = (clientId: string): Look => ({ ok: true, value: app(clientId) });
const GONE: Look = { ok: false, failure: failure('notFound') };

/** A roster in which `web` and `api` need the identity `app`. */
function roster() {
  const clock = { now: 100 };
  const contradicted: string[] = [];
  const wanted: string[] = [];
  const of = new IdentityRoster({
    now: () => clock.now,
    wanted: (subscriptionId) => wanted.push(subscriptionId),
    contradicted: (key) => contradicted.push(key.split('/').at(-1)!),
  });
  for (const key of [WEB, API]) of.need(key, [APP]);
  return { clock, of, contradicted, wanted };
}

describe('a client id that a scale set shows', () => {
  it('is nothing to doubt while nothing is known of the identity', () => {
    expect(roster().of.standing(WEB, APP, 'old')).toBe('unknown');
  });

  it('works when a list or a GET says the same', () => {
    const { of } = roster();
    of.noteListed(app('new'), 50);
    expect(of.standing(WEB, APP, 'new')).toBe('works');
    of.note(APP, found('new'), 60);
    expect(of.standing(WEB, APP, 'new')).toBe('works');
  });

  it('is doubtful when a list says otherwise, for lists lag behind', () => {
    const { of } = roster();
    of.standing(WEB, APP, 'old');
    of.noteListed(app('new'), 200);
    expect(of.standing(WEB, APP, 'old')).toBe('doubtful');
  });

  it('is doubtful when a GET from before it was first shown says otherwise', () => {
    const { of } = roster();
    of.note(APP, found('old'), 99);
    expect(of.standing(WEB, APP, 'new')).toBe('doubtful');
  });

  it('is stale when a GET from after it was shown says otherwise, and stays so on every scale set', () => {
    const { of, clock } = roster();
    of.standing(WEB, APP, 'old');
    clock.now = 200;
    of.note(APP, found('new'), 200);
    expect(of.standing(WEB, APP, 'old')).toBe('stale');
    clock.now = 300;
    expect(of.standing(API, APP, 'old')).toBe('stale');
    expect(of.standing(API, APP, 'new')).toBe('works');
  });

  it('is gone when a GET from after it was shown says so, and stale once there is another one', () => {
    const { of } = roster();
    of.standing(WEB, APP, 'old');
    of.note(APP, GONE, 200);
    const gone = of.standing(WEB, APP, 'old');
    of.note(APP, found('new'), 300);
    expect(gone).toBe('gone');
    expect(of.standing(WEB, APP, 'old')).toBe('stale');
  });

  it('stays what it was found to be when the identity cannot be read', () => {
    const { of } = roster();
    of.standing(WEB, APP, 'old');
    of.note(APP, GONE, 200);
    of.note(APP, { ok: false, failure: failure('transient') }, 300);
    expect(of.standing(WEB, APP, 'old')).toBe('gone');
  });

  it('is nothing to doubt any more when the identity cannot be read, so that nobody asks again and again', () => {
    const { of } = roster();
    of.noteListed(app('new'), 50);
    of.standing(WEB, APP, 'other');
    of.note(APP, { ok: false, failure: failure('notAuthorised') }, 200);
    expect(of.standing(WEB, APP, 'other')).toBe('unknown');
  });

  it('stays doubtful while a look at the identity fails for a reason that passes', () => {
    const { of } = roster();
    of.noteListed(app('new'), 50);
    of.standing(WEB, APP, 'other');
    of.note(APP, { ok: false, failure: failure('throttled') }, 200);
    expect(of.standing(WEB, APP, 'other')).toBe('doubtful');
  });

  it('works again when a GET says so after all', () => {
    const { of } = roster();
    of.standing(WEB, APP, 'one');
    of.note(APP, found('other'), 200);
    of.note(APP, found('one'), 300);
    expect(of.standing(WEB, APP, 'one')).toBe('works');
  });

  it('of an identity that nobody needs is nothing to doubt', () => {
    const { of } = roster();
    of.note(identityKey('other'), GONE, 200);
    expect(of.standing(WEB, identityKey('other'), 'x')).toBe('unknown');
    expect(of.known(identityKey('other'))).toBeUndefined();
  });
});

describe('a list of identities', () => {
  it('does not bring back what a GET found to be gone: it may lag behind', () => {
    const { of } = roster();
    of.note(APP, GONE, 200);
    expect(of.noteListed(app('old'), 300)).toBe(false);
    expect(of.known(APP)?.state).toBe('gone');
  });

  it('does not bring back a client id that is no more', () => {
    const { of } = roster();
    of.standing(WEB, APP, 'old');
    of.note(APP, found('new'), 200);
    expect(of.noteListed(app('old'), 300)).toBe(false);
    expect(of.standing(WEB, APP, 'old')).toBe('stale');
  });

  it('is ignored where a later GET has spoken', () => {
    const { of } = roster();
    of.note(APP, found('new'), 200);
    expect(of.noteListed(app('old'), 150)).toBe(true);
    expect(of.standing(WEB, APP, 'new')).toBe('works');
  });

  it('may hold what nobody needs', () => {
    expect(roster().of.noteListed({ ...app('x'), key: identityKey('other') }, 1)).toBe(true);
  });
});

describe('what becomes known of an identity', () => {
  it('brings a pass to the scale sets that show something else, and to no others', () => {
    const { of, contradicted } = roster();
    of.standing(WEB, APP, 'old');
    of.standing(API, APP, 'new');
    of.noteListed(app('new'), 200);
    expect(contradicted).toEqual(['web']);
  });

  it('brings it once', () => {
    const { of, contradicted } = roster();
    of.standing(WEB, APP, 'old');
    of.note(APP, found('new'), 200);
    of.noteListed(app('new'), 300);
    of.note(APP, found('new'), 400);
    expect(contradicted).toEqual(['web']);
  });

  it('brings it again when an identity that was gone is there again', () => {
    const { of, contradicted } = roster();
    of.standing(WEB, APP, 'old');
    of.note(APP, GONE, 200);
    of.note(APP, found('new'), 300);
    expect(contradicted).toEqual(['web', 'web']);
  });

  it('brings none to the scale set whose own pass has asked', () => {
    const { of, contradicted } = roster();
    of.standing(WEB, APP, 'old');
    of.standing(API, APP, 'old');
    of.note(APP, GONE, 200, WEB);
    expect(contradicted).toEqual(['api']);
  });
});

describe('an identity without a client id on a scale set', () => {
  it('is told about by what Azure said since it was first seen so', () => {
    const { of } = roster();
    of.note(APP, found('x'), 50);
    const before = of.knownWithout(WEB, APP);
    of.noteListed(app('x'), 200);
    expect(before).toBeUndefined();
    expect(of.knownWithout(WEB, APP)).toMatchObject({ state: 'found', at: 200 });
  });
});

describe('the roster', () => {
  it('holds what is needed, by subscription and group', () => {
    const { of, wanted } = roster();
    of.need(API, [identityKey('bus'), identityKey('bus'), armKey('not an id')]);
    expect(of.wantedIn(SUBSCRIPTION)).toEqual([APP, identityKey('bus')]);
    expect([...of.groupsIn(SUBSCRIPTION)]).toEqual(['identities', 'identities']);
    expect(new Set(wanted)).toEqual(new Set([SUBSCRIPTION]));
  });

  it('forgets what nobody needs any more, and what was known of it', () => {
    const { of } = roster();
    of.note(APP, found('x'), 1);
    of.need(WEB, []);
    const still = of.known(APP)?.state;
    of.need(API, []);
    of.need(API, [APP]);
    expect(still).toBe('found');
    expect(of.known(APP)).toBeUndefined();
    of.need(API, []);
    expect(of.wantedIn(SUBSCRIPTION)).toEqual([]);
    expect([...of.groupsIn(SUBSCRIPTION)]).toEqual([]);
  });
});
