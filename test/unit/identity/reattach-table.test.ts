import { describe, expect, it } from 'vitest';

import type { Entry, Member } from '../../../src/identity/ledger.ts';
import type { Membership } from '../../../src/identity/membership.ts';
import { type EntryStep, identityStep, type ReattachFacts } from '../../../src/identity/reattach.ts';
import { type Facts, transition } from '../../../src/identity/transition.ts';
import { identityId, LONG_AGO, member, NOW } from './builders.ts';

const NOW_TEXT = new Date(NOW).toISOString();
const REATTACHED_AT = '2026-02-01T00:00:00.000Z';

interface Case {
  readonly phase: 'Attached' | 'Reattaching';
  readonly live: boolean;
  readonly source: 'GET at rest' | 'GET' | 'list';
  readonly wanted: boolean;
  readonly attachable: boolean;
  readonly writable: boolean;
  readonly shown: ReattachFacts['shown'];
  readonly attachHalf: ReattachFacts['attachHalf'];
  readonly obstacle: ReattachFacts['obstacle'];
  readonly permitted: boolean;
  readonly members: 'staying' | 'leaving' | 'renounced' | 'orphan';
}

const VALUES = {
  phase: ['Attached', 'Reattaching'],
  live: [true, false],
  source: ['GET at rest', 'GET', 'list'],
  wanted: [true, false],
  attachable: [true, false],
  writable: [true, false],
  shown: ['works', 'dead', 'doubtful', 'unread', 'unknown'],
  attachHalf: ['unsent', 'accepted', 'refused'],
  obstacle: [undefined, 'report', 'recent'],
  permitted: [true, false],
  members: ['staying', 'leaving', 'renounced', 'orphan'],
} as const satisfies { readonly [K in keyof Case]: readonly Case[K][] };

function* everyCase(names = Object.keys(VALUES), rest: object = {}): Generator<Case> {
  const [name, ...others] = names;
  if (name === undefined) {
    if (isPossible(rest as Case)) yield rest as Case;
    return;
  }
  for (const value of VALUES[name as keyof Case]) yield* everyCase(others, { ...rest, [name]: value });
}

/** Who wants it stays in the entry and is permitted to; only a list leaves a doubt, and nobody is asked about it then. */
function isPossible({ wanted, members, permitted, source, shown }: Case): boolean {
  if (wanted && (members !== 'staying' || !permitted)) return false;
  return source === 'list' ? shown !== 'dead' && shown !== 'unread' : shown !== 'doubtful';
}

const STAYING: readonly Member[] = [member('staying')];
const LEAVING: readonly Member[] = [member('leaving')];
const MEMBERSHIPS: Readonly<Record<Case['members'], Membership>> = {
  staying: { staying: STAYING, leaving: LEAVING, renounced: false, orphan: false },
  leaving: { staying: [], leaving: LEAVING, renounced: false, orphan: false },
  renounced: { staying: [], leaving: LEAVING, renounced: true, orphan: false },
  orphan: { staying: STAYING, leaving: [], renounced: false, orphan: true },
};

const entryOf = ({ phase, members }: Case): Entry => ({
  resourceId: identityId('app'),
  phase,
  since: LONG_AGO,
  reattachedAt: REATTACHED_AT,
  for: [...MEMBERSHIPS[members].staying, ...MEMBERSHIPS[members].leaving],
});

const factsOf = (c: Case): Facts => ({
  record: { phase: 'Attached', since: LONG_AGO, for: entryOf(c).for },
  members: MEMBERSHIPS[c.members],
  live: c.live,
  byGet: c.source !== 'list',
  terminal: c.source === 'GET at rest',
  readAt: NOW,
  now: NOW_TEXT,
  wanted: c.wanted,
  // Whoever stays in the entry and does not want it holds it.
  held: !c.wanted && c.members === 'staying',
  adopt: false,
  untouchable: false,
  attachable: c.attachable,
  writable: c.writable,
  refused: !c.attachable,
  resend: false,
  lostRace: false,
});

const stepOf = (c: Case): EntryStep => identityStep(factsOf(c), entryOf(c), c);

/** What the entry is from now on, and what is done. */
type Outcome =
  | { readonly as: 'transition'; readonly since?: 'now'; readonly and?: Partial<EntryStep> }
  | {
      readonly as: 'Reattaching';
      readonly since: 'kept' | 'now';
      readonly for: 'staying' | 'recorded';
      readonly write?: 'attach' | 'detach';
      readonly reattachedAt?: 'now';
      readonly and?: Partial<EntryStep>;
    };

interface Row {
  readonly says: string;
  readonly fits: (c: Case) => boolean;
  readonly then: Outcome;
}

const LOOKS_AGAIN = { lookAgainAt: NOW + 30_000 };
const maySend = (c: Case): boolean => c.attachable && c.writable;
const isCandidate = (c: Case): boolean => c.phase === 'Attached' && c.live && c.wanted && c.obstacle === undefined;
const begins = (c: Case): boolean => isCandidate(c) && c.shown === 'dead' && c.source === 'GET at rest' && maySend(c);
const between = (c: Case): boolean => c.phase === 'Reattaching' && c.source === 'GET at rest';
const isOn = (c: Case): boolean => between(c) && c.live && c.shown !== 'works';
const isOff = (c: Case): boolean => between(c) && !c.live;
/** Wanted, and nothing stands against it but that it has been begun. */
const goesOn = (c: Case): boolean =>
  isOn(c) && c.wanted && c.obstacle !== 'report' && c.attachHalf !== 'accepted' && c.shown !== 'unknown';
const isOwed = (c: Case): boolean =>
  isOff(c) && !c.wanted && c.permitted && c.members !== 'orphan' && c.attachHalf !== 'refused' && c.attachable;
const waitsForPolicy = (c: Case): boolean => isOff(c) && !c.permitted && c.members === 'staying';

const TABLE: readonly Row[] = [
  {
    says: 'an identity of ours that a GET shows to be another one: Reattaching, then a PATCH that detaches',
    fits: begins,
    then: {
      as: 'Reattaching',
      since: 'now',
      for: 'staying',
      write: 'detach',
      reattachedAt: 'now',
      and: { reattach: 'begun' },
    },
  },
  {
    says: 'one that a list makes doubtful: read the scale set',
    fits: (c) => isCandidate(c) && c.shown === 'doubtful',
    then: { as: 'transition', and: { needsGet: true } },
  },
  {
    says: 'one that could not be read: looked at again soon',
    fits: (c) => isCandidate(c) && c.shown === 'unread',
    then: { as: 'transition', and: LOOKS_AGAIN },
  },
  {
    says: 'one that works, that nobody wants, that something stands against or that is not to be written now: as ever',
    fits: (c) => c.phase === 'Attached' && !begins(c) && !(isCandidate(c) && /doubtful|unread/.test(c.shown)),
    then: { as: 'transition' },
  },
  {
    says: 'Reattaching, in a list: only a GET tells',
    fits: (c) => c.phase === 'Reattaching' && c.source === 'list',
    then: { as: 'Reattaching', since: 'kept', for: 'recorded', and: { needsGet: true } },
  },
  {
    says: 'Reattaching, while Azure is at work: stays as it is',
    fits: (c) => c.phase === 'Reattaching' && c.source === 'GET',
    then: { as: 'Reattaching', since: 'kept', for: 'recorded' },
  },
  {
    says: 'Reattaching, live with its present client id: Attached',
    fits: (c) => between(c) && c.live && c.shown === 'works',
    then: { as: 'transition', since: 'now', and: { reattach: 'finished' } },
  },
  {
    says: 'Reattaching, live, and not wanted, vetoed, attached already or not to be found out about: Attached',
    fits: (c) => isOn(c) && !goesOn(c),
    then: { as: 'transition', since: 'now' },
  },
  {
    says: 'Reattaching, live, and the identity could not be read: looked at again soon',
    fits: (c) => goesOn(c) && c.shown === 'unread',
    then: { as: 'Reattaching', since: 'kept', for: 'recorded', and: LOOKS_AGAIN },
  },
  {
    says: 'Reattaching, live with an old client id: detach again',
    fits: (c) => goesOn(c) && c.shown === 'dead' && maySend(c) && c.attachHalf === 'unsent',
    then: { as: 'Reattaching', since: 'now', for: 'staying', write: 'detach' },
  },
  {
    says: 'Reattaching, live, and our operation failed that was to attach it: attach again',
    fits: (c) => goesOn(c) && c.shown === 'dead' && maySend(c) && c.attachHalf === 'refused',
    then: { as: 'Reattaching', since: 'now', for: 'staying', write: 'attach' },
  },
  {
    says: 'Reattaching, live with an old client id, not to be sent now: waits',
    fits: (c) => goesOn(c) && c.shown === 'dead' && !maySend(c),
    then: { as: 'Reattaching', since: 'kept', for: 'recorded' },
  },
  {
    says: 'Reattaching, not live, wanted: attach, whatever stands against it now',
    fits: (c) => isOff(c) && c.wanted && maySend(c),
    then: { as: 'Reattaching', since: 'now', for: 'staying', write: 'attach' },
  },
  {
    says: 'Reattaching, not live, wanted, not to be sent now: waits, refused or not',
    fits: (c) => isOff(c) && c.wanted && !maySend(c),
    then: { as: 'Reattaching', since: 'kept', for: 'staying' },
  },
  {
    says: 'Reattaching, not live, not wanted any more, permitted and not refused yet: attach, for those it was for',
    fits: (c) => isOwed(c) && c.writable,
    then: { as: 'Reattaching', since: 'now', for: 'recorded', write: 'attach' },
  },
  {
    says: 'Reattaching, not live, not wanted any more, not to be written now: waits',
    fits: (c) => isOwed(c) && !c.writable,
    then: { as: 'Reattaching', since: 'kept', for: 'recorded' },
  },
  {
    says: 'Reattaching, not live, permitted to nobody: waits while a binding stays in it',
    fits: waitsForPolicy,
    then: { as: 'Reattaching', since: 'kept', for: 'staying' },
  },
  {
    says: 'Reattaching, not live, and refused, orphaned, or neither permitted nor declared: dropped',
    fits: (c) => isOff(c) && !c.wanted && !isOwed(c) && !waitsForPolicy(c),
    then: { as: 'transition', since: 'now' },
  },
];

function expected(c: Case, outcome: Outcome): EntryStep {
  const facts = factsOf(c);
  if (outcome.as === 'transition') {
    const record = {
      phase: 'Attached',
      since: outcome.since === 'now' ? NOW_TEXT : LONG_AGO,
      for: entryOf(c).for,
    } as const;
    const { record: next, ...step } = transition({ ...facts, record });
    const carried = next === undefined ? {} : { record: { ...next, reattachedAt: REATTACHED_AT } };
    return { ...step, ...carried, ...outcome.and };
  }
  const { write = 'none', and = {} } = outcome;
  const members = { staying: facts.members.staying, recorded: entryOf(c).for };
  return {
    record: {
      phase: 'Reattaching',
      since: outcome.since === 'now' ? NOW_TEXT : LONG_AGO,
      for: members[outcome.for],
      reattachedAt: outcome.reattachedAt === 'now' ? NOW_TEXT : REATTACHED_AT,
    },
    write,
    needsGet: false,
    ...and,
  };
}

describe('the table of what is reattached', () => {
  const cases = [...everyCase()];

  it('has exactly one row for every case, and a case for every row', () => {
    const fitting = cases.map((c) => TABLE.filter(({ fits }) => fits(c)));
    expect(cases.filter((_, index) => fitting[index]!.length !== 1).slice(0, 3)).toEqual([]);
    const used = new Set(fitting.flat());
    expect(TABLE.filter((row) => !used.has(row)).map(({ says }) => says)).toEqual([]);
  });

  it.each(TABLE)('$says', ({ fits, then }) => {
    const wrong = cases.find((c) => {
      if (!fits(c)) return false;
      try {
        expect(stepOf(c)).toEqual(expected(c, then));
        return false;
      } catch {
        return true;
      }
    });
    expect(wrong).toBeUndefined();
  });
});

const INVARIANTS: readonly { readonly says: string; readonly holds: (step: EntryStep, c: Case) => boolean }[] = [
  {
    says: 'never detaches what a list shows, or while Azure is at work',
    holds: (step, c) => step.record?.phase !== 'Reattaching' || step.write !== 'detach' || c.source === 'GET at rest',
  },
  {
    says: 'never detaches what works to attach it again',
    holds: (step, c) => step.record?.phase !== 'Reattaching' || step.write !== 'detach' || c.shown === 'dead',
  },
  {
    says: 'never begins without consent',
    holds: (step, c) => step.reattach !== 'begun' || (c.obstacle === undefined && c.wanted && c.permitted),
  },
  { says: 'never writes while nothing may be written', holds: (step, c) => step.write === 'none' || c.writable },
  { says: 'never attaches what is refused still', holds: (step, c) => step.write !== 'attach' || c.attachable },
  { says: 'never attaches what no policy permits', holds: (step, c) => step.write !== 'attach' || c.permitted },
  {
    says: 'never gives up what is off and wanted',
    holds: (step, c) => c.phase !== 'Reattaching' || c.live || !c.wanted || step.record?.phase === 'Reattaching',
  },
  {
    says: 'never forgets when it was begun',
    holds: (step) => step.record === undefined || step.record.reattachedAt !== undefined,
  },
  {
    says: 'says when it is begun, and no other time',
    holds: (step) => (step.reattach === 'begun') === (step.record?.reattachedAt === NOW_TEXT),
  },
];

describe('one step of what is reattached', () => {
  const steps = [...everyCase()].map((c) => [stepOf(c), c] as const);

  it.each(INVARIANTS)('$says', ({ holds }) => {
    expect(steps.find(([step, c]) => !holds(step, c))?.[1]).toBeUndefined();
  });
});
