import { describe, expect, it } from 'vitest';

import { type ExclusiveWait, isNeeded } from '../../../src/identity/ledger.ts';
import { decide } from '../../../src/identity/plan.ts';
import { settleMembers } from '../../../src/identity/settle.ts';
import {
  AT_ONCE,
  binding,
  decided,
  entry,
  GRANT_NOTHING,
  grantAllBut,
  identityId,
  ledger,
  LONG_AGO,
  nameOf,
  NOW,
  situation,
  type SituationOptions,
  WAITING,
} from './builders.ts';
import { names, next, pass } from './passes.ts';

const EXCLUSIVE = binding('a', { userAssigned: ['mine'], exclusive: true });

function surplus(options: SituationOptions): readonly string[] {
  return decide(situation(options)).surplus.map(({ key }) => nameOf(key));
}

describe('an Exclusive binding in force', () => {
  it('would detach what nobody declares, and does so only when its wait is over', () => {
    const options = { declarations: [EXCLUSIVE], live: { userAssigned: ['mine', 'foreign'] } };
    expect(surplus(options)).toEqual(['foreign']);
    expect(decided(options).detach).toEqual([]);
    expect(decided({ ...options, exclusive: AT_ONCE })).toMatchObject({ detach: ['foreign'], entries: [] });
  });

  it('detaches without a wait what is ours and nobody wants', () => {
    const entries = [entry('old', 'Attached', ['a'])];
    const told = decided({ declarations: [EXCLUSIVE], entries, live: { userAssigned: ['mine', 'old'] } });
    expect(told).toMatchObject({ detach: ['old'], entries: ['Detaching old for a'] });
  });

  it('leaves what is wanted or held by others', () => {
    const declarations = [
      EXCLUSIVE,
      binding('b', { userAssigned: ['wanted'] }),
      binding('c', { userAssigned: ['held'], suspended: true }),
    ];
    expect(surplus({ declarations, live: { userAssigned: ['mine', 'wanted', 'held'] } })).toEqual([]);
  });

  it('leaves what it declares itself, permitted or not', () => {
    const declarations = [binding('a', { userAssigned: ['mine'], exclusive: true, grants: grantAllBut('mine') })];
    expect(surplus({ declarations, live: { userAssigned: ['mine', 'foreign'] } })).toEqual(['foreign']);
  });

  it('does not leave what another declares that may not: it cannot shield what was never attached for it', () => {
    const declarations = [EXCLUSIVE, binding('b', { userAssigned: ['theirs'], grants: GRANT_NOTHING })];
    expect(surplus({ declarations, live: { userAssigned: ['theirs'] } })).toEqual(['theirs']);
  });

  it('leaves what is protected, and the operator’s own', () => {
    const options = { declarations: [EXCLUSIVE], live: { userAssigned: ['own', 'foreign'] }, untouchable: ['own'] };
    expect(surplus(options)).toEqual(['foreign']);
    expect(decided({ ...options, exclusive: AT_ONCE }).detach).toEqual(['foreign']);
  });

  it('takes an orphan for foreign, and forgets it when a GET shows that it is gone', () => {
    const options = {
      declarations: [EXCLUSIVE],
      entries: [entry('orphan', 'Attached', ['gone'])],
      live: { userAssigned: ['mine', 'orphan'] },
    };
    expect(surplus(options)).toEqual(['orphan']);
    expect(decided(options)).toMatchObject({ detach: [], entries: ['Attached orphan for gone'] });
    const first = pass(situation({ ...options, exclusive: AT_ONCE }));
    expect(names(first.after)).toBe('mine');
    expect(next(first).decision.ledger.entries).toEqual([]);
  });

  it('takes what was renounced for foreign: its wait begins then', () => {
    const declarations = [EXCLUSIVE, binding('b', { deleting: true, retain: true })];
    const options = { declarations, entries: [entry('x', 'Attached', ['b'])], live: { userAssigned: ['mine', 'x'] } };
    expect(surplus(options)).toEqual(['x']);
    expect(decided(options)).toMatchObject({ detach: [], entries: [] });
  });

  it('detaches nothing while nothing may be written, nor on a list', () => {
    const options = { declarations: [EXCLUSIVE], live: { userAssigned: ['mine', 'foreign'] }, exclusive: AT_ONCE };
    expect(decided({ ...options, writable: false }).detach).toEqual([]);
    expect(decide(situation({ ...options, source: 'list' })).needsGet).toBe(true);
  });

  it('keeps, without an entry, what it declares and may not bind when all others have left', () => {
    const declarations = [
      binding('a', { userAssigned: ['mine'], exclusive: true, grants: grantAllBut('mine') }),
      binding('b', { deleting: true }),
    ];
    const options = { declarations, entries: [entry('mine', 'Attached', ['b'])], live: { userAssigned: ['mine'] } };
    expect(decided(options)).toMatchObject({ detach: [], entries: [] });
    expect(surplus(options)).toEqual([]);
  });
});

describe('an Exclusive binding that is not in force', () => {
  it.each([
    ['not permitted to be Exclusive', { grants: { exclusive: false } }],
    ['not permitted', { grants: GRANT_NOTHING }],
    ['suspended', { suspended: true }],
    ['observing', { observe: true }],
    ['being deleted', { deleting: true }],
  ])('acts as Additive: %s', (_why, options) => {
    const declarations = [binding('a', { userAssigned: ['mine'], exclusive: true, ...options })];
    const live = { userAssigned: ['mine', 'foreign'] };
    expect(surplus({ declarations, live })).toEqual([]);
    expect(decided({ declarations, live, exclusive: AT_ONCE }).detach).toEqual([]);
  });
});

describe('the wait of an Exclusive binding', () => {
  const live = { userAssigned: ['mine', 'x', 'y'] };
  const recorded = (wait: Partial<ExclusiveWait>): SituationOptions => ({
    declarations: [EXCLUSIVE],
    live,
    recorded: ledger([], {
      exclusive: { detach: [identityId('x'), identityId('y')], since: LONG_AGO, bindings: WAITING.bindings, ...wait },
    }),
  });
  const now = new Date(NOW).toISOString();

  it('begins with the list on record', () => {
    const decision = decide(situation({ declarations: [EXCLUSIVE], live }));

    expect(decision.ledger.exclusive).toEqual({
      detach: [identityId('x'), identityId('y')],
      since: now,
      bindings: WAITING.bindings,
    });
    expect(decision.surplusGoesAt).toBe(NOW + 3_600_000);
    expect(decision.lookAgainAt).toBe(NOW + 3_600_000);
  });

  it('is over when the same list has stood for the whole delay', () => {
    expect(decided(recorded({})).detach).toEqual(['x', 'y']);
    const since = new Date(NOW - 3_599_999).toISOString();
    expect(decided(recorded({ since })).detach).toEqual([]);
    expect(decide(situation(recorded({ since }))).ledger.exclusive?.since).toBe(since);
  });

  it.each([
    ['another identity', { detach: [identityId('x')] }],
    ['a new binding', { bindings: [] }],
    ['a changed binding', { bindings: ['uid-a/0'] }],
    ['a beginning that is still to come', { since: '2126-01-01T00:00:00Z' }],
    ['a beginning that is no time', { since: 'yesterday' }],
  ])('begins anew with %s', (_what, wait) => {
    const decision = decide(situation(recorded(wait)));

    expect(decision.delta.detach).toEqual([]);
    expect(decision.ledger.exclusive?.since).toBe(now);
  });

  it('goes on for the rest when one of the list is gone or declared', () => {
    const decision = decide(situation({ ...recorded({}), live: { userAssigned: ['mine', 'y'] } }));

    expect(decision.delta.detach.map(({ key }) => nameOf(key))).toEqual(['y']);
    expect(decision.ledger.exclusive).toMatchObject({ detach: [identityId('y')], since: LONG_AGO });
  });

  it('ends with nothing left to detach', () => {
    const decision = decide(situation({ ...recorded({}), live: { userAssigned: ['mine'] } }));

    expect(decision.ledger).not.toHaveProperty('exclusive');
    expect(decision).not.toHaveProperty('surplusGoesAt');
  });

  it('never begins for more bindings than the ledger can hold', () => {
    const bindings = Array.from({ length: 257 }, (_, index) => `uid-${String(index)}/1`);
    const decision = decide(situation({ ...recorded({}), exclusive: { delayMs: 0, bindings } }));

    expect(decision.delta.detach).toEqual([]);
    expect(decision.ledger).not.toHaveProperty('exclusive');
  });

  it('keeps a ledger alive by itself', () => {
    const { ledger: next } = decide(situation({ declarations: [EXCLUSIVE], live }));

    expect(next.entries.length).toBe(0);
    expect(isNeeded(next)).toBe(true);
  });

  it('detaches only what has stood on record, where there is more than the ledger can hold', () => {
    const names = Array.from({ length: 513 }, (_, index) => `x${String(index).padStart(3, '0')}`);
    const decision = decide(
      situation({ declarations: [EXCLUSIVE], live: { userAssigned: names }, exclusive: AT_ONCE }),
    );

    expect(decision.surplus).toHaveLength(513);
    expect(decision.delta.detach).toHaveLength(512);
  });

  it('is not taken up again where nobody has waited meanwhile', () => {
    const { recorded: before } = recorded({});
    const denied = binding('a', { userAssigned: ['mine'], exclusive: true, grants: { exclusive: false } });

    expect(settleMembers(before!, [EXCLUSIVE])).toHaveProperty('exclusive');
    expect(settleMembers(before!, [denied])).not.toHaveProperty('exclusive');
  });
});

describe('an Exclusive binding of a scale set that AKS manages', () => {
  const live = { userAssigned: ['mine', 'kubelet'], tagNames: ['env', 'aks-managed-orchestrator'] };

  it('acts as Additive', () => {
    const options = { declarations: [EXCLUSIVE], live, exclusive: AT_ONCE };

    expect(surplus(options)).toEqual([]);
    expect(decided(options).detach).toEqual([]);
  });

  it('shields nothing that it declares without permission', () => {
    const declarations = [
      binding('a', { userAssigned: ['mine'], exclusive: true, grants: grantAllBut('mine') }),
      binding('b', { deleting: true }),
    ];
    const options = { declarations, entries: [entry('mine', 'Attached', ['b'])], live };

    expect(decided(options).detach).toEqual(['mine']);
  });
});
