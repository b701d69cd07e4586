/** Tells of what others took off, once each; and of what we take off ourselves, which is no drift. */
import { undoneByOthers } from '../identity/drift.ts';
import type { Delta } from '../identity/patch.ts';
import type { LiveScaleSet } from '../identity/scale-set.ts';
import { detachesOf } from './brakes.ts';
import { noteBack, noteRemoved } from './contested.ts';
import type { OperationInFlight, SetMemory } from './memory.ts';
import type { DriftKind, ReconcileObserver } from './observer.ts';
import type { Subject } from './subject.ts';

/**
 * Compares the ledger with a scale set as it certainly was: by a GET, or by a list's entry whose etag a write has proven.
 * What is gone is told of once, until it is back.
 */
export function noteDrift(subject: Subject, scaleSet: LiveScaleSet, now: number, observer: ReconcileObserver): void {
  const { memory, ledger } = subject;
  const { missed, landed } = memory;
  const gone = undoneByOthers(ledger?.spec, scaleSet, landed);
  // What was back and is gone again was taken once more, though nobody looked in between.
  const news = gone.filter((key) => !missed.has(key) || landed.has(key));
  memory.missed = new Set(gone);
  memory.landed = new Set();
  const systemAssigned = news.includes('systemAssigned');
  const userAssigned = news.length - Number(systemAssigned);
  if (userAssigned > 0) observer.driftFound('user_assigned', userAssigned);
  if (systemAssigned) observer.driftFound('system_assigned', 1);
  noteBack(memory, memory.missed, now);
  for (const key of noteRemoved(subject, news, now)) observer.contested(kindOf(key));
}

/** A write has ended well, and nobody has looked at the scale set since. */
export function noteLanded(memory: SetMemory, { keys, systemAssigned }: OperationInFlight): void {
  memory.landed = new Set([...keys, ...(systemAssigned === 'on' ? (['systemAssigned'] as const) : [])]);
}

/** Azure accepted a write that was planned on `scaleSet`. */
export function noteWritten(
  subject: Subject,
  scaleSet: LiveScaleSet,
  sent: Delta,
  now: number,
  observer: ReconcileObserver,
): void {
  noteDrift(subject, scaleSet, now, observer);
  const { memory } = subject;
  // An entry may outlive it: what is dead is left out of a list that names everything.
  memory.missed = new Set([...memory.missed, ...sent.detach.map(({ key }) => key)]);
  const detached = detachesOf(sent);
  if (detached > 0) observer.detached(detached);
}

function kindOf(key: string): DriftKind {
  return key === 'systemAssigned' ? 'system_assigned' : 'user_assigned';
}
