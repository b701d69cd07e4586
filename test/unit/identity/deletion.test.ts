import { describe, expect, it } from 'vitest';

import type { Declaration } from '../../../src/identity/declaration.ts';
import { decide, type Note } from '../../../src/identity/plan.ts';
import { settleMembers } from '../../../src/identity/settle.ts';
import {
  binding,
  type BindingOptions,
  decided,
  entry,
  GRANT_NOTHING,
  identityId,
  ledger,
  member,
  situation,
  systemEntry,
} from './builders.ts';
import { next, pass } from './passes.ts';

const entries = [entry('id', 'Attached', ['a'])];
const live = { userAssigned: ['id'] };

function deleted(options: BindingOptions = {}): Declaration {
  return binding('a', { userAssigned: ['id'], deleting: true, ...options });
}

function notes(options: Parameters<typeof situation>[0]): readonly Note[] {
  return decide(situation(options)).notes;
}

describe('a binding that is deleted', () => {
  it('has what was attached for it detached, and is let go when a GET shows that it is gone', () => {
    const first = pass(situation({ declarations: [deleted()], entries, live }));
    expect(first.decision.ledger.entries).toEqual([
      { ...entries[0], phase: 'Detaching', since: expect.any(String) as string },
    ]);
    expect(next(first).decision.ledger.entries).toEqual([]);
  });

  it('is let go at once, without Azure, when no entry names it', () => {
    expect(settleMembers(ledger([]), [deleted()])).toEqual(ledger([]));
    expect(decided({ declarations: [deleted()], live })).toMatchObject({ detach: [], entries: [] });
  });

  it.each([{ observe: true }, { suspended: true }, { retain: true }, { abandoned: true }])(
    'renounces with %j: nothing is written to Azure',
    (why) => {
      expect(decided({ declarations: [deleted(why)], entries, live })).toMatchObject({ detach: [], entries: [] });
      expect(notes({ declarations: [deleted(why)], entries, live })).toEqual([
        { resourceId: identityId('id'), what: 'renounced', members: [member('a')] },
      ]);
    },
  );

  it('renounces what is protected or the operator’s own, with an event', () => {
    const options = { declarations: [deleted()], entries, live, untouchable: ['id'] };
    expect(decided(options)).toMatchObject({ detach: [], entries: [] });
    expect(notes(options)).toEqual([
      { resourceId: identityId('id'), what: 'renouncedUntouchable', members: [member('a')] },
    ]);
  });

  it('waits while nothing may be written', () => {
    const told = decided({ declarations: [deleted()], entries, live, writable: false });
    expect(told).toMatchObject({ detach: [], entries: ['Attached id for a'] });
  });

  it('has it detached also when no policy permits it any more', () => {
    expect(decided({ declarations: [deleted({ grants: GRANT_NOTHING })], entries, live }).detach).toEqual(['id']);
  });

  it.each([
    ['wants', {}],
    ['holds by suspension', { suspended: true }],
    ['observes', { observe: true }],
  ])('leaves what another binding %s', (_how, options) => {
    const declarations = [deleted(), binding('b', { userAssigned: ['id'], ...options })];
    expect(decided({ declarations, entries, live })).toMatchObject({ detach: [], entries: ['Attached id for b'] });
  });

  it('leaves what was attached for another binding too, that is frozen now', () => {
    const declarations = [deleted(), binding('b', { grants: GRANT_NOTHING })];
    const shared = [entry('id', 'Attached', ['a', 'b'])];
    expect(decided({ declarations, entries: shared, live })).toMatchObject({
      detach: [],
      entries: ['Attached id for b'],
    });
  });

  it('leaves what was never attached for it', () => {
    const others = [entry('other', 'Attached', ['b'])];
    const declarations = [deleted(), binding('b', { userAssigned: ['other'] })];
    expect(decided({ declarations, entries: others, live: { userAssigned: ['id', 'other'] } }).detach).toEqual([]);
  });

  it('takes back what it is about to attach, once it is known whether it is there', () => {
    const attaching = [entry('id', 'Attaching', ['a'])];
    expect(decided({ declarations: [deleted()], entries: attaching, live }).detach).toEqual(['id']);
    expect(decided({ declarations: [deleted()], entries: attaching }).entries).toEqual([]);
  });

  it('is not finished by a GET of a scale set that is still being changed', () => {
    const detaching = [entry('id', 'Detaching', ['a'])];
    const told = decided({ declarations: [deleted()], entries: detaching, live: { provisioningState: 'Updating' } });
    expect(told.entries).toEqual(['Detaching id for a']);
  });
});

describe('an id that is taken out of the list', () => {
  it.each([{}, { retain: true }])('is detached, whatever the deletionPolicy (%j)', (policy) => {
    expect(decided({ declarations: [binding('a', policy)], entries, live }).detach).toEqual(['id']);
  });

  it.each([{ suspended: true }, { observe: true }, { grants: GRANT_NOTHING }])(
    'stays while the binding has %j',
    (frozen) => {
      const told = decided({ declarations: [binding('a', frozen)], entries, live });
      expect(told).toMatchObject({ detach: [], entries: ['Attached id for a'] });
    },
  );
});

describe('a finalizer that was removed by hand', () => {
  it('leaves an orphan, which is not detached but told', () => {
    expect(decided({ declarations: [], entries, live })).toMatchObject({ detach: [], entries: ['Attached id for a'] });
    expect(notes({ declarations: [], entries, live })).toMatchObject([{ what: 'orphan', members: [member('a')] }]);
  });

  it('of one of two bindings leaves an orphan when the other is deleted', () => {
    const shared = [entry('id', 'Attached', ['a', 'gone'])];
    expect(decided({ declarations: [deleted()], entries: shared, live })).toMatchObject({
      detach: [],
      entries: ['Attached id for gone'],
    });
  });

  it('of a namesake made again leaves an orphan until that one declares the identity', () => {
    const again = binding('a', { uid: 'uid-again' });
    const declaring = binding('a', { uid: 'uid-again', userAssigned: ['id'] });
    expect(decided({ declarations: [again], entries, live }).detach).toEqual([]);
    expect(decide(situation({ declarations: [declaring], entries, live })).ledger.entries[0]?.for).toEqual([
      { ...member('a'), uid: 'uid-again' },
    ]);
  });

  it('leaves a system-assigned identity on, and is told', () => {
    const options = { declarations: [], system: systemEntry('Enabled', ['gone']), live: { systemAssigned: true } };
    expect(notes(options)).toEqual([{ resourceId: 'systemAssigned', what: 'orphan', members: [member('gone')] }]);
  });
});
