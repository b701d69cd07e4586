/** What is said of identities that the scale set has, and that are not what they were, and of those being put right. */
import { type ArmKey, armKey } from '../identity/arm-id.ts';
import { entriesByKey, type Entry, type Ledger } from '../identity/ledger.ts';
import { isProtected } from '../identity/permit.ts';
import { type Obstacle, obstacleTo, reattachableAt } from '../identity/reattach-consent.ts';
import type { LiveScaleSet } from '../identity/scale-set.ts';
import type { IdentityVerdict } from '../identity/view.ts';
import { MISSING_MESSAGE } from './refusals.ts';
import type { Subject } from './subject.ts';

/** What keeps an identity on the scale set from being reattached; undefined when nothing does. */
export function obstacleOf(
  { declarations, policies, memory }: Subject,
  scaleSet: Pick<LiveScaleSet, 'namesOnly'>,
  key: ArmKey,
  entry: Entry | undefined,
  now: number,
): Obstacle | undefined {
  const untouchable = isProtected(policies, key) || memory.own.has(key);
  return obstacleTo(key, { entry, declarations, untouchable, namesOnly: scaleSet.namesOnly === true, now });
}

/** The identities that the stored ledger has between detach and attach. */
export function reattachingIn(ledger: Ledger | undefined): ReadonlySet<ArmKey> {
  const entries = (ledger?.entries ?? []).filter(({ phase }) => phase === 'Reattaching');
  return new Set(entries.map(({ resourceId }) => armKey(resourceId)));
}

/** There is another one under the same name. What each binding is told of it, its own wishes say too. */
export function staleVerdict(
  subject: Subject,
  scaleSet: Pick<LiveScaleSet, 'namesOnly'>,
  key: ArmKey,
  now: number,
): IdentityVerdict {
  const entry = entriesByKey(subject.ledger?.spec).get(key);
  const obstacle = obstacleOf(subject, scaleSet, key, entry, now);
  const dueAt = obstacle === 'recent' ? reattachableAt(entry) : undefined;
  return {
    state: 'Stale',
    reason: 'StaleIdentity',
    ...(obstacle === undefined ? {} : { obstacle }),
    ...(dueAt === undefined ? {} : { nextAttemptAt: dueAt }),
  };
}

/** What the client id which the scale set shows stands for is gone, whether or not there is another one of its name. */
export function deadVerdict(
  standing: 'stale' | 'gone',
  ...[subject, scaleSet, key, now]: Parameters<typeof staleVerdict>
): IdentityVerdict {
  if (standing === 'stale') return staleVerdict(subject, scaleSet, key, now);
  return { state: 'Missing', reason: 'IdentityMissing', message: MISSING_MESSAGE };
}

/** It is between detach and attach. */
export function reattachingVerdict(half: 'Assigning' | 'Detaching'): IdentityVerdict {
  const message =
    half === 'Assigning'
      ? 'it was created again under the same name, was detached, and is being attached again'
      : 'it was created again under the same name, and is being detached, to be attached again';
  return { state: 'Pending', reason: half, message };
}
