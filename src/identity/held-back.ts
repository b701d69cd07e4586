/** What a binding tells of what the operator's own brakes hold back for it; never what they hold back for others. */
import type { IdentityStatus } from '../api/types.ts';
import { type ArmKey, nameOf } from './arm-id.ts';
import type { HeldBack } from './brakes.ts';
import { type Declaration, isActive, isExclusiveInForce } from './declaration.ts';
import { isMember } from './ledger.ts';
import { few, identities } from './naming.ts';
import type { Complaint, IdentityVerdict, View } from './view.ts';

const BRAKES: Readonly<Record<HeldBack['reason'], string>> = {
  ReadOnly: 'the operator runs with --read-only',
  DetachLimitReached: 'as many identities were detached as --detach-limit allows for now',
};

/** Whether a status tells of a brake, which it does for as long as that holds and no longer. */
export function isBrake(reason: string): boolean {
  return Object.hasOwn(BRAKES, reason);
}

/** The verdict on an identity, with why it waits where it is held back. */
export function braked(verdict: IdentityVerdict, key: ArmKey, { heldBack }: View): IdentityVerdict {
  if (heldBack === undefined) return verdict;
  const { reason, attach, detach, goesOnAt } = heldBack;
  const waiting = verdict.state === 'Pending' ? attach : verdict.state === 'Detaching' ? detach : [];
  if (!waiting.some((ref) => ref.key === key)) return verdict;
  const { nextAttemptAt: _other, ...rest } = verdict;
  return { ...rest, reason, message: BRAKES[reason], ...(goesOnAt === undefined ? {} : { nextAttemptAt: goesOnAt }) };
}

/** Why the binding waits, if anything of it is held back; all of that in one message. */
export function heldBackOf(
  declaration: Declaration,
  view: View,
  userAssigned: readonly IdentityStatus[],
): readonly Complaint[] {
  const { heldBack } = view;
  if (heldBack === undefined) return [];
  const mine = userAssigned.filter(({ reason }) => reason === heldBack.reason);
  const ids = (state: IdentityStatus['state']): readonly string[] =>
    mine.filter((status) => status.state === state).map(({ resourceId }) => resourceId);
  const surplus = heldBackSurplus(declaration, view);
  const what = [
    ...listed('attaching', ids('Pending')),
    ...listed('detaching', ids('Detaching')),
    ...(isSystemHeldBack(declaration, view) ? [`turning the system-assigned identity ${heldBack.systemAssigned}`] : []),
    ...(surplus === 0 ? [] : [`detaching ${identities(surplus)} that no binding declares`]),
  ];
  return what.length === 0 ? [] : [{ reason: heldBack.reason, message: messageOf(heldBack, what.join('; ')) }];
}

/** Whether the system-assigned identity is to be turned on or off for this binding, and is not. */
export function isSystemHeldBack(declaration: Declaration, { heldBack, system, ledger }: View): boolean {
  const { deleting, systemAssigned, grants, uid } = declaration;
  switch (heldBack?.systemAssigned) {
    case 'on':
      return isActive(declaration) && systemAssigned === 'Enabled' && grants.enableSystemAssigned;
    case 'off':
      if (deleting) return isMember(ledger?.systemAssigned?.for, uid);
      return isActive(declaration) && systemAssigned === 'Disabled' && !system.conflicts.has(uid);
    default:
      return false;
  }
}

function heldBackSurplus(declaration: Declaration, { heldBack, exclusive }: View): number {
  if (!isExclusiveInForce(declaration)) return 0;
  const waiting = new Set(heldBack?.detach.map(({ key }) => key));
  return (exclusive?.surplus ?? []).filter(({ key }) => waiting.has(key)).length;
}

function listed(doing: string, resourceIds: readonly string[]): readonly string[] {
  return resourceIds.length === 0 ? [] : [`${doing} ${few(resourceIds, nameOf).join(', ')}`];
}

/** Said with a time, not with what is left of it: a status that ticks would be written for ever. */
function messageOf({ reason, goesOnAt }: HeldBack, what: string): string {
  const until =
    goesOnAt === undefined
      ? 'This goes on when the operator is started with other flags.'
      : `This goes on at ${new Date(goesOnAt).toISOString()}.`;
  const why = BRAKES[reason];
  return `Held back, since ${why}: ${what}. ${until}`;
}
