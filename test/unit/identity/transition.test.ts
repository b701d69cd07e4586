import { describe, expect, it } from 'vitest';

import { INTENT_GRACE_MS, type Step, transition } from '../../../src/identity/transition.ts';
import { NOW } from './builders.ts';
import { AGED, type Case, caseOf, factsOf, LEAVING, NOW_TEXT, RECENT, STAYING, UNSEEN } from './transition-cases.ts';

function step(different: Partial<Case>): Step {
  return transition(factsOf(caseOf(different)));
}

const NOTHING: Step = { write: 'none', needsGet: false };
const EVERYONE = [...STAYING, ...LEAVING];

describe('no entry, live', () => {
  it('is foreign, also when it is wanted', () => {
    expect(step({ entry: 'none' })).toEqual(NOTHING);
    expect(step({ entry: 'none', members: 'orphan' })).toEqual(NOTHING);
  });

  it('becomes ours with adopt, by a ledger write alone', () => {
    const record = { phase: 'Attached', since: NOW_TEXT, for: STAYING };
    expect(step({ entry: 'none', adopt: true })).toEqual({ record, write: 'none', needsGet: false });
  });

  it('is not adopted when it could never be taken back', () => {
    expect(step({ entry: 'none', adopt: true, untouchable: true })).toEqual(NOTHING);
  });
});

describe('no entry, not live', () => {
  it('is recorded as Attaching and attached when it is wanted, on a list entry too', () => {
    const record = { phase: 'Attaching', since: NOW_TEXT, for: STAYING };
    expect(step({ entry: 'none', live: false })).toEqual({ record, write: 'attach', needsGet: false });
    expect(step({ entry: 'none', live: false, byGet: false })).toEqual({ record, write: 'attach', needsGet: false });
  });

  it('leaves no intent in the ledger that is not acted on at once', () => {
    expect(step({ entry: 'none', live: false, attachable: false })).toEqual(NOTHING);
    expect(step({ entry: 'none', live: false, writable: false })).toEqual(NOTHING);
  });

  it('is nothing to anybody when it is only held', () => {
    expect(step({ entry: 'none', live: false, wanted: false, held: true })).toEqual(NOTHING);
  });
});

describe('Attaching, live', () => {
  it('is ours by a GET: Attached', () => {
    expect(step({ entry: 'Attaching' }).record).toEqual({ phase: 'Attached', since: NOW_TEXT, for: STAYING });
  });

  it('is not ours by a list entry alone', () => {
    const record = { phase: 'Attaching', since: AGED, for: STAYING };
    expect(step({ entry: 'Attaching', byGet: false })).toEqual({ record, write: 'none', needsGet: true });
  });

  it('is somebody else’s when our only write was answered 412 and a GET shows it', () => {
    expect(step({ entry: 'Attaching', lostRace: true })).toEqual({ ...NOTHING, note: 'lostRace' });
  });

  it('is looked at by a GET when our only write was answered 412, and nobody is forgotten until then', () => {
    const found = step({ entry: 'Attaching', lostRace: true, byGet: false });
    expect(found).toEqual({
      record: { phase: 'Attaching', since: AGED, for: EVERYONE },
      write: 'none',
      needsGet: true,
    });
  });

  it('is taken back at once when nobody wants it any more', () => {
    const record = { phase: 'Detaching', since: NOW_TEXT, for: LEAVING };
    expect(step({ entry: 'Attaching', members: 'leaving' })).toEqual({ record, write: 'detach', needsGet: false });
  });

  it('is settled also when it is an orphan, or when nothing may be written', () => {
    const orphan = step({ entry: 'Attaching', members: 'orphan' });
    expect(orphan.record).toEqual({ phase: 'Attached', since: NOW_TEXT, for: UNSEEN });
    const waiting = step({ entry: 'Attaching', members: 'leaving', writable: false });
    expect(waiting.record).toEqual({ phase: 'Attached', since: NOW_TEXT, for: LEAVING });
  });
});

describe('Attaching, not live', () => {
  it('is attached again when it is wanted, and its minute begins anew', () => {
    const record = { phase: 'Attaching', since: NOW_TEXT, for: STAYING };
    expect(step({ entry: 'Attaching', live: false })).toEqual({ record, write: 'attach', needsGet: false });
  });

  it('waits as it is while a refusal is waited out', () => {
    const record = { phase: 'Attaching', since: AGED, for: STAYING };
    const waiting = step({ entry: 'Attaching', live: false, attachable: false });
    expect(waiting).toEqual({ record, write: 'none', needsGet: false });
  });

  const unwanted = { entry: 'Attaching', live: false, members: 'leaving' } as const;

  it('is dropped on a GET begun a minute after it was sent, when nobody wants it', () => {
    const facts = factsOf(caseOf(unwanted));
    const since = new Date(NOW - INTENT_GRACE_MS).toISOString();
    expect(transition({ ...facts, record: { phase: 'Attaching', since, for: LEAVING } })).toEqual(NOTHING);
  });

  it('is kept, and looked at again, on a GET begun sooner: the write may still arrive', () => {
    const found = step({ ...unwanted, aged: false });
    expect(found).toEqual({
      record: { phase: 'Attaching', since: RECENT, for: LEAVING },
      write: 'none',
      needsGet: false,
      lookAgainAt: NOW + 1,
    });
  });

  it.each(['2126-01-01T00:00:00Z', 'no time at all'])(
    'has its minute begin now where it took its phase at %s: the clock of another process may be ahead',
    (since) => {
      const facts = factsOf(caseOf(unwanted));
      expect(transition({ ...facts, record: { phase: 'Attaching', since, for: LEAVING } })).toEqual({
        record: { phase: 'Attaching', since: NOW_TEXT, for: LEAVING },
        write: 'none',
        needsGet: false,
        lookAgainAt: NOW + INTENT_GRACE_MS,
      });
    },
  );

  it('is dropped like that, too, when it is wanted and was refused', () => {
    const refused = { ...unwanted, wanted: true, members: 'staying', refused: true, attachable: false } as const;
    expect(step({ ...refused, aged: true })).toEqual(NOTHING);
    expect(step({ ...refused, aged: false })).toEqual({
      record: { phase: 'Attaching', since: RECENT, for: STAYING },
      write: 'none',
      needsGet: false,
      lookAgainAt: NOW + 1,
    });
  });

  it('is not dropped because somebody only holds it', () => {
    expect(step({ entry: 'Attaching', live: false, wanted: false, held: true, aged: false }).record).toBeDefined();
  });
});

describe('Attached, live', () => {
  it.each([
    ['wanted', { wanted: true, held: false }],
    ['held', { wanted: false, held: true }],
  ])('stays when it is %s, for those who stay', (_why, why) => {
    const record = { phase: 'Attached', since: AGED, for: STAYING };
    expect(step({ ...why })).toEqual({ record, write: 'none', needsGet: false });
  });

  it('is recorded as Detaching and detached when it is neither', () => {
    const record = { phase: 'Detaching', since: NOW_TEXT, for: LEAVING };
    expect(step({ members: 'leaving' })).toEqual({ record, write: 'detach', needsGet: false });
  });

  it('is given up without a write when the last to leave renounces it', () => {
    expect(step({ members: 'renounced' })).toEqual({ ...NOTHING, note: 'renounced' });
  });

  it('is given up, and people are told why, when it is protected', () => {
    expect(step({ members: 'leaving', untouchable: true })).toEqual({ ...NOTHING, note: 'renouncedUntouchable' });
  });

  it('is told as renounced when it is both: the first row of the table counts', () => {
    expect(step({ members: 'renounced', untouchable: true }).note).toBe('renounced');
  });

  it('is never detached when somebody it stands for is not there any more', () => {
    const record = { phase: 'Attached', since: AGED, for: UNSEEN };
    expect(step({ members: 'orphan' })).toEqual({ record, write: 'none', needsGet: false, note: 'orphan' });
  });

  it('is detached on no list entry', () => {
    const record = { phase: 'Attached', since: AGED, for: LEAVING };
    expect(step({ members: 'leaving', byGet: false })).toEqual({ record, write: 'none', needsGet: true });
  });

  it('waits while nothing may be written', () => {
    const record = { phase: 'Attached', since: AGED, for: LEAVING };
    expect(step({ members: 'leaving', writable: false })).toEqual({ record, write: 'none', needsGet: false });
  });

  it('is sent again when our own operation on it failed, and stays ours', () => {
    const record = { phase: 'Attached', since: AGED, for: STAYING };
    expect(step({ resend: true })).toEqual({ record, write: 'attach', needsGet: false });
  });

  it.each([{ attachable: false }, { writable: false }, { wanted: false, held: true }])(
    'is not sent again with %j',
    (why) => {
      expect(step({ resend: true, ...why }).write).toBe('none');
    },
  );

  it('is left to an Exclusive binding that declares it without a right to it, when all others have left', () => {
    expect(step({ held: true, members: 'leaving' })).toEqual({ ...NOTHING, note: 'renounced' });
  });
});

describe('Attached, not live', () => {
  it('is attached again when it is wanted: drift, and the phase stays', () => {
    const record = { phase: 'Attached', since: AGED, for: STAYING };
    expect(step({ live: false })).toEqual({ record, write: 'attach', needsGet: false });
    expect(step({ live: false, byGet: false })).toEqual({ record, write: 'attach', needsGet: false });
  });

  it('is dropped when it was refused and a GET lacks it', () => {
    expect(step({ live: false, refused: true })).toEqual(NOTHING);
  });

  it('is not dropped when it was refused and only a list lacks it', () => {
    expect(step({ live: false, refused: true, byGet: false, attachable: false }).record?.phase).toBe('Attached');
  });

  it('is dropped on a GET when nobody wants it', () => {
    expect(step({ live: false, members: 'leaving' })).toEqual(NOTHING);
    expect(step({ live: false, wanted: false, held: true })).toEqual(NOTHING);
  });
});

describe('Detaching, live', () => {
  it.each([
    ['wanted', { wanted: true, held: false }],
    ['held', { wanted: false, held: true }],
  ])('is Attached when it is %s again', (_why, why) => {
    const record = { phase: 'Attached', since: NOW_TEXT, for: STAYING };
    expect(step({ entry: 'Detaching', ...why })).toEqual({ record, write: 'none', needsGet: false });
  });

  it('is detached again otherwise', () => {
    const record = { phase: 'Detaching', since: AGED, for: LEAVING };
    expect(step({ entry: 'Detaching', members: 'leaving' })).toEqual({ record, write: 'detach', needsGet: false });
  });

  it('is left alone when it became an orphan meanwhile', () => {
    const found = step({ entry: 'Detaching', members: 'orphan' });
    expect(found).toMatchObject({ record: { phase: 'Detaching' }, write: 'none', note: 'orphan' });
  });
});

describe('Detaching, not live', () => {
  it('is dropped on a GET', () => {
    expect(step({ entry: 'Detaching', live: false, members: 'leaving' })).toEqual(NOTHING);
  });

  it('is dropped, and a new Attaching, when it is wanted', () => {
    const record = { phase: 'Attaching', since: NOW_TEXT, for: STAYING };
    expect(step({ entry: 'Detaching', live: false })).toEqual({ record, write: 'attach', needsGet: false });
  });

  it('is only dropped when it is wanted but must not be sent now', () => {
    expect(step({ entry: 'Detaching', live: false, attachable: false })).toEqual(NOTHING);
  });
});

describe('any entry that is not live', () => {
  it.each(['Attaching', 'Attached', 'Detaching'] as const)('is not dropped for a list that lacks it (%s)', (entry) => {
    const found = step({ entry, live: false, byGet: false, members: 'leaving' });
    expect(found).toEqual({ record: { phase: entry, since: AGED, for: LEAVING }, write: 'none', needsGet: true });
  });

  it.each(['Attaching', 'Attached', 'Detaching'] as const)('is not dropped while an operation runs (%s)', (entry) => {
    const found = step({ entry, live: false, terminal: false, members: 'leaving' });
    expect(found).toEqual({ record: { phase: entry, since: AGED, for: LEAVING }, write: 'none', needsGet: false });
  });
});
