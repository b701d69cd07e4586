/** Every situation that one ledger entry can be in, as plain data, and as the facts that the code is given. */
import type { Member } from '../../../src/identity/ledger.ts';
import type { Membership } from '../../../src/identity/membership.ts';
import { type Facts, INTENT_GRACE_MS, type Phase } from '../../../src/identity/transition.ts';
import { LONG_AGO, member, NOW } from './builders.ts';

export interface Case {
  readonly entry: 'none' | Phase;
  readonly live: boolean;
  readonly byGet: boolean;
  readonly terminal: boolean;
  /** The read was begun at least 60 s after the entry's `since`. */
  readonly aged: boolean;
  readonly wanted: boolean;
  readonly held: boolean;
  readonly adopt: boolean;
  readonly untouchable: boolean;
  readonly attachable: boolean;
  readonly writable: boolean;
  readonly refused: boolean;
  readonly lostRace: boolean;
  readonly resend: boolean;
  /** `staying`: some stay, others leave. `leaving`, `renounced`: all leave. `orphan`: one is not there any more. */
  readonly members: 'staying' | 'leaving' | 'renounced' | 'orphan';
}

const PHASES = ['none', 'Attaching', 'Attached', 'Detaching'] as const;
const MEMBERS = ['staying', 'leaving', 'renounced', 'orphan'] as const;
const SWITCHES = [
  'live',
  'byGet',
  'terminal',
  'aged',
  'wanted',
  'held',
  'adopt',
  'untouchable',
  'attachable',
  'writable',
  'refused',
  'lostRace',
  'resend',
] as const satisfies readonly (keyof Case)[];

/** All 4 × 2¹³ × 4 combinations, possible or not. */
export function* everyCase(): Generator<Case> {
  for (const entry of PHASES) {
    for (const members of MEMBERS) {
      for (let bits = 0; bits < 2 ** SWITCHES.length; bits += 1) {
        const switches = Object.fromEntries(SWITCHES.map((name, bit) => [name, (bits & (1 << bit)) !== 0]));
        yield { entry, members, ...switches } as unknown as Case;
      }
    }
  }
}

/**
 * Whether bindings and a ledger can bring the combination about. Who wants an identity stays in its entry, and who stays
 * wants or holds it; only an identity that is wanted is adopted; an entry that is not there names nobody.
 */
export function isPossible(c: Case): boolean {
  if (c.adopt && !c.wanted) return false;
  if (c.wanted && c.members !== 'staying') return false;
  if (c.members === 'staying' && !c.wanted && !c.held) return false;
  return c.entry !== 'none' || c.members === 'staying' || c.members === 'orphan';
}

export const STAYING: readonly Member[] = [member('staying')];
export const UNSEEN: readonly Member[] = [member('unseen')];
export const LEAVING: readonly Member[] = [member('leaving')];

/** When entries of aged cases took their phase. */
export const AGED = LONG_AGO;
/** Less than the grace before the read. */
export const RECENT = new Date(NOW - INTENT_GRACE_MS + 1).toISOString();
export const NOW_TEXT = new Date(NOW).toISOString();

const MEMBERSHIPS: Readonly<Record<Case['members'], Membership>> = {
  staying: { staying: STAYING, leaving: LEAVING, renounced: false, orphan: false },
  leaving: { staying: [], leaving: LEAVING, renounced: false, orphan: false },
  renounced: { staying: [], leaving: LEAVING, renounced: true, orphan: false },
  orphan: { staying: UNSEEN, leaving: LEAVING, renounced: false, orphan: true },
};
const NOBODY: Membership = { staying: [], leaving: [], renounced: false, orphan: true };

export function recordedMembers(c: Case): readonly Member[] {
  const { staying, leaving } = MEMBERSHIPS[c.members];
  return [...staying, ...leaving];
}

export function sinceOf(c: Case): string {
  return c.aged ? AGED : RECENT;
}

export function factsOf(c: Case): Facts {
  const { entry, aged: _, members, ...facts } = c;
  return {
    ...facts,
    readAt: NOW,
    now: NOW_TEXT,
    members: entry === 'none' && members !== 'staying' ? NOBODY : MEMBERSHIPS[members],
    ...(entry === 'none' ? {} : { record: { phase: entry, since: sinceOf(c), for: recordedMembers(c) } }),
  };
}

/** One case, from what is different about it: an entry for somebody who stays, a good GET, and everything allowed. */
export function caseOf(rest: Partial<Case>): Case {
  return {
    entry: 'Attached',
    live: true,
    byGet: true,
    terminal: true,
    aged: true,
    wanted: rest.members === undefined || rest.members === 'staying',
    held: false,
    adopt: false,
    untouchable: false,
    attachable: true,
    writable: true,
    refused: false,
    lostRace: false,
    resend: false,
    members: 'staying',
    ...rest,
  };
}
