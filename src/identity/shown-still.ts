/** What a binding tells of changes that Azure accepted, and shows as before. */
import type { IdentityStatus } from '../api/types.ts';
import type { Declaration } from './declaration.ts';
import { isMember } from './ledger.ts';
import type { Complaint, IdentityVerdict, View } from './view.ts';

/** @param nextAttemptAt epoch milliseconds */
export function notDetached(nextAttemptAt: number): IdentityVerdict {
  const message = `Azure was asked to detach it and shows it all the same; it is asked again ${at(nextAttemptAt)}`;
  return { state: 'Detaching', reason: 'OperationFailed', message, nextAttemptAt };
}

/** Whether an identity is one that Azure was asked to detach. */
export function isNotDetached({ state, reason }: IdentityStatus): boolean {
  return state === 'Detaching' && reason === 'OperationFailed';
}

/** That the system-assigned identity was not turned on or off, if it was not. */
export function systemNotSwitched({ shownStill }: View): Complaint | undefined {
  const nextAttemptAt = shownStill?.get('systemAssigned');
  if (nextAttemptAt === undefined) return undefined;
  const message =
    'Azure was asked to turn the system-assigned identity on or off and shows it as before; it is asked again ' +
    `${at(nextAttemptAt)}.`;
  return { reason: 'OperationFailed', message };
}

/** The same for a binding that is being deleted, for which it was turned on. */
export function systemNotTakenBack({ deleting, uid }: Declaration, view: View): readonly Complaint[] {
  const isOwed = deleting && isMember(view.ledger?.systemAssigned?.for, uid);
  const complaint = isOwed ? systemNotSwitched(view) : undefined;
  return complaint === undefined ? [] : [complaint];
}

/** Said as a time, not as what is left of it: a status that ticks would be written for ever. */
function at(ms: number): string {
  return `at ${new Date(ms).toISOString()}`;
}
