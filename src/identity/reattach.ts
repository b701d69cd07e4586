/**
 * `staleIdentities: Reattach`: an identity that was created again under the same name works again only when it is detached
 * and attached. What becomes of its ledger entry; where nothing is said, `transition.ts` says it:
 *
 * | entry       | live?                             | then                                                               |
 * |-------------|-----------------------------------|--------------------------------------------------------------------|
 * | Attached    | yes, another identity's client id | wanted, and nothing stands against it: `Reattaching`, then a PATCH |
 * |             |                                   | that detaches                                                      |
 * | Reattaching | yes, its present client id        | `Attached`                                                         |
 * | Reattaching | yes, an old one or none           | detach again; attached by us, not wanted any more, or something    |
 * |             |                                   | stands against it now: `Attached`                                  |
 * | Reattaching | no                                | wanted, or permitted and not refused yet: attach, the phase stays; |
 * |             |                                   | permitted to nobody: waits while a binding stays in it;            |
 * |             |                                   | else dropped                                                       |
 *
 * All of it by a GET of a scale set at rest; of any other read, `Reattaching` stays as it is. So what is half done is done
 * before a deletion or a suspension counts, and no later than the first time that Azure refuses it.
 */
import { type ArmKey, parseIdentityId } from './arm-id.ts';
import { type Declaration, isPermittedFor } from './declaration.ts';
import { type Entry, type EntryPhase, isMember, type Member } from './ledger.ts';
import { type Consent, type Obstacle, obstacleTo } from './reattach-consent.ts';
import { type Facts, type Step, transition } from './transition.ts';

/** What the client id that the scale set shows for an identity, or shows none, comes to. */
export type Shown =
  /** It is the identity's own. */
  | 'works'
  /** It is not, as a GET of the identity says. */
  | 'dead'
  /** Something speaks against it: read the scale set itself, and the identity. */
  | 'doubtful'
  /** The identity could not be read just now. */
  | 'unread'
  /** Nothing was found out, or can be. */
  | 'unknown';

/** What a pass knows of an identity that may have to be reattached, or is being. */
export interface ReattachMemory {
  readonly shown: Shown;
  /** What came of the attach half, as far as this process has sent it. */
  readonly attachHalf: 'unsent' | 'accepted' | 'refused';
}

export const NOTHING_SHOWN: ReattachMemory = { shown: 'unknown', attachHalf: 'unsent' };

export interface ReattachFacts extends ReattachMemory {
  readonly obstacle: Obstacle | undefined;
  /** An existing binding that the entry stands for may have it, by some policy. */
  readonly permitted: boolean;
}

export interface EntryStep extends Omit<Step, 'record'> {
  readonly record?: Omit<Entry, 'resourceId'>;
  /** Told to people, when it happens. */
  readonly reattach?: 'begun' | 'finished';
}

/** How long after an identity could not be read it is looked at again, in milliseconds. */
const LOOK_AGAIN_MS = 30_000;

/** The facts of one identity, from everything that is known of it. */
export function reattachFacts(
  identity: ArmKey,
  consent: Consent & { readonly entry: Entry | undefined },
  memory: ReattachMemory,
): ReattachFacts {
  const { entry, declarations } = consent;
  return {
    ...memory,
    obstacle: obstacleTo(identity, consent),
    permitted: isPermittedToAny(identity, entry?.for ?? [], declarations),
  };
}

/** Whether any of these bindings exists and may have the identity, by some policy. */
export function isPermittedToAny(
  identity: ArmKey,
  members: readonly Member[],
  declarations: readonly Declaration[],
): boolean {
  return declarations.some((one) => isPermittedFor(one, identity) && isMember(members, one.uid));
}

/** What becomes of the entry of a user-assigned identity: what is told here, else what {@link transition} says. */
export function identityStep(facts: Facts, entry: Entry | undefined, reattach: ReattachFacts): EntryStep {
  if (entry === undefined) return transition(facts);
  // What somebody wrote into a ledger that is no identity is not to be attached.
  const isReattaching = entry.phase === 'Reattaching' && parseIdentityId(entry.resourceId).ok;
  const step = isReattaching ? goOn(facts, entry, reattach) : mayBegin(facts, entry, reattach);
  const { reattachedAt } = entry;
  if (step.record === undefined || reattachedAt === undefined) return step;
  return { ...step, record: { reattachedAt, ...step.record } };
}

function mayBegin(facts: Facts, entry: Entry, reattach: ReattachFacts): EntryStep {
  const step = transition(facts);
  const isAsked = entry.phase === 'Attached' && facts.live && facts.wanted;
  if (!isAsked || reattach.obstacle !== undefined) return step;
  if (!facts.byGet) return { ...step, needsGet: step.needsGet || reattach.shown === 'doubtful' };
  if (reattach.shown === 'unread') return { ...step, lookAgainAt: facts.readAt + LOOK_AGAIN_MS };
  if (reattach.shown !== 'dead' || !facts.terminal || !maySend(facts)) return step;
  const record = {
    phase: 'Reattaching',
    since: facts.now,
    for: facts.members.staying,
    reattachedAt: facts.now,
  } as const;
  return { record, write: 'detach', needsGet: false, reattach: 'begun' };
}

function goOn(facts: Facts, entry: Entry, reattach: ReattachFacts): EntryStep {
  if (!facts.byGet) return { ...asItIs(entry), needsGet: true };
  if (!facts.terminal) return asItIs(entry);
  return facts.live ? whileOn(facts, entry, reattach) : whileOff(facts, entry, reattach);
}

/** It is on the scale set: detached and attached by us already, or not detached yet. */
function whileOn(facts: Facts, entry: Entry, { shown, attachHalf, obstacle }: ReattachFacts): EntryStep {
  if (shown === 'works') return { ...asAttached(facts, entry), reattach: 'finished' };
  // Nothing was taken away that would have to be given back.
  const isGivenUp = !facts.wanted || (obstacle !== undefined && obstacle !== 'recent');
  if (isGivenUp || shown === 'unknown' || attachHalf === 'accepted') return asAttached(facts, entry);
  if (shown === 'unread') return { ...asItIs(entry), lookAgainAt: facts.readAt + LOOK_AGAIN_MS };
  if (!maySend(facts)) return asItIs(entry);
  // What Azure did not finish attaching is sent again; what it did not detach, too.
  return { ...sent(facts, facts.members.staying), write: attachHalf === 'refused' ? 'attach' : 'detach' };
}

/** It is off the scale set, by our own doing. */
function whileOff(facts: Facts, entry: Entry, { attachHalf, permitted }: ReattachFacts): EntryStep {
  if (facts.wanted) return maySend(facts) ? sent(facts, facts.members.staying) : asItIs(entry, facts.members.staying);
  const { staying, orphan } = facts.members;
  if (!permitted && staying.length > 0 && !orphan) return asItIs(entry, staying);
  if (!permitted || orphan || attachHalf === 'refused' || !facts.attachable) return asAttached(facts, entry);
  return facts.writable ? sent(facts, entry.for) : asItIs(entry);
}

function maySend(facts: Facts): boolean {
  return facts.attachable && facts.writable;
}

/** As if nobody had ever asked for it to be reattached. */
function asAttached(facts: Facts, entry: Entry): EntryStep {
  return transition({ ...facts, record: { phase: 'Attached', since: facts.now, for: entry.for } });
}

function asItIs({ phase, since, for: members }: Entry, staying: readonly Member[] = members): EntryStep {
  return { record: { phase, since, for: staying }, write: 'none', needsGet: false };
}

function sent(facts: Facts, members: readonly Member[]): EntryStep {
  const phase: EntryPhase = 'Reattaching';
  return { record: { phase, since: facts.now, for: members }, write: 'attach', needsGet: false };
}
