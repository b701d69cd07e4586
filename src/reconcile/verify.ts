/** How each identity stands, as far as the reading and, where that does not tell, the identity itself says. */
import type { ArmKey } from '../identity/arm-id.ts';
import { entriesByKey } from '../identity/ledger.ts';
import type { Delta } from '../identity/patch.ts';
import { isTerminal, type LiveScaleSet, type LiveUserAssigned } from '../identity/scale-set.ts';
import type { IdentityVerdict } from '../identity/view.ts';
import type { Look } from './answered.ts';
import { contestedVerdict } from './contested.ts';
import { foresee } from './foresee.ts';
import type { IdentityRoster, Known, Standing } from './inventory/identity-roster.ts';
import type { Refusal } from './memory.ts';
import { noteLostOperation } from './operations.ts';
import { isGone, isPassing, MISSING_MESSAGE, refuseMissing } from './refusals.ts';
import { deadVerdict, reattachingIn, reattachingVerdict, staleVerdict } from './stale-verdict.ts';
import { isAskedAbout, type Subject } from './subject.ts';
import { shownByName, verdictByName } from './verify-names.ts';

export interface VerifyTools {
  readonly look: (key: ArmKey) => Promise<Look | undefined>;
  readonly roster: IdentityRoster;
  /** What is between detach and attach from now on. */
  readonly reattaching: ReadonlySet<ArmKey>;
  /** Epoch milliseconds. */
  readonly now: number;
}

/**
 * The verdict on every identity that a binding declares or the ledger names. An identity works only when no operation is
 * under way, Azure shows its client id, whatever else failed on the scale set, and nothing says that it is another one's.
 */
export async function verify(
  subject: Subject,
  scaleSet: LiveScaleSet,
  tools: VerifyTools,
): Promise<ReadonlyMap<ArmKey, IdentityVerdict>> {
  const verdicts = new Map<ArmKey, IdentityVerdict>();
  subject.memory.foreseen.clear();
  for (const key of concerned(subject)) {
    verdicts.set(key, await verdictOn(subject, scaleSet, key, tools));
  }
  return verdicts;
}

/** How each identity stands while the write that carries `sent` is under way. */
export function whileRunning(
  subject: Subject,
  scaleSet: LiveScaleSet,
  sent: Pick<Delta, 'attach'>,
  now: number,
): ReadonlyMap<ArmKey, IdentityVerdict> {
  const carried = new Set(sent.attach.map(({ key }) => key));
  const reattaching = reattachingIn(subject.ledger?.spec);
  return unasked(subject, (key) => {
    if (reattaching.has(key)) return reattachingVerdict(carried.has(key) ? 'Assigning' : 'Detaching');
    return carried.has(key) ? { state: 'Pending' } : shown(subject, scaleSet, key, false, now);
  });
}

/** How each identity stands as far as an earlier reading tells. */
export function asSeen(subject: Subject, scaleSet: LiveScaleSet, now: number): ReadonlyMap<ArmKey, IdentityVerdict> {
  const isAtRest = isTerminal(scaleSet.provisioningState);
  return unasked(subject, (key) => shown(subject, scaleSet, key, isAtRest, now));
}

function unasked(subject: Subject, verdict: (key: ArmKey) => IdentityVerdict): ReadonlyMap<ArmKey, IdentityVerdict> {
  return new Map(concerned(subject).map((key) => [key, verdict(key)]));
}

/** What a reading shows of one identity, without a question to Azure. */
function shown(subject: Subject, scaleSet: LiveScaleSet, key: ArmKey, isAtRest: boolean, now: number): IdentityVerdict {
  const live = scaleSet.identity.userAssigned.get(key);
  const named = live !== undefined && scaleSet.namesOnly === true ? shownByName(subject, key) : undefined;
  if (named !== undefined) return named;
  if (live?.clientId === undefined) return remembered(subject, key) ?? pending(subject, key);
  const dead = subject.memory.dead.get(key);
  if (dead?.clientId === live.clientId) return deadVerdict(dead.standing, subject, scaleSet, key, now);
  return isAtRest ? { state: 'Assigned', ...idsOf(live) } : { state: 'Pending', ...idsOf(live), keepsAssigned: true };
}

function concerned({ declarations, ledger }: Subject): readonly ArmKey[] {
  const declared = declarations.flatMap(({ userAssigned }) => [...userAssigned.keys()]);
  return [...new Set([...declared, ...entriesByKey(ledger?.spec).keys()])];
}

function idsOf({ principalId, clientId }: LiveUserAssigned): Pick<IdentityVerdict, 'principalId' | 'clientId'> {
  return { ...(principalId === undefined ? {} : { principalId }), ...(clientId === undefined ? {} : { clientId }) };
}

async function verdictOn(
  subject: Subject,
  scaleSet: LiveScaleSet,
  key: ArmKey,
  tools: VerifyTools,
): Promise<IdentityVerdict> {
  const live = scaleSet.identity.userAssigned.get(key);
  const named = live !== undefined && scaleSet.namesOnly === true;
  const byName = named ? await verdictByName(subject, scaleSet, key, tools.look, tools.now) : undefined;
  if (byName !== undefined) return byName;
  if (live === undefined) foresee(subject, scaleSet, key, tools.roster.known(key), tools.now);
  if (live === undefined || named) return remembered(subject, key) ?? pending(subject, key, tools.reattaching);
  const isAtRest = isTerminal(scaleSet.provisioningState);
  if (live.clientId === undefined)
    return isAtRest ? withoutClientId(subject, scaleSet, key, tools) : pending(subject, key);
  if (!isAtRest) return shown(subject, scaleSet, key, false, tools.now);
  const standing = await standingOf(subject, key, live.clientId, tools);
  if (tools.reattaching.has(key) && standing !== 'works') {
    return remembered(subject, key) ?? reattachingVerdict('Detaching');
  }
  subject.memory.refusals.delete(key);
  subject.memory.dead.delete(key);
  if (standing !== 'stale' && standing !== 'gone') return { state: 'Assigned', ...idsOf(live) };
  subject.memory.dead.set(key, { clientId: live.clientId, standing });
  return deadVerdict(standing, subject, scaleSet, key, tools.now);
}

/** Whether the client id that the scale set shows is the identity's; what is doubtful is asked of the identity, once. */
async function standingOf(
  { id, memory }: Subject,
  key: ArmKey,
  clientId: string,
  { roster, look }: VerifyTools,
): Promise<Standing> {
  const before = roster.standing(id.key, key, clientId);
  const doubt = before === 'unknown' ? memory.doubted.get(key) : undefined;
  if (before === 'doubtful' || doubt !== undefined) {
    const found = await look(key);
    if (doubt !== undefined && isPassing(found)) return doubt;
  }
  memory.doubted.delete(key);
  return roster.standing(id.key, key, clientId);
}

/** An identity that is on the scale set, and does not work: why that is so, the identity itself tells. */
async function withoutClientId(
  subject: Subject,
  scaleSet: LiveScaleSet,
  key: ArmKey,
  { roster, look, now }: VerifyTools,
): Promise<IdentityVerdict> {
  const refusal = subject.memory.refusals.get(key);
  const known = lookOf(roster.knownWithout(subject.id.key, key), refusal, now);
  const found = known ?? (isAskedAbout(subject, key) ? await look(key) : undefined);
  // Its turn has not come: nothing is known yet.
  if (found?.ok === false && found.failure.kind === 'queued') return remembered(subject, key) ?? { state: 'Pending' };
  if (isGone(found)) {
    if (refusal?.state !== 'Missing' || refusal.nextAttemptAt <= now) refuseMissing(subject, key, now, 'read');
    return remembered(subject, key) ?? deadVerdict('gone', subject, scaleSet, key, now);
  }
  if (refusal !== undefined && refusal.cause !== 'read' && refusal.succeeded !== true) return refused(refusal);
  if (subject.memory.lostTrack && entriesByKey(subject.ledger?.spec).has(key)) {
    noteLostOperation(subject, key, now);
    return remembered(subject, key) ?? { state: 'Failed', reason: 'OperationFailed' };
  }
  if (found?.ok === true) {
    subject.memory.refusals.delete(key);
    return staleVerdict(subject, scaleSet, key, now);
  }
  const message = 'Azure shows no client id for it, and the identity itself could not be read';
  return { state: 'Failed', reason: 'IdentityRefused', message };
}

/** How long what is known of an identity spares a look at it, in milliseconds: somewhat more than an interval. */
const KNOWN_FOR_MS = 15 * 60_000;

/** What is known of the identity as a look at it; undefined when it is to be asked. */
function lookOf(known: Known | undefined, refusal: Refusal | undefined, now: number): Look | undefined {
  if (known === undefined || now - known.at > KNOWN_FOR_MS) return undefined;
  if (known.state === 'found') return { ok: true, value: known.identity };
  // One that is missing is looked for again on a schedule of its own.
  const isDue = refusal === undefined || refusal.nextAttemptAt <= now;
  return isDue ? undefined : GONE;
}

const GONE: Look = {
  ok: false,
  failure: { kind: 'notFound', code: 'ResourceNotFound', message: MISSING_MESSAGE, identityIds: [], hadNoEffect: true },
};

function pending(
  { ledger }: Subject,
  key: ArmKey,
  reattaching: ReadonlySet<ArmKey> = reattachingIn(ledger?.spec),
): IdentityVerdict {
  return reattaching.has(key) ? reattachingVerdict('Assigning') : { state: 'Pending' };
}

function remembered({ memory }: Subject, key: ArmKey): IdentityVerdict | undefined {
  const refusal = memory.refusals.get(key);
  return refusal === undefined ? (contestedVerdict(memory, key) ?? memory.foreseen.get(key)) : refused(refusal);
}

function refused({ state, reason, message, nextAttemptAt }: Refusal): IdentityVerdict {
  return { state, reason, message, nextAttemptAt };
}
