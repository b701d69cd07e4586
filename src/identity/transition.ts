/**
 * What becomes of one ledger entry, from what is live and what is wanted. The whole table, for user-assigned and for
 * system-assigned identities alike; for those that are attached anew under `staleIdentities: Reattach`, `reattach.ts` has
 * the rest of it:
 *
 * | entry     | live?       | then                                                                                     |
 * |-----------|-------------|------------------------------------------------------------------------------------------|
 * | none      | yes         | foreign; wanted with `adopt`: `Attached`, by a ledger write alone                        |
 * | none      | no          | wanted: `Attaching`, then the PATCH                                                      |
 * | Attaching | yes, by GET | ours: `Attached`; dropped when someone else's write came first                           |
 * | Attaching | no          | wanted, not refused: attach again; else dropped, on a GET begun ≥ 60 s after `since`     |
 * | Attached  | yes         | wanted or held: stays; else `Detaching`, then the PATCH                                  |
 * | Attached  | no          | wanted: attach, the phase stays (refused and a GET lacks it: dropped); else dropped, GET |
 * | Detaching | yes         | wanted or held again: `Attached`; else detach again                                      |
 * | Detaching | no, by GET  | dropped; if wanted, a new `Attaching`                                                    |
 */
import type { Member } from './ledger.ts';
import type { Membership } from './membership.ts';

export type Phase = 'Attaching' | 'Attached' | 'Detaching';

export interface Record {
  readonly phase: Phase;
  readonly since: string;
  readonly for: readonly Member[];
}

export interface Facts {
  readonly record?: Record;
  readonly members: Membership;
  readonly live: boolean;
  /** The read was a GET of the scale set, not a list entry. */
  readonly byGet: boolean;
  /** No operation was under way when it was read. */
  readonly terminal: boolean;
  /** When the read was sent, in epoch milliseconds. */
  readonly readAt: number;
  /** Now, as written into `since`. */
  readonly now: string;
  readonly wanted: boolean;
  readonly held: boolean;
  /** A binding that wants it may and does take over what others attached. */
  readonly adopt: boolean;
  /** Protected by a policy, or the operator's own: never detached. */
  readonly untouchable: boolean;
  /** False while an earlier refusal is waited out, or when it must never be attached. */
  readonly attachable: boolean;
  /** False while nothing may be written to the scale set: no intent is recorded that is not acted on at once. */
  readonly writable: boolean;
  /** Azure refused it when it was last sent. */
  readonly refused: boolean;
  /** It is in the model, but our operation on it failed: send it again. */
  readonly resend: boolean;
  /** Our only write for this intent was answered 412: whoever attached it meanwhile, it was not us. */
  readonly lostRace: boolean;
}

export interface Step {
  /** What the ledger says from now on; absent: no entry. */
  readonly record?: Record;
  readonly write: 'attach' | 'detach' | 'none';
  /** A list entry is not enough to decide this: read the scale set itself and decide again. */
  readonly needsGet: boolean;
  /** An entry that can be dropped only by a later read: look again at this time, in epoch milliseconds. */
  readonly lookAgainAt?: number;
  /** Told to people, when it happens. */
  readonly note?: 'renounced' | 'renouncedUntouchable' | 'orphan' | 'lostRace';
}

/** How long an unconfirmed intent is kept: a write that timed out may still arrive. In milliseconds. */
export const INTENT_GRACE_MS = 60_000;

/** Applies the table to one identity. */
export function transition(facts: Facts): Step {
  if (facts.record === undefined) return withoutRecord(facts);
  if (facts.live) return live(facts, facts.record);
  return absent(facts, facts.record);
}

function withoutRecord(facts: Facts): Step {
  if (!facts.wanted) return nothing();
  if (!facts.live) return maySend(facts) ? intend(facts) : nothing();
  if (!facts.adopt || facts.untouchable) return nothing();
  return keep(facts, 'Attached', facts.now);
}

function live(facts: Facts, recorded: Record): Step {
  if (facts.lostRace && recorded.phase === 'Attaching') {
    return facts.byGet ? { ...nothing(), note: 'lostRace' } : { record: recorded, write: 'none', needsGet: true };
  }
  const record = confirmed(facts, recorded);
  if (facts.wanted || facts.held) {
    if (facts.members.staying.length === 0) return { ...nothing(), note: 'renounced' };
    if (record.phase === 'Attaching') return keep(facts, 'Attaching', record.since, true);
    const kept = keep(facts, 'Attached', record.phase === 'Attached' ? record.since : facts.now);
    return facts.wanted && facts.resend && maySend(facts) ? { ...kept, write: 'attach' } : kept;
  }
  if (facts.members.orphan) return { ...keep(facts, record.phase, record.since), note: 'orphan' };
  if (facts.members.renounced) return { ...nothing(), note: 'renounced' };
  if (facts.untouchable) return { ...nothing(), note: 'renouncedUntouchable' };
  if (!facts.byGet) return { record, write: 'none', needsGet: true };
  if (!facts.writable) return { record, write: 'none', needsGet: false };
  const since = record.phase === 'Detaching' ? record.since : facts.now;
  return {
    record: { phase: 'Detaching', since, for: facts.members.leaving },
    write: 'detach',
    needsGet: false,
  };
}

/** What a GET shows has been attached, whoever still wants it. */
function confirmed(facts: Facts, record: Record): Record {
  return facts.byGet && record.phase === 'Attaching' ? { ...record, phase: 'Attached', since: facts.now } : record;
}

function absent(facts: Facts, record: Record): Step {
  switch (record.phase) {
    case 'Attaching':
      if (facts.wanted && maySend(facts)) return intend(facts);
      if (!facts.wanted) return dropAfterGrace(facts, record);
      // What Azure has refused since, nobody asks for any more: what others attach later is theirs.
      return facts.refused
        ? dropAfterGrace(facts, { ...record, for: facts.members.staying })
        : keep(facts, 'Attaching', record.since);
    case 'Attached':
      if (!facts.wanted) return drop(facts, record);
      if (facts.refused && facts.byGet) return nothing();
      return { ...keep(facts, 'Attached', record.since), write: maySend(facts) ? 'attach' : 'none' };
    case 'Detaching': {
      const dropped = drop(facts, record);
      return dropped.record === undefined && facts.wanted && maySend(facts) ? intend(facts) : dropped;
    }
  }
}

function maySend(facts: Facts): boolean {
  return facts.attachable && facts.writable;
}

function nothing(): Step {
  return { write: 'none', needsGet: false };
}

function intend(facts: Facts): Step {
  return {
    record: { phase: 'Attaching', since: facts.now, for: facts.members.staying },
    write: 'attach',
    needsGet: false,
  };
}

function keep(facts: Facts, phase: Phase, since: string, needsGet = false): Step {
  return { record: { phase, since, for: facts.members.staying }, write: 'none', needsGet };
}

/** Only a GET of a scale set at rest proves that something is gone. */
function drop(facts: Facts, record: Record): Step {
  if (facts.byGet && facts.terminal) return nothing();
  return { record, write: 'none', needsGet: !facts.byGet };
}

function dropAfterGrace(facts: Facts, recorded: Record): Step {
  const record = begunByNow(facts, recorded);
  const lookAgainAt = Date.parse(record.since) + INTENT_GRACE_MS;
  if (facts.readAt < lookAgainAt) return { record, write: 'none', needsGet: false, lookAgainAt };
  return drop(facts, record);
}

/** The clock of another process may be ahead of this one's: nobody waits for a minute that is still to come. */
function begunByNow({ now }: Facts, record: Record): Record {
  return Date.parse(record.since) <= Date.parse(now) ? record : { ...record, since: now };
}
