import { describe, expect, it } from 'vitest';

import type { Declaration } from '../../../src/identity/declaration.ts';
import type { SystemPhase } from '../../../src/identity/ledger.ts';
import { decide, type Situation } from '../../../src/identity/plan.ts';
import { binding, type BindingOptions, entry, GRANT_NOTHING, nameOf, situation, systemEntry } from './builders.ts';
import { isEmpty, names, next, type Pass, pass } from './passes.ts';

/** Whoever the ledger names, if it names anybody. */
const OWNERS = {
  'enables it': { systemAssigned: 'Enabled' },
  'disables it': { systemAssigned: 'Disabled' },
  'says nothing of it': {},
  'enables it, suspended': { systemAssigned: 'Enabled', suspended: true },
  'enables it, observing': { systemAssigned: 'Enabled', observe: true },
  'disables it, suspended': { systemAssigned: 'Disabled', suspended: true },
  'enables it, not permitted': { systemAssigned: 'Enabled', grants: GRANT_NOTHING },
  'enables it, not permitted any more': { systemAssigned: 'Enabled', grants: { enableSystemAssigned: false } },
  'is deleted': { systemAssigned: 'Enabled', deleting: true },
  'is deleted without EnableAndDisable': {
    systemAssigned: 'Enabled',
    deleting: true,
    grants: { disableSystemAssigned: false },
  },
  'is deleted with Retain': { systemAssigned: 'Enabled', deleting: true, retain: true },
  'is not there': undefined,
} as const satisfies Record<string, BindingOptions | undefined>;

const OTHERS = {
  'enables it': { systemAssigned: 'Enabled' },
  'disables it': { systemAssigned: 'Disabled' },
  'enables it, suspended': { systemAssigned: 'Enabled', suspended: true },
  'disables it, suspended': { systemAssigned: 'Disabled', suspended: true },
  'disables it, not permitted': { systemAssigned: 'Disabled', grants: { disableSystemAssigned: false } },
  'is not there': undefined,
} as const satisfies Record<string, BindingOptions | undefined>;

/** Of each of two user-assigned identities. */
const IDENTITIES = ['absent', 'foreign', 'wanted', 'wantedLive', 'left', 'held'] as const;

interface Combination {
  readonly owner: keyof typeof OWNERS;
  readonly other: keyof typeof OTHERS;
  readonly phase: SystemPhase | 'none';
  readonly isOn: boolean;
  readonly isFlexible: boolean;
  readonly source: 'get' | 'list';
  readonly a: (typeof IDENTITIES)[number];
  readonly b: (typeof IDENTITIES)[number];
}

const NAMES = ['a', 'b'] as const;

function* everyCombination(): Generator<Combination> {
  for (const owner of Object.keys(OWNERS) as (keyof typeof OWNERS)[])
    for (const other of Object.keys(OTHERS) as (keyof typeof OTHERS)[])
      for (const phase of ['none', 'Enabling', 'Enabled', 'Disabling'] as const)
        for (const [isOn, isFlexible] of [
          [true, false],
          [false, false],
          [false, true],
        ] as const)
          for (const source of ['get', 'list'] as const)
            for (const a of IDENTITIES)
              for (const b of source === 'get' ? IDENTITIES : (['absent', 'wanted'] as const))
                yield { owner, other, phase, isOn, isFlexible, source, a, b };
}

function declarationsOf(c: Combination): readonly Declaration[] {
  const having = (...states: readonly string[]): string[] => NAMES.filter((name) => states.includes(c[name]));
  const options: BindingOptions | undefined = OWNERS[c.owner];
  const other: BindingOptions | undefined = OTHERS[c.other];
  return [
    ...(options === undefined ? [] : [binding('owner', options)]),
    ...(other === undefined ? [] : [binding('other', other)]),
    binding('wanting', { userAssigned: having('wanted', 'wantedLive') }),
    binding('holding', { userAssigned: having('held'), suspended: true }),
  ];
}

function situationOf(c: Combination): Situation {
  const live = NAMES.filter((name) => ['foreign', 'wantedLive', 'left', 'held'].includes(c[name]));
  return situation({
    declarations: declarationsOf(c),
    entries: NAMES.filter((name) => c[name] === 'left').map((name) => entry(name, 'Attached', ['wanting'])),
    ...(c.phase === 'none' ? {} : { system: systemEntry(c.phase, ['owner']) }),
    live: { userAssigned: live, systemAssigned: c.isOn, orchestrationMode: c.isFlexible ? 'Flexible' : 'Uniform' },
    source: c.source,
  });
}

/** Whether it is on after the write: the sentences of the design, the first that fits. */
function isOnAfter(c: Combination): boolean {
  const owned = c.phase !== 'none';
  const enabled = c.owner === 'enables it' || c.other === 'enables it';
  if (enabled) return c.isOn || !c.isFlexible;
  const suspended =
    ['enables it, suspended', 'enables it, observing'].includes(c.owner) || c.other === 'enables it, suspended';
  const frozen =
    owned &&
    ['disables it, suspended', 'enables it, not permitted', 'enables it, not permitted any more'].includes(c.owner);
  if (suspended || frozen) return c.isOn;
  if (c.owner === 'disables it' || c.other === 'disables it') return false;
  // The deletion of the binding that turned it on.
  if (owned && c.owner === 'is deleted') return false;
  return c.isOn;
}

/** Whether an entry is left once all is seen through; what is on is ours only while somebody stays in the entry. */
function isOwnedAfter(c: Combination): boolean {
  const stays = ['enables it', 'enables it, suspended', 'enables it, observing'];
  const frozen = ['disables it, suspended', 'enables it, not permitted', 'enables it, not permitted any more'];
  const turnedOn = !c.isOn && isOnAfter(c);
  if (turnedOn) return true;
  if (c.phase === 'none') return false;
  const wanted = c.owner === 'enables it' || c.other === 'enables it';
  if (!isOnAfter(c)) return wanted && c.isFlexible && c.phase !== 'Disabling';
  const taken = stays.includes(c.other) || stays.includes(c.owner) || frozen.includes(c.owner);
  return taken || c.owner === 'is not there';
}

/** The user-assigned identities change nothing about the question; one combination of them is enough for it. */
function hasIdentities({ a, b }: Combination): boolean {
  return a !== 'absent' || b !== 'absent';
}

interface Rule {
  readonly says: string;
  readonly holds: (c: Combination, first: Pass) => boolean;
}

const RULES: readonly Rule[] = [
  {
    says: 'ends with the system-assigned identity on or off as the sentences say',
    holds: (c, { after }) => (after.systemAssigned !== undefined) === isOnAfter(c),
  },
  {
    says: 'never changes its principal where it was on and stays on',
    holds: (c, { after, situation: { reading } }) =>
      !c.isOn || !isOnAfter(c) || after.systemAssigned === reading.scaleSet.identity.systemAssigned,
  },
  {
    says: 'ends with exactly the user-assigned identities that are wanted, held or foreign',
    holds: (c, { after }) => names(after) === NAMES.filter((name) => c[name] !== 'absent' && c[name] !== 'left').join(),
  },
  {
    says: 'asks for a change only when something differs',
    holds: (c, { decision: { delta } }) => {
      const { systemAssigned } = delta;
      const expected = isOnAfter(c) === c.isOn ? 'asLive' : isOnAfter(c) ? 'on' : 'off';
      const named = (refs: typeof delta.attach): string => refs.map(({ key }) => nameOf(key)).join();
      const having = (state: string): string => NAMES.filter((name) => c[name] === state).join();
      return (
        systemAssigned === expected &&
        named(delta.attach) === having('wanted') &&
        named(delta.detach) === having('left')
      );
    },
  },
  {
    says: 'records that it turns it on before it does',
    holds: (c, { decision: { ledger } }) =>
      c.isOn || !isOnAfter(c) || ledger.systemAssigned?.phase === (c.phase === 'Enabled' ? 'Enabled' : 'Enabling'),
  },
  {
    says: 'is at rest once it is seen through, and owns it only for those who stay',
    holds: (c, first) => {
      const settled = next(first);
      const again = next(settled);
      const sameLedger = JSON.stringify(again.decision.ledger) === JSON.stringify(settled.decision.ledger);
      const isOwned = again.decision.ledger.systemAssigned !== undefined;
      return isEmpty(settled) && isEmpty(again) && sameLedger && isOwned === isOwnedAfter(c);
    },
  },
  {
    says: 'never turns it off on a list entry, nor forgets that it turned it on',
    holds: (c, { decision }) => {
      const renounced = [
        'says nothing of it',
        'disables it',
        'is deleted with Retain',
        'is deleted without EnableAndDisable',
      ];
      const kept = c.phase === 'none' || decision.ledger.systemAssigned !== undefined || renounced.includes(c.owner);
      return c.source === 'get' || (decision.delta.systemAssigned !== 'off' && kept);
    },
  },
  {
    says: 'turns nothing on or off while nothing may be written',
    holds: (c, { situation: given }) =>
      hasIdentities(c) || decide({ ...given, writable: false }).delta.systemAssigned === 'asLive',
  },
  {
    says: 'never turns off the operator’s own',
    holds: (c, { situation: given }) =>
      hasIdentities(c) || decide({ ...given, systemUntouchable: true }).delta.systemAssigned !== 'off',
  },
];

function judge(): {
  readonly count: number;
  readonly onGet: number;
  readonly broken: ReadonlyMap<string, Combination>;
} {
  const broken = new Map<string, Combination>();
  let count = 0;
  let onGet = 0;
  for (const c of everyCombination()) {
    count += 1;
    const first = pass(situationOf(c));
    if (first.decision.needsGet) {
      if (c.source === 'get') broken.set('never asks for a GET on a GET', c);
      continue;
    }
    onGet += c.source === 'get' ? 1 : 0;
    for (const { says, holds } of RULES) {
      if (!broken.has(says) && !holds(c, first)) broken.set(says, c);
    }
  }
  return { count, onGet, broken };
}

describe('every combination of the system-assigned identity with two user-assigned ones', () => {
  const { count, onGet, broken } = judge();

  it('is decided on every GET', () => {
    expect(broken.get('never asks for a GET on a GET')).toBeUndefined();
    expect(onGet).toBe(12 * 6 * 4 * 3 * 36);
    expect(count).toBe(12 * 6 * 4 * 3 * (36 + 12));
  });

  it.each(RULES)('$says', ({ says }) => {
    expect(broken.get(says)).toBeUndefined();
  });
});
