import { describe, expect, it } from 'vitest';

import { decide } from '../../../src/identity/plan.ts';
import {
  binding,
  decided,
  entry,
  GRANT_NOTHING,
  grantAllBut,
  nameOf,
  situation,
  type SituationOptions,
} from './builders.ts';
import { names, next, pass } from './passes.ts';

const EXCLUSIVE = binding('a', { userAssigned: ['mine'], exclusive: true });

function surplus(options: SituationOptions): readonly string[] {
  return decide(situation(options)).surplus.map(nameOf);
}

describe('an Exclusive binding in force', () => {
  it('would detach what nobody declares, and does so only when its wait is over', () => {
    const options = { declarations: [EXCLUSIVE], live: { userAssigned: ['mine', 'foreign'] } };
    expect(surplus(options)).toEqual(['foreign']);
    expect(decided(options).detach).toEqual([]);
    expect(decided({ ...options, exclusiveReady: true })).toMatchObject({ detach: ['foreign'], entries: [] });
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
    expect(decided({ ...options, exclusiveReady: true }).detach).toEqual(['foreign']);
  });

  it('takes an orphan for foreign, and forgets it when a GET shows that it is gone', () => {
    const options = {
      declarations: [EXCLUSIVE],
      entries: [entry('orphan', 'Attached', ['gone'])],
      live: { userAssigned: ['mine', 'orphan'] },
    };
    expect(surplus(options)).toEqual(['orphan']);
    expect(decided(options)).toMatchObject({ detach: [], entries: ['Attached orphan for gone'] });
    const first = pass(situation({ ...options, exclusiveReady: true }));
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
    const options = { declarations: [EXCLUSIVE], live: { userAssigned: ['mine', 'foreign'] }, exclusiveReady: true };
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
    expect(decided({ declarations, live, exclusiveReady: true }).detach).toEqual([]);
  });
});
