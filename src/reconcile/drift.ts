/** Tells of what others took off, once each; and of what we take off ourselves, which is no drift. */
import { undoneByOthers } from '../identity/drift.ts';
import type { Delta } from '../identity/patch.ts';
import type { LiveScaleSet } from '../identity/scale-set.ts';
import type { ReconcileObserver } from './observer.ts';
import type { Subject } from './subject.ts';

/**
 * Compares the ledger with a scale set as it certainly was: by a GET, or by a list's entry whose etag a write has proven.
 * What is gone is told of once, until it is back.
 */
export function noteDrift({ memory, ledger }: Subject, scaleSet: LiveScaleSet, observer: ReconcileObserver): void {
  const gone = undoneByOthers(ledger?.spec, scaleSet);
  const news = gone.filter((key) => !memory.missed.has(key));
  memory.missed = new Set(gone);
  const systemAssigned = news.includes('systemAssigned');
  const userAssigned = news.length - Number(systemAssigned);
  if (userAssigned > 0) observer.driftFound('user_assigned', userAssigned);
  if (systemAssigned) observer.driftFound('system_assigned', 1);
}

/** Azure accepted a write that was planned on `scaleSet`. */
export function noteWritten(
  subject: Subject,
  scaleSet: LiveScaleSet,
  { detach, systemAssigned }: Delta,
  observer: ReconcileObserver,
): void {
  noteDrift(subject, scaleSet, observer);
  const { memory } = subject;
  // An entry may outlive it: what is dead is left out of a list that names everything.
  memory.missed = new Set([...memory.missed, ...detach.map(({ key }) => key)]);
  const detached = detach.length + Number(systemAssigned === 'off');
  if (detached > 0) observer.detached(detached);
}
