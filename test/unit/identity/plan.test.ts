import { describe, expect, it } from 'vitest';

import { ledgerFor } from '../../../src/identity/ledger.ts';
import { decide, type Situation, type WriteMemory } from '../../../src/identity/plan.ts';
import { INTENT_GRACE_MS } from '../../../src/identity/transition.ts';
import {
  binding,
  decided,
  entry,
  GRANT_NOTHING,
  grantAllBut,
  identityId,
  identityKey,
  ledger,
  LONG_AGO,
  nameOf,
  NOTHING_REMEMBERED,
  NOW,
  scaleSetId,
  situation,
  systemEntry,
} from './builders.ts';
import { isEmpty, next, pass } from './passes.ts';

const A = binding('a', { userAssigned: ['id'] });

/** Remembers something of one identity alone. */
function remembering(name: string, memory: Partial<WriteMemory>): Pick<Situation, 'remembered'> {
  return { remembered: (key) => ({ ...NOTHING_REMEMBERED, ...(key === identityKey(name) ? memory : {}) }) };
}

describe('wanted', () => {
  it('is what an active binding declares: recorded, then attached', () => {
    expect(decided({ declarations: [A] })).toMatchObject({ attach: ['id'], entries: ['Attaching id for a'] });
  });

  it.each([
    ['it is suspended', { suspended: true }],
    ['it only observes', { observe: true }],
    ['it is being deleted', { deleting: true }],
    ['no policy permits it', { grants: GRANT_NOTHING }],
    ['no policy permits the identity', { grants: grantAllBut('id') }],
  ])('is nothing of a binding when %s', (_why, options) => {
    expect(decided({ declarations: [binding('a', { userAssigned: ['id'], ...options })] })).toEqual({
      attach: [],
      detach: [],
      systemAssigned: 'asLive',
      entries: [],
    });
  });

  it('adds up over all bindings: one decision, one request', () => {
    const declarations = [binding('a', { userAssigned: ['x', 'y'] }), binding('b', { userAssigned: ['y', 'z'] })];
    expect(decided({ declarations })).toMatchObject({
      attach: ['x', 'y', 'z'],
      entries: ['Attaching x for a', 'Attaching y for a,b', 'Attaching z for b'],
    });
  });

  it('is served although another identity of the binding is not permitted', () => {
    const declarations = [binding('a', { userAssigned: ['x', 'y'], grants: grantAllBut('y') })];
    expect(decided({ declarations }).attach).toEqual(['x']);
  });

  it('is served although another identity is waited for', () => {
    const declarations = [binding('a', { userAssigned: ['x', 'y'] })];
    const told = decided({ declarations, ...remembering('y', { attachable: false }) });
    expect(told).toMatchObject({ attach: ['x'], entries: ['Attaching x for a'] });
  });

  it('is spelled as an active binding spells it, whatever others make of it', () => {
    const shouting = { resourceId: identityId('id').toUpperCase(), adopt: false };
    const denied = {
      ...binding('z', { grants: GRANT_NOTHING }),
      userAssigned: new Map([[identityKey('id'), shouting]]),
    };
    for (const declarations of [
      [A, denied],
      [denied, A],
    ]) {
      const { delta, ledger: written } = decide(situation({ declarations }));
      expect(delta.attach).toEqual([{ key: identityKey('id'), resourceId: identityId('id') }]);
      expect(written.entries[0]?.resourceId).toBe(identityId('id'));
    }
  });
});

describe('foreign', () => {
  it('is what is live without an entry, wanted or not: nothing is written, and nothing is claimed', () => {
    const told = decided({ declarations: [A], live: { userAssigned: ['id', 'other'] } });
    expect(told).toEqual({ attach: [], detach: [], systemAssigned: 'asLive', entries: [] });
  });

  it('is listed for the platform team, in one order, as far as no binding declares it', () => {
    const declarations = [A, binding('b', { userAssigned: ['held'], suspended: true })];
    const live = { userAssigned: ['z', 'id', 'held', 'ours', 'y'] };
    const entries = [entry('ours', 'Attached', ['gone'])];
    const { foreign, ledger: written } = decide(situation({ declarations, live, entries }));
    expect(written.foreign).toEqual([identityId('y'), identityId('z')]);
    expect(foreign.map(nameOf).sort()).toEqual(['y', 'z']);
  });

  it('is never taken away by an Additive binding, whatever it stops to declare', () => {
    const told = decided({ declarations: [binding('a')], live: { userAssigned: ['id', 'other'] } });
    expect(told.detach).toEqual([]);
  });
});

describe('adopt', () => {
  const live = { userAssigned: ['id'] };
  const adopting = binding('a', { userAssigned: ['id'], adopt: ['id'] });

  it('takes over what others attached, by a ledger write alone', () => {
    const told = decided({ declarations: [adopting], live });
    expect(told).toEqual({ attach: [], detach: [], systemAssigned: 'asLive', entries: ['Attached id for a'] });
  });

  it('has it taken back with the binding', () => {
    const first = pass(situation({ declarations: [adopting], live }));
    const deleted = [binding('a', { userAssigned: ['id'], adopt: ['id'], deleting: true })];
    expect(next({ ...first, situation: { ...first.situation, declarations: deleted } }).after.userAssigned.size).toBe(
      0,
    );
  });

  it.each([
    ['no policy allows it', { grants: { adopt: () => false } }],
    ['the identity is not permitted', { grants: grantAllBut('id') }],
    ['the binding is suspended', { suspended: true }],
    ['the binding only observes', { observe: true }],
    ['the binding is being deleted', { deleting: true }],
  ])('is not served when %s', (_why, options) => {
    const declarations = [binding('a', { userAssigned: ['id'], adopt: ['id'], ...options })];
    expect(decided({ declarations, live }).entries).toEqual([]);
  });

  it('stands for everybody who declares the identity, once one may take it over', () => {
    expect(decided({ declarations: [adopting, binding('b', { userAssigned: ['id'] })], live }).entries).toEqual([
      'Attached id for a,b',
    ]);
  });
});

describe('held', () => {
  it('(a) a suspended binding keeps what was attached for it, and what others wanted', () => {
    const declarations = [binding('a', { userAssigned: ['id'], suspended: true }), binding('b')];
    const told = decided({ declarations, entries: [entry('id', 'Attached', ['b'])], live: { userAssigned: ['id'] } });
    expect(told).toMatchObject({ detach: [], entries: ['Attached id for a'] });
  });

  it('(b) a policy taken back detaches nothing', () => {
    const declarations = [binding('a', { userAssigned: ['id'], grants: GRANT_NOTHING })];
    const told = decided({ declarations, entries: [entry('id', 'Attached', ['a'])], live: { userAssigned: ['id'] } });
    expect(told).toMatchObject({ detach: [], entries: ['Attached id for a'] });
  });

  it('(b) a binding that is not permitted cannot shield what was attached for another', () => {
    const declarations = [binding('a', { userAssigned: ['id'], grants: GRANT_NOTHING }), binding('b')];
    const told = decided({ declarations, entries: [entry('id', 'Attached', ['b'])], live: { userAssigned: ['id'] } });
    expect(told).toMatchObject({ detach: ['id'], entries: ['Detaching id for b'] });
  });

  it('is not attached again when it drifts: who is frozen writes nothing', () => {
    const declarations = [binding('a', { userAssigned: ['id'], suspended: true })];
    expect(decided({ declarations, entries: [entry('id', 'Attached', ['a'])] })).toMatchObject({
      attach: [],
      entries: [],
    });
  });
});

describe('a scale set that was recreated under the same name', () => {
  const written = ledger([entry('id', 'Attached', ['a'])], {
    uniqueId: 'unique-0',
    systemAssigned: systemEntry('Enabled', ['a']),
    operation: { startedAt: LONG_AGO },
  });

  it('has none of our identities: nothing is taken back from it', () => {
    const live = { userAssigned: ['id'], systemAssigned: true };
    const { delta, ledger: after } = decide({
      ...situation({ declarations: [binding('a', { deleting: true })], live }),
      ledger: ledgerFor(written, 'unique-1'),
    });
    expect(delta).toEqual({ attach: [], detach: [], systemAssigned: 'asLive' });
    expect(after).toEqual({
      scaleSetId: scaleSetId(),
      uniqueId: 'unique-1',
      entries: [],
      foreign: [identityId('id')],
    });
  });

  it('gets what is wanted anew', () => {
    const given = { ...situation({ declarations: [A] }), ledger: ledgerFor(written, 'unique-1') };
    expect(decide(given).ledger.entries.map(({ phase }) => phase)).toEqual(['Attaching']);
  });
});

describe('the ledger', () => {
  it('keeps the scale set’s id, its uniqueId and an operation', () => {
    const recorded = ledger([entry('id', 'Attached', ['a'])], { operation: { startedAt: LONG_AGO } });
    const live = { userAssigned: ['id'] };
    expect(decide(situation({ declarations: [A], recorded, live })).ledger).toEqual(recorded);
  });

  it('keeps the uniqueId that it knows where a read shows none, and knows none otherwise', () => {
    const { uniqueId: _, ...unmarked } = situation({ live: { userAssigned: ['id'] } }).reading.scaleSet;
    const given = situation({ declarations: [A] });
    const reading = { ...given.reading, scaleSet: unmarked };
    const entries = [entry('id', 'Attached', ['a'])];
    expect(decide({ ...given, reading }).ledger).not.toHaveProperty('uniqueId');
    expect(decide({ ...given, reading, ledger: ledger(entries) }).ledger.uniqueId).toBe('unique-1');
  });

  it('treats an identity between detach and attach as ours and to be attached', () => {
    const a = binding('a', { userAssigned: ['one'] });
    const told = decided({ declarations: [a], entries: [entry('one', 'Reattaching', ['a'])] });
    expect(told).toMatchObject({ attach: ['one'], entries: ['Reattaching one for a'] });
  });
});

describe('what was learned from earlier writes', () => {
  it('drops an intent when our only write was answered 412 and a GET shows the identity', () => {
    const entries = [entry('id', 'Attaching', ['a'])];
    const live = { userAssigned: ['id'] };
    const { ledger: after, notes } = decide(
      situation({ declarations: [A], entries, live, ...remembering('id', { lostRace: true }) }),
    );
    expect(after.entries).toEqual([]);
    expect(notes).toEqual([{ resourceId: identityId('id'), what: 'lostRace', members: entries[0]?.for }]);
  });

  it('sends an identity of ours again whose operation failed', () => {
    const entries = [entry('id', 'Attached', ['a'])];
    const live = { userAssigned: ['id'] };
    const told = decided({ declarations: [A], entries, live, ...remembering('id', { resend: true }) });
    expect(told).toMatchObject({ attach: ['id'], entries: ['Attached id for a'] });
  });

  it('never sends a foreign identity again', () => {
    const live = { userAssigned: ['id'] };
    expect(decided({ declarations: [A], live, ...remembering('id', { resend: true }) }).attach).toEqual([]);
  });

  it('drops what drifted and was then refused', () => {
    const entries = [entry('id', 'Attached', ['a'])];
    const told = decided({ declarations: [A], entries, ...remembering('id', { refused: true, attachable: false }) });
    expect(told).toMatchObject({ attach: [], entries: [] });
  });
});

describe('a list', () => {
  const declarations = [A, binding('gone', { deleting: true })];

  it('may feed a plan that only attaches', () => {
    const told = decide(situation({ declarations: [A], source: 'list' }));
    expect(told).toMatchObject({ needsGet: false, delta: { attach: [{ key: identityKey('id') }] } });
  });

  it('may prove that nothing is to be done', () => {
    const entries = [entry('id', 'Attached', ['a'])];
    const decision = decide(situation({ declarations: [A], entries, live: { userAssigned: ['id'] }, source: 'list' }));
    expect(decision).toMatchObject({ needsGet: false, delta: { attach: [], detach: [] } });
  });

  it.each([
    ['to detach', { entries: [entry('x', 'Attached', ['gone'])], live: { userAssigned: ['x'] } }],
    ['to end a deletion', { entries: [entry('x', 'Detaching', ['gone'])] }],
    ['to drop what drifted', { entries: [entry('x', 'Attached', ['gone'])] }],
    ['to make an intent ours', { entries: [entry('id', 'Attaching', ['a'])], live: { userAssigned: ['id'] } }],
    [
      'to turn the system-assigned identity off',
      { system: systemEntry('Enabled', ['gone']), live: { systemAssigned: true } },
    ],
    ['to see that the system-assigned identity is off', { system: systemEntry('Disabling', ['gone']) }],
  ])('is not enough %s', (_what, options) => {
    expect(decide(situation({ declarations, ...options, source: 'list' })).needsGet).toBe(true);
    expect(decide(situation({ declarations, ...options, source: 'get' })).needsGet).toBe(false);
  });

  it('is not enough to turn off what a Disabled binding does not want, whoever turned it on', () => {
    const options = { declarations: [binding('a', { systemAssigned: 'Disabled' })], live: { systemAssigned: true } };
    expect(decide(situation({ ...options, source: 'list' })).needsGet).toBe(true);
    expect(decide(situation({ ...options, source: 'get' })).needsGet).toBe(false);
  });
});

describe('an intent that nobody wants any more', () => {
  const since = (ago: number): string => new Date(NOW - ago).toISOString();

  it('is looked at again when the first of them may be dropped', () => {
    const entries = [entry('x', 'Attaching', ['a'], since(10_000)), entry('y', 'Attaching', ['a'], since(40_000))];
    const decision = decide(situation({ declarations: [binding('a')], entries }));
    expect(decision.lookAgainAt).toBe(NOW - 40_000 + INTENT_GRACE_MS);
    expect(decision.ledger.entries).toEqual(entries);
  });

  it('needs no look when there is none', () => {
    expect(decide(situation({ declarations: [A] }))).not.toHaveProperty('lookAgainAt');
  });
});

describe('a pass after a pass', () => {
  it('finds nothing to do, and writes the same ledger', () => {
    const first = pass(situation({ declarations: [A, binding('b', { systemAssigned: 'Enabled' })] }));
    const second = next(first);
    const third = next(second);
    expect(second.decision.ledger.entries.map(({ phase }) => phase)).toEqual(['Attached']);
    expect([isEmpty(first), isEmpty(second), isEmpty(third)]).toEqual([false, true, true]);
    expect(third.decision.ledger).toEqual(second.decision.ledger);
  });
});
