import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { type Delta, MAX_IDENTITIES_PER_REQUEST, type PlannedPatch, planPatch } from '../../../src/identity/patch.ts';
import type { IdentityPatch, LiveIdentity } from '../../../src/identity/scale-set.ts';
import { applyPatch } from './azure-model.ts';
import { identityId, identityKey, liveIdentity, nameOf } from './builders.ts';

function delta(
  attach: readonly string[],
  detach: readonly string[],
  systemAssigned: Delta['systemAssigned'] = 'asLive',
): Delta {
  const refs = (names: readonly string[]): Delta['attach'] =>
    names.map((name) => ({ key: identityKey(name), resourceId: identityId(name) }));
  return { attach: refs(attach), detach: refs(detach), systemAssigned };
}

function body(live: LiveIdentity, change: Delta): IdentityPatch | undefined {
  return planPatch(live, change)?.body;
}

function many(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${String(index).padStart(4, '0')}`);
}

/** Sends request after request, each planned from what the one before left, until nothing differs. */
function sendAll(
  live: LiveIdentity,
  change: Delta,
  limit?: number,
): { readonly sent: PlannedPatch[]; readonly live: LiveIdentity } {
  const sent: PlannedPatch[] = [];
  let now = live;
  for (;;) {
    const attach = change.attach.filter(({ key }) => !now.userAssigned.has(key));
    const detach = change.detach.filter(({ key }) => now.userAssigned.has(key));
    const patch = planPatch(now, { ...change, attach, detach }, limit);
    if (patch === undefined) return { sent, live: now };
    sent.push(patch);
    now = applyPatch(now, patch.body);
    if (sent.length > 50) throw new Error('never ends');
  }
}

describe('no request at all', () => {
  it.each([
    ['nothing is asked for', liveIdentity(['a'], true), delta([], [])],
    ['on is asked for and it is on', liveIdentity([], true), delta([], [], 'on')],
    ['off is asked for and it is off', liveIdentity(['a']), delta([], [], 'off')],
    ['there is nothing and nothing is asked for', liveIdentity([]), delta([], [], 'off')],
  ])('is made when %s', (_why, live, change) => {
    expect(planPatch(live, change)).toBeUndefined();
  });
});

describe('a request', () => {
  it('states the whole type, and of the identities only the delta', () => {
    expect(body(liveIdentity(['foreign', 'old'], true), delta(['new'], ['old']))).toEqual({
      type: 'SystemAssigned, UserAssigned',
      userAssignedIdentities: { [identityId('new')]: {}, [identityId('old')]: null },
    });
  });

  it('never turns the system-assigned identity on or off by side effect', () => {
    expect(body(liveIdentity([], true), delta(['new'], []))?.type).toBe('SystemAssigned, UserAssigned');
    expect(body(liveIdentity([]), delta(['new'], []))?.type).toBe('UserAssigned');
    expect(body(liveIdentity(['old'], true), delta([], ['old']))).toEqual({ type: 'SystemAssigned' });
    expect(body(liveIdentity(['old']), delta([], ['old']))).toEqual({ type: 'None' });
  });

  it('has no dictionary when only the system-assigned identity changes', () => {
    expect(body(liveIdentity(['a']), delta([], [], 'on'))).toEqual({ type: 'SystemAssigned, UserAssigned' });
    expect(body(liveIdentity(['a'], true), delta([], [], 'off'))).toEqual({ type: 'UserAssigned' });
    expect(body(liveIdentity([]), delta([], [], 'on'))).toEqual({ type: 'SystemAssigned' });
    expect(body(liveIdentity([], true), delta([], [], 'off'))).toEqual({ type: 'None' });
  });

  it('spells an identity as it is spelled on the scale set, and a new one as it is declared', () => {
    const spelled = identityId('old').toUpperCase();
    const live = {
      userAssigned: new Map([[identityKey('old'), { resourceId: spelled }], ...liveIdentity(['x']).userAssigned]),
    };
    const again = planPatch(live, delta(['old'], []))?.body.userAssignedIdentities;
    const detached = planPatch(live, delta(['New'], ['old']))?.body.userAssignedIdentities;
    expect(again).toEqual({ [spelled]: {} });
    expect(detached).toEqual({ [identityId('New')]: {}, [spelled]: null });
  });

  it('says what part of the delta it carries, and whether it takes something away', () => {
    const live = liveIdentity(['old', 'x'], true);
    expect(planPatch(live, delta(['new'], []))).toMatchObject({ partial: false, narrows: false });
    expect(planPatch(live, delta(['new'], [], 'off'))).toMatchObject({
      narrows: true,
      delta: { systemAssigned: 'off' },
    });
    expect(planPatch(live, delta([], ['old'], 'on'))).toMatchObject({
      narrows: true,
      delta: { systemAssigned: 'asLive' },
    });
    const widening = planPatch(liveIdentity([]), delta(['new'], [], 'on'));
    expect(widening).toMatchObject({ narrows: false, delta: { systemAssigned: 'on' } });
    expect(widening?.delta.attach.map(({ key }) => nameOf(key))).toEqual(['new']);
  });
});

describe('more than fits into one request', () => {
  const live = liveIdentity(many('old', 200), true);

  it('is sent in several, at most 150 identities each, what takes away last', () => {
    const { sent, live: after } = sendAll(live, delta(many('new', 160), many('old', 200), 'off'));
    expect(sent.map((patch) => [patch.delta.attach.length, patch.delta.detach.length])).toEqual([
      [150, 0],
      [10, 140],
      [0, 60],
    ]);
    expect(sent.map(({ delta: { systemAssigned } }) => systemAssigned)).toEqual(['asLive', 'asLive', 'off']);
    expect(sent.map(({ partial }) => partial)).toEqual([true, true, false]);
    expect(after).toMatchObject({ userAssigned: { size: 160 } });
    expect(after.systemAssigned).toBeUndefined();
  });

  it('turns the system-assigned identity on with the first', () => {
    const { sent } = sendAll(liveIdentity([]), delta(many('new', 301), [], 'on'));
    expect(sent.map((patch) => patch.delta.attach.length)).toEqual([150, 150, 1]);
    expect(sent.map((patch) => patch.delta.systemAssigned)).toEqual(['on', 'asLive', 'asLive']);
  });

  it('fits exactly with 150', () => {
    const { sent } = sendAll(liveIdentity([]), delta(many('new', 150), []));
    expect(sent).toHaveLength(1);
    expect(Object.keys(sent[0]?.body.userAssignedIdentities ?? {})).toHaveLength(MAX_IDENTITIES_PER_REQUEST);
  });

  it('may be limited to one identity a request', () => {
    const { sent } = sendAll(liveIdentity(['old']), delta(['new', 'newer'], ['old']), 1);
    expect(sent.map((patch) => [patch.delta.attach.length, patch.delta.detach.length])).toEqual([
      [1, 0],
      [1, 0],
      [0, 1],
    ]);
  });
});

describe('whatever is live and whatever is to change', () => {
  it('ends exactly as intended, in every small combination', () => {
    let count = 0;
    for (const isOn of [true, false])
      for (const foreign of [0, 1, 2])
        for (const old of [0, 1, 2, 3])
          for (const fresh of [0, 1, 2, 3])
            for (const system of ['on', 'off', 'asLive'] as const)
              for (const limit of [1, 2, 3, 150]) {
                count += 1;
                check(isOn, foreign, old, fresh, system, limit);
              }
    expect(count).toBe(2 * 3 * 4 * 4 * 3 * 4);
  });

  it('ends exactly as intended with hundreds of identities', () => {
    const size = fc.nat(400);
    fc.assert(
      fc.property(fc.boolean(), size, size, size, fc.constantFrom('on', 'off', 'asLive'), (isOn, a, b, c, system) => {
        check(isOn, a, b, c, system, MAX_IDENTITIES_PER_REQUEST);
      }),
      { numRuns: 30 },
    );
  });

  function check(
    isOn: boolean,
    foreign: number,
    old: number,
    fresh: number,
    system: Delta['systemAssigned'],
    limit: number,
  ): void {
    const before = liveIdentity([...many('foreign', foreign), ...many('old', old)], isOn);
    const change = delta(many('new', fresh), many('old', old), system);
    const { sent, live } = sendAll(before, change, limit);
    const names = [...live.userAssigned.keys()].map(nameOf).sort();
    expect(names).toEqual([...many('foreign', foreign), ...many('new', fresh)].sort());
    expect(live.systemAssigned !== undefined).toBe(system === 'asLive' ? isOn : system === 'on');
    if (isOn && system !== 'off') expect(live.systemAssigned).toBe(before.systemAssigned);
    const lastAttach = sent.findLastIndex((patch) => patch.delta.attach.length > 0);
    const firstDetach = sent.findIndex((patch) => patch.delta.detach.length > 0);
    expect(firstDetach === -1 || firstDetach >= lastAttach).toBe(true);
    expect(sent.slice(0, -1).every((patch) => patch.partial && patch.delta.systemAssigned !== 'off')).toBe(true);
    expect(
      sent.every(
        ({ narrows, delta: { detach, systemAssigned } }) => narrows === (detach.length > 0 || systemAssigned === 'off'),
      ),
    ).toBe(true);
    const differs = fresh + old > 0 || (system === 'on' && !isOn) || (system === 'off' && isOn);
    expect(sent.length).toBe(differs ? Math.max(1, Math.ceil((fresh + old) / limit)) : 0);
  }
});
