/**
 * The table of what becomes of a ledger entry, written down once more: as rows that exclude one another, each with the
 * sentence of the design it stands for. It shares nothing with the code, and no order: exactly one row fits every case.
 */
import type { Phase, Step } from '../../../src/identity/transition.ts';
import type { Case } from './transition-cases.ts';

export interface Outcome {
  /** `gone`: no entry from now on. `as it is`: the entry that was read, members and all. */
  readonly entry:
    | 'gone'
    | 'as it is'
    | { readonly phase: Phase; readonly since: 'kept' | 'now'; readonly for: 'staying' | 'leaving' | 'recorded' };
  readonly write?: 'attach' | 'detach';
  readonly needsGet?: true;
  readonly looksAgain?: true;
  readonly note?: Step['note'];
}

export interface Row {
  readonly says: string;
  readonly fits: (c: Case) => boolean;
  readonly then: (c: Case) => Outcome;
}

const GONE: Outcome = { entry: 'gone' };
const AS_IT_IS: Outcome = { entry: 'as it is' };
const NEEDS_GET: Outcome = { entry: 'as it is', needsGet: true };

function becomes(
  phase: Phase,
  since: 'kept' | 'now',
  members: 'staying' | 'leaving' | 'recorded' = 'staying',
): Outcome {
  return { entry: { phase, since, for: members } };
}

const maySend = (c: Case): boolean => c.attachable && c.writable;
const keeps = (c: Case): boolean => c.wanted || c.held;
/** Wanted or held, and there is somebody to name in `for`. */
const keepsFor = (c: Case): boolean => keeps(c) && (c.members === 'staying' || c.members === 'orphan');
const proves = (c: Case): boolean => c.byGet && c.terminal;

const isEntry = (c: Case): boolean => c.entry !== 'none';
const intent = (c: Case): boolean => c.entry === 'Attaching';
const raceLost = (c: Case): boolean => intent(c) && c.live && c.lostRace;
/** Live with an entry, and nobody came first. */
const ours = (c: Case): boolean => isEntry(c) && c.live && !raceLost(c);
const unwanted = (c: Case): boolean => ours(c) && !keeps(c) && c.members !== 'orphan';
const toDetach = (c: Case): boolean => unwanted(c) && c.members !== 'renounced' && !c.untouchable;
/** "Attaching, live by GET: ours, `Attached`" is settled before anything else is asked. */
const settled = (c: Case): Outcome =>
  intent(c) && c.byGet ? becomes('Attached', 'now') : becomes(c.entry as Phase, 'kept');

const NO_ENTRY: readonly Row[] = [
  {
    says: 'no entry, live: foreign',
    fits: (c) => !isEntry(c) && c.live && (!c.wanted || !c.adopt || c.untouchable),
    then: () => GONE,
  },
  {
    says: 'no entry, live, with adopt (permitted, wanted): an entry Attached, by a ledger write alone',
    fits: (c) => !isEntry(c) && c.live && c.wanted && c.adopt && !c.untouchable,
    then: () => becomes('Attached', 'now'),
  },
  {
    says: 'no entry, not live, wanted: entry Attaching, then the PATCH',
    fits: (c) => !isEntry(c) && !c.live && c.wanted && maySend(c),
    then: () => ({ ...becomes('Attaching', 'now'), write: 'attach' }),
  },
  {
    says: 'no entry, not live, and not wanted or not to be sent now: nothing, for no intent is recorded that is not acted on',
    fits: (c) => !isEntry(c) && !c.live && !(c.wanted && maySend(c)),
    then: () => GONE,
  },
];

const LIVE: readonly Row[] = [
  {
    says: 'Attaching, answered by a 412 after which a GET shows the id: retracted, someone else was first',
    fits: (c) => raceLost(c) && c.byGet,
    then: () => ({ ...GONE, note: 'lostRace' }),
  },
  {
    says: 'Attaching, answered by a 412, live in a list: only a GET tells',
    fits: (c) => raceLost(c) && !c.byGet,
    then: () => NEEDS_GET,
  },
  {
    says: 'Attaching, live by GET, wanted or held: ours, Attached',
    fits: (c) => ours(c) && intent(c) && keepsFor(c) && c.byGet,
    then: (c) => ({
      ...becomes('Attached', 'now'),
      ...(c.wanted && c.resend && maySend(c) ? { write: 'attach' } : {}),
    }),
  },
  {
    says: 'Attaching, live in a list, wanted or held: only a GET tells',
    fits: (c) => ours(c) && intent(c) && keepsFor(c) && !c.byGet,
    then: () => ({ ...becomes('Attaching', 'kept'), needsGet: true }),
  },
  {
    says: 'Attached, live, wanted or held: stays; sent again when our own operation on it failed',
    fits: (c) => ours(c) && c.entry === 'Attached' && keepsFor(c),
    then: (c) => ({
      ...becomes('Attached', 'kept'),
      ...(c.wanted && c.resend && maySend(c) ? { write: 'attach' } : {}),
    }),
  },
  {
    says: 'Detaching, live, wanted or held again: Attached; sent again when our own operation on it failed',
    fits: (c) => ours(c) && c.entry === 'Detaching' && keepsFor(c),
    then: (c) => ({
      ...becomes('Attached', 'now'),
      ...(c.wanted && c.resend && maySend(c) ? { write: 'attach' } : {}),
    }),
  },
  {
    says: 'live, held only by an Exclusive binding that it was not attached for: left to it, without an entry',
    fits: (c) => ours(c) && keeps(c) && !keepsFor(c),
    then: () => ({ ...GONE, note: 'renounced' }),
  },
  {
    says: 'an orphan is never detached',
    fits: (c) => ours(c) && !keeps(c) && c.members === 'orphan',
    then: (c) => ({ ...settled(c), note: 'orphan' }),
  },
  {
    says: 'renouncing wins: Azure stays as it is',
    fits: (c) => unwanted(c) && c.members === 'renounced',
    then: () => ({ ...GONE, note: 'renounced' }),
  },
  {
    says: 'protected, or the operator’s own: renounced, with an event',
    fits: (c) => unwanted(c) && c.members !== 'renounced' && c.untouchable,
    then: () => ({ ...GONE, note: 'renouncedUntouchable' }),
  },
  {
    says: 'a GET is needed to detach',
    fits: (c) => toDetach(c) && !c.byGet,
    then: () => NEEDS_GET,
  },
  {
    says: 'while nothing may be written, an entry to be taken back waits',
    fits: (c) => toDetach(c) && c.byGet && !c.writable,
    then: (c) => (intent(c) ? becomes('Attached', 'now', 'recorded') : AS_IT_IS),
  },
  {
    says: 'neither wanted nor held: Detaching, then the PATCH',
    fits: (c) => toDetach(c) && c.byGet && c.writable && c.entry !== 'Detaching',
    then: () => ({ ...becomes('Detaching', 'now', 'leaving'), write: 'detach' }),
  },
  {
    says: 'Detaching, still live: detach again',
    fits: (c) => toDetach(c) && c.byGet && c.writable && c.entry === 'Detaching',
    then: () => ({ ...becomes('Detaching', 'kept', 'leaving'), write: 'detach' }),
  },
];

const gone = (c: Case, phase: Phase): boolean => c.entry === phase && !c.live;

/** Wanted, and not to be sent now, because Azure refused it. */
const isRefusedIntent = (c: Case): boolean => gone(c, 'Attaching') && c.wanted && !maySend(c) && c.refused;

const NOT_LIVE: readonly Row[] = [
  {
    says: 'Attaching, not live, wanted: attach again',
    fits: (c) => gone(c, 'Attaching') && c.wanted && maySend(c),
    then: () => ({ ...becomes('Attaching', 'now'), write: 'attach' }),
  },
  {
    says: 'Attaching, not live, wanted, not to be sent now: waits',
    fits: (c) => gone(c, 'Attaching') && c.wanted && !maySend(c) && !c.refused,
    then: () => becomes('Attaching', 'kept'),
  },
  {
    says: 'Attaching, not live, wanted, refused, read before 60 s were over: looked at again',
    fits: (c) => isRefusedIntent(c) && !c.aged,
    then: () => ({ ...becomes('Attaching', 'kept'), looksAgain: true }),
  },
  {
    says: 'Attaching, not live, wanted, refused: dropped, on a GET begun ≥ 60 s after since',
    fits: (c) => isRefusedIntent(c) && c.aged && proves(c),
    then: () => GONE,
  },
  {
    says: 'Attaching, not live, wanted, refused: only a GET of a scale set at rest proves that it is gone',
    fits: (c) => isRefusedIntent(c) && c.aged && !proves(c),
    then: (c) => ({ ...becomes('Attaching', 'kept'), ...(c.byGet ? {} : { needsGet: true }) }),
  },
  {
    says: 'Attaching, not live, not wanted, read before 60 s were over: looked at again',
    fits: (c) => gone(c, 'Attaching') && !c.wanted && !c.aged,
    then: () => ({ ...AS_IT_IS, looksAgain: true }),
  },
  {
    says: 'Attaching, not live, not wanted: dropped, on a GET begun ≥ 60 s after since',
    fits: (c) => gone(c, 'Attaching') && !c.wanted && c.aged && proves(c),
    then: () => GONE,
  },
  {
    says: 'Attached, not live, wanted: attach, the phase stays (drift)',
    fits: (c) => gone(c, 'Attached') && c.wanted && !(c.refused && c.byGet) && maySend(c),
    then: () => ({ ...becomes('Attached', 'kept'), write: 'attach' }),
  },
  {
    says: 'Attached, not live, wanted, not to be sent now: waits',
    fits: (c) => gone(c, 'Attached') && c.wanted && !(c.refused && c.byGet) && !maySend(c),
    then: () => becomes('Attached', 'kept'),
  },
  {
    says: 'Attached, refused and a GET lacks it: dropped',
    fits: (c) => gone(c, 'Attached') && c.wanted && c.refused && c.byGet,
    then: () => GONE,
  },
  {
    says: 'Attached, not live, not wanted: dropped, on a GET',
    fits: (c) => gone(c, 'Attached') && !c.wanted && proves(c),
    then: () => GONE,
  },
  {
    says: 'Detaching, not live by GET, wanted: dropped, and a new Attaching',
    fits: (c) => gone(c, 'Detaching') && proves(c) && c.wanted && maySend(c),
    then: () => ({ ...becomes('Attaching', 'now'), write: 'attach' }),
  },
  {
    says: 'Detaching, not live by GET: dropped',
    fits: (c) => gone(c, 'Detaching') && proves(c) && !(c.wanted && maySend(c)),
    then: () => GONE,
  },
  {
    says: 'absence from a list proves nothing',
    fits: (c) => mayDrop(c) && !c.byGet,
    then: () => NEEDS_GET,
  },
  {
    says: 'an entry is dropped only on a GET with a terminal provisioningState',
    fits: (c) => mayDrop(c) && c.byGet && !c.terminal,
    then: () => AS_IT_IS,
  },
];

/** Not live, and to be dropped if only the read is good enough. */
function mayDrop(c: Case): boolean {
  if (gone(c, 'Attaching')) return !c.wanted && c.aged;
  if (gone(c, 'Attached')) return !c.wanted;
  return gone(c, 'Detaching');
}

export const TABLE: readonly Row[] = [...NO_ENTRY, ...LIVE, ...NOT_LIVE];
