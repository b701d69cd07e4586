import { describe, expect, it } from 'vitest';

import { armKey } from '../../../src/identity/arm-id.ts';
import type { Declaration } from '../../../src/identity/declaration.ts';
import { entriesByKey, type Entry, type EntryPhase } from '../../../src/identity/ledger.ts';
import type { IdentityRef } from '../../../src/identity/patch.ts';
import { decide, type Situation } from '../../../src/identity/plan.ts';
import { AT_ONCE, binding, entry, grantAllBut, identityKey, nameOf, situation, told, WAITING } from './builders.ts';
import { isEmpty, names, next, type Pass, pass } from './passes.ts';

/**
 * How bindings stand to an identity. `denied`: declared without permission. `left`: whoever it was attached for is active
 * and does not declare it any more. `retained`: whoever it was attached for is deleted with Retain.
 */
type Relation = 'wanted' | 'held' | 'denied' | 'left' | 'retained' | 'orphan' | 'undeclared';

interface State {
  readonly live: boolean;
  readonly phase: EntryPhase | 'none';
  readonly relation: Relation;
}

interface Combination {
  readonly a: State;
  readonly b: State;
  /** `a` is protected by a policy. */
  readonly isProtected: boolean;
  readonly exclusive: 'no' | 'waiting' | 'ready';
  readonly source: 'get' | 'list';
  readonly isOn: boolean;
}

const MEMBER: Readonly<Record<Relation, string>> = {
  wanted: 'active',
  held: 'suspended',
  denied: 'denied',
  left: 'active',
  retained: 'retaining',
  orphan: 'gone',
  undeclared: 'nobody',
};

const STATES: readonly State[] = [true, false].flatMap((live) => [
  ...(['wanted', 'held', 'denied', 'undeclared'] as const).map(
    (relation) => ({ live, phase: 'none', relation }) as const,
  ),
  ...(['Attaching', 'Attached', 'Detaching'] as const).flatMap((phase) =>
    (['wanted', 'held', 'denied', 'left', 'retained', 'orphan'] as const).map((relation) => ({
      live,
      phase,
      relation,
    })),
  ),
]);

/** Both reads, and all of them with the system-assigned identity on and off where a request may follow from them. */
const SURROUNDINGS: readonly Omit<Combination, 'a' | 'b' | 'isProtected'>[] = [
  ...(['no', 'waiting', 'ready'] as const).flatMap((exclusive) =>
    [false, true].map((isOn) => ({ exclusive, isOn, source: 'get' }) as const),
  ),
  { exclusive: 'no', isOn: false, source: 'list' },
  { exclusive: 'ready', isOn: true, source: 'list' },
];

function* everyCombination(): Generator<Combination> {
  for (const a of STATES)
    for (const b of STATES)
      for (const isProtected of [false, true])
        for (const around of SURROUNDINGS) yield { a, b, isProtected, ...around };
}

const NAMES = ['a', 'b'] as const;

function declarationsOf(c: Combination): readonly Declaration[] {
  const declaring = (relation: Relation): string[] => NAMES.filter((name) => c[name].relation === relation);
  return [
    binding('active', { userAssigned: declaring('wanted') }),
    binding('suspended', { suspended: true, userAssigned: declaring('held') }),
    binding('denied', { userAssigned: declaring('denied'), grants: grantAllBut(...NAMES) }),
    binding('retaining', { deleting: true, retain: true }),
    ...(c.exclusive === 'no' ? [] : [binding('exclusive', { exclusive: true })]),
  ];
}

function situationOf(c: Combination): Situation {
  const entries = NAMES.flatMap((name): Entry[] => {
    const { phase, relation } = c[name];
    return phase === 'none' ? [] : [entry(name, phase, [MEMBER[relation]])];
  });
  return situation({
    declarations: declarationsOf(c),
    entries,
    live: { userAssigned: NAMES.filter((name) => c[name].live), systemAssigned: c.isOn },
    source: c.source,
    untouchable: c.isProtected ? ['a'] : [],
    exclusive: c.exclusive === 'ready' ? AT_ONCE : WAITING,
  });
}

interface Expected {
  readonly attach: readonly string[];
  readonly detach: readonly string[];
  readonly entries: readonly string[];
  readonly foreign: readonly string[];
  readonly needsGet: boolean;
}

/** The formulas of the design over sets of names. */
function expectedOf(c: Combination): Expected {
  const those = (holds: (state: State, name: string) => boolean): string[] =>
    NAMES.filter((name) => holds(c[name], name));
  const isProtected = (name: string): boolean => c.isProtected && name === 'a';
  const owned = ({ phase }: State): boolean => phase !== 'none';
  const wanted = ({ relation }: State): boolean => relation === 'wanted';
  const held = (state: State): boolean => state.relation === 'held' || (state.relation === 'denied' && owned(state));
  const takesBack = (state: State, name: string): boolean =>
    owned(state) && state.live && state.relation === 'left' && !isProtected(name);
  const surplus = (state: State, name: string): boolean =>
    c.exclusive === 'ready' && state.live && !wanted(state) && !held(state) && !isProtected(name);
  const attach = those((state) => wanted(state) && !state.live);
  const detach = those((state, name) => takesBack(state, name) || surplus(state, name));

  const phaseAfter = (state: State, name: string): EntryPhase | 'none' => {
    const confirmed = state.phase === 'Attaching' && c.source === 'get' ? 'Attached' : state.phase;
    if (!owned(state)) return wanted(state) && !state.live ? 'Attaching' : 'none';
    if (!state.live) return !wanted(state) ? 'none' : state.phase === 'Attached' ? 'Attached' : 'Attaching';
    if (wanted(state) || held(state)) return 'Attached';
    if (state.relation === 'orphan') return confirmed;
    return takesBack(state, name) ? 'Detaching' : 'none';
  };
  const entries = NAMES.flatMap((name) => {
    const phase = phaseAfter(c[name], name);
    return phase === 'none' ? [] : [`${phase} ${name} for ${MEMBER[c[name].relation]}`];
  });
  const foreign = those(
    (state, name) =>
      state.live && phaseAfter(state, name) === 'none' && !['wanted', 'held', 'denied'].includes(state.relation),
  );
  const unconfirmed = (state: State): boolean =>
    state.phase === 'Attaching' && state.live && (wanted(state) || held(state));
  const maybeGone = (state: State): boolean =>
    owned(state) && !state.live && !(wanted(state) && state.phase !== 'Detaching');
  const needsGet =
    c.source === 'list' && (detach.length > 0 || those((s) => unconfirmed(s) || maybeGone(s)).length > 0);
  return { attach, detach, entries, foreign, needsGet };
}

interface Rule {
  readonly says: string;
  readonly holds: (c: Combination, first: Pass) => boolean;
}

function inOrder(refs: readonly IdentityRef[]): readonly IdentityRef[] {
  return refs.map(({ key, resourceId }) => ({ key, resourceId })).toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

/** What must hold of every decision that may be acted on; one that needs a GET is decided again. */
const RULES: readonly Rule[] = [
  {
    says: 'never touches the system-assigned identity, of which nobody says anything',
    holds: (_c, { decision, after, situation: { reading } }) =>
      decision.delta.systemAssigned === 'asLive' &&
      after.systemAssigned === reading.scaleSet.identity.systemAssigned &&
      decision.ledger.systemAssigned === undefined,
  },
  {
    says: 'ends in exactly the intended identities',
    holds: (c, { after }) => {
      const { attach, detach } = expectedOf(c);
      const intended = NAMES.filter((name) => (c[name].live || attach.includes(name)) && !detach.includes(name));
      return names(after) === intended.join();
    },
  },
  {
    says: 'leaves what is foreign, and what is protected, unless an Exclusive wait is over',
    holds: (c, { after }) =>
      NAMES.every((name) => {
        const isForeign = c.exclusive !== 'ready' && c[name].phase === 'none';
        const survives = isForeign || (c.isProtected && name === 'a');
        return !c[name].live || !survives || after.userAssigned.has(identityKey(name));
      }),
  },
  {
    says: 'is at rest once it is seen through: an empty delta, and the same ledger from then on',
    holds: (_c, first) => {
      const settled = next(first);
      const again = next(settled);
      const sameLedger = JSON.stringify(again.decision.ledger) === JSON.stringify(settled.decision.ledger);
      return isEmpty(settled) && isEmpty(again) && sameLedger;
    },
  },
  {
    says: 'is neither narrowed nor, unless it is renounced, dropped by a list',
    holds: (c, { decision }) => {
      const recorded = new Set(decision.ledger.entries.map(({ resourceId }) => nameOf(resourceId)));
      const isRenounced = ({ live, relation }: State, name: string): boolean =>
        live && (relation === 'retained' || (relation === 'left' && c.isProtected && name === 'a'));
      const isKept = (name: 'a' | 'b'): boolean =>
        c[name].phase === 'none' || recorded.has(name) || isRenounced(c[name], name);
      return c.source === 'get' || (decision.delta.detach.length === 0 && NAMES.every(isKept));
    },
  },
  {
    says: 'writes nothing while nothing may be written, and records no intent',
    holds: (c, { situation: given }) => {
      if (c.isOn) return true;
      const { delta, ledger } = decide({ ...given, writable: false });
      const before = new Map(NAMES.map((name) => [name, c[name].phase]));
      const isOld = ({ phase, resourceId }: Entry): boolean =>
        phase === 'Attached' || phase === before.get(nameOf(resourceId) as 'a' | 'b');
      return delta.attach.length + delta.detach.length === 0 && ledger.entries.every(isOld);
    },
  },
  {
    says: 'holds everything back in read-only mode, records no intent, and tells what it held back',
    holds: (c, { situation: given, decision: free }) => {
      if (c.isOn) return true;
      const { delta, ledger, heldBack } = decide({ ...given, brakes: { readOnly: true, detaches: 100 } });
      const writable = decide({ ...given, writable: false });
      const [attach, detach] = [heldBack?.attach ?? [], heldBack?.detach ?? []];
      return (
        delta.attach.length + delta.detach.length === 0 &&
        JSON.stringify(ledger) === JSON.stringify(writable.ledger) &&
        JSON.stringify([attach, inOrder(detach)]) === JSON.stringify([free.delta.attach, inOrder(free.delta.detach)])
      );
    },
  },
  {
    says: 'detaches as much as it may, attaches everything, and intends to detach nothing else',
    holds: (c, { situation: given, decision: free }) =>
      c.isOn ||
      [0, 1].every((detaches) => {
        const { delta, ledger, heldBack } = decide({ ...given, brakes: { readOnly: false, detaches } });
        const sent = new Set(delta.detach.map(({ key }) => key));
        const kept = new Map(entriesByKey(given.ledger));
        const isMeant = ({ phase, resourceId }: Entry): boolean =>
          phase !== 'Detaching' || sent.has(armKey(resourceId)) || kept.get(armKey(resourceId))?.phase === 'Detaching';
        const all = inOrder([...delta.detach, ...(heldBack?.detach ?? [])]);
        return (
          delta.detach.length === Math.min(detaches, free.delta.detach.length) &&
          JSON.stringify(delta.attach) === JSON.stringify(free.delta.attach) &&
          JSON.stringify(all) === JSON.stringify(inOrder(free.delta.detach)) &&
          ledger.entries.every(isMeant)
        );
      }),
  },
  {
    says: 'does not depend on the order in which bindings are listed',
    holds: (c, { situation: given, decision }) => {
      if (c.isOn) return true;
      const reversed = decide({ ...given, declarations: given.declarations.toReversed() });
      return JSON.stringify(reversed) === JSON.stringify(decision);
    },
  },
];

function judge(): {
  readonly count: number;
  readonly wrong: readonly unknown[];
  readonly broken: ReadonlyMap<string, Combination>;
} {
  const broken = new Map<string, Combination>();
  const wrong: unknown[] = [];
  let count = 0;
  for (const c of everyCombination()) {
    count += 1;
    const expected = expectedOf(c);
    const first = pass(situationOf(c));
    const { attach, detach, entries } = told(first.decision);
    const { needsGet, ledger } = first.decision;
    const actual = { attach, detach, entries, foreign: ledger.foreign.map(nameOf), needsGet };
    if (needsGet && expected.needsGet) continue;
    if (JSON.stringify(actual) !== JSON.stringify(expected)) wrong.push({ c, expected, actual });
    for (const { says, holds } of RULES) {
      if (!broken.has(says) && !holds(c, first)) broken.set(says, c);
    }
  }
  return { count, wrong, broken };
}

describe('every combination of two identities, live, recorded, declared, protected, Exclusive, by GET and by list', () => {
  const { count, wrong, broken } = judge();

  it('is planned and recorded as the formulas say', () => {
    expect(wrong.slice(0, 1)).toEqual([]);
    expect(count).toBe(44 * 44 * 2 * 8);
  });

  it.each(RULES)('$says', ({ says }) => {
    expect(broken.get(says)).toBeUndefined();
  });
});
