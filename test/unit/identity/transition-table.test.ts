import { describe, expect, it } from 'vitest';

import { type Facts, INTENT_GRACE_MS, type Step, transition } from '../../../src/identity/transition.ts';
import {
  type Case,
  everyCase,
  factsOf,
  isPossible,
  LEAVING,
  NOW_TEXT,
  recordedMembers,
  sinceOf,
} from './transition-cases.ts';
import { type Outcome, TABLE } from './transition-oracle.ts';

const COMBINATIONS = 4 * 2 ** 13 * 4;

/** What the oracle's outcome looks like as a step. */
function stepOf(c: Case, outcome: Outcome): Step {
  const { entry } = outcome;
  const facts = factsOf(c);
  const members = { staying: facts.members.staying, leaving: LEAVING, recorded: recordedMembers(c) };
  const record =
    entry === 'gone'
      ? undefined
      : entry === 'as it is'
        ? facts.record
        : { phase: entry.phase, since: entry.since === 'now' ? NOW_TEXT : sinceOf(c), for: members[entry.for] };
  return {
    ...(record === undefined ? {} : { record }),
    write: outcome.write ?? 'none',
    needsGet: outcome.needsGet ?? false,
    ...(outcome.looksAgain ? { lookAgainAt: Date.parse(sinceOf(c)) + INTENT_GRACE_MS } : {}),
    ...(outcome.note === undefined ? {} : { note: outcome.note }),
  };
}

/** Says the same of equal steps, whatever the order of their fields. */
function tell(step: Step): string {
  const { record, write, needsGet, lookAgainAt = '', note = '' } = step;
  const entry = record ? `${record.phase} since ${record.since} for ${record.for.map(({ uid }) => uid).join()}` : '';
  return [entry, write, String(needsGet), lookAgainAt, note].join(' | ');
}

describe('every combination of an entry, a read and what is wanted', () => {
  it('falls under exactly one row of the table, and no row stands for nothing', () => {
    const seen = new Map(TABLE.map(({ says }) => [says, 0]));
    const stray: Case[] = [];
    for (const c of everyCase()) {
      if (!isPossible(c)) continue;
      const rows = TABLE.filter(({ fits }) => fits(c));
      if (rows.length !== 1) stray.push(c);
      for (const { says } of rows) seen.set(says, (seen.get(says) ?? 0) + 1);
    }
    expect(stray.slice(0, 3)).toEqual([]);
    expect([...seen].filter(([, count]) => count === 0)).toEqual([]);
  });

  it('becomes what its row says', () => {
    const wrong: { says: string; c: Case; expected: string; actual: string }[] = [];
    let possible = 0;
    for (const c of everyCase()) {
      if (!isPossible(c)) continue;
      possible += 1;
      const row = TABLE.find(({ fits }) => fits(c));
      const expected = row === undefined ? 'no row' : tell(stepOf(c, row.then(c)));
      const actual = tell(transition(factsOf(c)));
      if (actual !== expected) wrong.push({ says: row?.says ?? 'no row', c, expected, actual });
    }
    expect([...new Set(wrong.map(({ says }) => says))]).toEqual([]);
    expect(wrong.slice(0, 1)).toEqual([]);
    expect(possible).toBe(40_960);
  });
});

interface Invariant {
  readonly says: string;
  /** Only combinations that bindings and a ledger can bring about. */
  readonly onlyPossible?: true;
  readonly holds: (step: Step, c: Case, facts: Facts) => boolean;
}

const INVARIANTS: readonly Invariant[] = [
  { says: 'never detaches what has no entry', holds: (step, c) => step.write !== 'detach' || c.entry !== 'none' },
  { says: 'never detaches what is wanted', holds: (step, c) => step.write !== 'detach' || !c.wanted },
  { says: 'never detaches what is held', holds: (step, c) => step.write !== 'detach' || !c.held },
  { says: 'never detaches an orphan', holds: (step, c) => step.write !== 'detach' || c.members !== 'orphan' },
  {
    says: 'never detaches what somebody renounced',
    holds: (step, c) => step.write !== 'detach' || c.members !== 'renounced',
  },
  { says: 'never detaches the untouchable', holds: (step, c) => step.write !== 'detach' || !c.untouchable },
  { says: 'never detaches on a list entry', holds: (step, c) => step.write !== 'detach' || c.byGet },
  { says: 'never detaches what is not live', holds: (step, c) => step.write !== 'detach' || c.live },
  {
    says: 'never detaches what somebody else attached first',
    holds: (step, c) => step.write !== 'detach' || !(c.lostRace && c.entry === 'Attaching'),
  },
  { says: 'never writes while nothing may be written', holds: (step, c) => step.write === 'none' || c.writable },
  { says: 'never attaches what is not wanted', holds: (step, c) => step.write !== 'attach' || c.wanted },
  { says: 'never attaches what must not be attached now', holds: (step, c) => step.write !== 'attach' || c.attachable },
  {
    says: 'attaches what is live only to send again what is ours',
    holds: (step, c) => step.write !== 'attach' || !c.live || (c.resend && c.entry !== 'none'),
  },
  {
    says: 'attaches what is wanted, not live and may be sent, unless it was just refused or a detach is not seen through',
    onlyPossible: true,
    holds: (step, c) =>
      step.write === 'attach' ||
      !(c.wanted && !c.live && c.attachable && c.writable) ||
      (c.entry === 'Attached' && c.refused && c.byGet) ||
      (c.entry === 'Detaching' && !(c.byGet && c.terminal)),
  },
  {
    says: 'records an intent before it attaches',
    holds: (step) => step.write !== 'attach' || step.record?.phase === 'Attaching' || step.record?.phase === 'Attached',
  },
  {
    says: 'records an intent before it detaches',
    holds: (step) => step.write !== 'detach' || step.record?.phase === 'Detaching',
  },
  {
    says: 'keeps those in the entry who wait for a detach',
    onlyPossible: true,
    holds: (step) => step.write !== 'detach' || step.record?.for === LEAVING,
  },
  {
    says: 'never drops what is live and wanted, unless somebody else attached it first',
    onlyPossible: true,
    holds: (step, c) =>
      step.record !== undefined ||
      c.entry === 'none' ||
      !(c.live && c.wanted) ||
      (c.lostRace && c.byGet && c.entry === 'Attaching'),
  },
  {
    says: 'never drops what is live without a word',
    holds: (step, c) => step.record !== undefined || c.entry === 'none' || !c.live || step.note !== undefined,
  },
  {
    says: 'drops nothing on a list entry, except what is renounced',
    holds: (step, c) =>
      step.record !== undefined || c.entry === 'none' || c.byGet || step.note?.startsWith('renounced') === true,
  },
  {
    says: 'drops an orphan only when a GET no longer shows it, or shows that it was never ours',
    onlyPossible: true,
    holds: (step, c) =>
      step.record !== undefined || c.entry === 'none' || c.members !== 'orphan' || (c.byGet && (!c.live || c.lostRace)),
  },
  {
    says: 'drops an intent that nobody wants no sooner than a minute after it was sent',
    holds: (step, c) => step.record !== undefined || c.entry !== 'Attaching' || c.live || c.aged || c.wanted,
  },
  {
    says: 'makes nothing its own by a list entry, except by adopt or a change of mind',
    holds: (step, c) => step.record?.phase !== 'Attached' || c.byGet || c.entry !== 'Attaching',
  },
  {
    says: 'makes what is live without an entry its own only by adopt, and then writes nothing',
    holds: (step, c) =>
      c.entry !== 'none' || !c.live || step.record === undefined || (c.adopt && step.write === 'none'),
  },
  { says: 'writes nothing when a GET is needed', holds: (step) => !step.needsGet || step.write === 'none' },
  { says: 'never asks for a GET on a GET', holds: (step, c) => !step.needsGet || !c.byGet },
  {
    says: 'loses no entry when a GET is needed',
    holds: (step, c) => !step.needsGet || (step.record?.phase === c.entry && step.record.since === sinceOf(c)),
  },
  {
    says: 'names somebody in every entry',
    onlyPossible: true,
    holds: (step) => step.record === undefined || step.record.for.length > 0,
  },
  {
    says: 'looks again only for an intent that is not live, and not before the minute is over',
    holds: (step, c) =>
      step.lookAgainAt === undefined || (c.entry === 'Attaching' && !c.live && step.lookAgainAt > factsOf(c).readAt),
  },
  {
    says: 'comes to rest: what it leaves behind without a write stays as it is',
    onlyPossible: true,
    holds: (step, c, facts) =>
      c.resend ||
      step.write !== 'none' ||
      step.record === undefined ||
      tell(transition({ ...facts, record: step.record })) === tell(step),
  },
];

/** The first combination that breaks each invariant. */
function judge(): { readonly count: number; readonly broken: ReadonlyMap<string, Case> } {
  const broken = new Map<string, Case>();
  let count = 0;
  for (const c of everyCase()) {
    count += 1;
    const facts = factsOf(c);
    const step = transition(facts);
    for (const { says, onlyPossible, holds } of INVARIANTS) {
      if (onlyPossible && !isPossible(c)) continue;
      if (!broken.has(says) && !holds(step, c, facts)) broken.set(says, c);
    }
  }
  return { count, broken };
}

describe('one step of an entry', () => {
  const { count, broken } = judge();

  it('is judged in every combination, also in those that cannot come about', () => {
    expect(count).toBe(COMBINATIONS);
  });

  it.each(INVARIANTS)('$says', ({ says }) => {
    expect(broken.get(says)).toBeUndefined();
  });
});
