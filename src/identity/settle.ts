/** What the ledger can be told without asking Azure: who hands an identity over, and who gives one up. */
import { armKey } from './arm-id.ts';
import { type Declaration, isExclusiveInForce } from './declaration.ts';
import type { Entry, Ledger, Member } from './ledger.ts';
import { membership, type Standing, standingForIdentity, standingForSystem } from './membership.ts';

/**
 * The ledger after every hand-over and every renunciation. Entries whose last member leaves to have the identity taken
 * back are left as they are: only a plan over a live reading may detach.
 * @param isOwed whether what was detached of an entry has to be attached again before anybody may give it up
 */
export function settleMembers(
  ledger: Ledger,
  declarations: readonly Declaration[],
  isOwed: (entry: Entry) => boolean = () => false,
): Ledger {
  const entries = ledger.entries.flatMap((entry) => {
    const key = armKey(entry.resourceId);
    const members = remaining(entry.for, declarations, (declaration, isMember) =>
      standingForIdentity(declaration, key, isMember),
    );
    if (members === undefined) return isOwed(entry) ? [entry] : [];
    return [{ ...entry, for: members }];
  });
  const { systemAssigned, exclusive, ...rest } = ledger;
  const members = systemAssigned && remaining(systemAssigned.for, declarations, standingForSystem);
  return {
    ...rest,
    entries,
    ...(systemAssigned && members ? { systemAssigned: { ...systemAssigned, for: members } } : {}),
    // A wait that nobody waits for any more must not be taken up where it was left.
    ...(exclusive && declarations.some(isExclusiveInForce) ? { exclusive } : {}),
  };
}

/** The members from now on; undefined when the entry is given up. */
function remaining(
  recorded: readonly Member[],
  declarations: readonly Declaration[],
  standing: (declaration: Declaration, isMember: boolean) => Standing,
): readonly Member[] | undefined {
  const judged = membership(recorded, declarations, standing);
  if (judged.staying.length > 0) return judged.staying;
  return judged.renounced ? undefined : recorded;
}

/** The ledger without these bindings, and without the entries that stood for them alone. */
export function withoutMembers(ledger: Ledger, uids: ReadonlySet<string>): Ledger {
  const others = (members: readonly Member[]): readonly Member[] => members.filter(({ uid }) => !uids.has(uid));
  const entries = ledger.entries
    .map((entry) => ({ ...entry, for: others(entry.for) }))
    .filter((entry) => entry.for.length > 0);
  const { systemAssigned, operation: _operation, ...rest } = ledger;
  const members = others(systemAssigned?.for ?? []);
  return {
    ...rest,
    entries,
    ...(systemAssigned !== undefined && members.length > 0
      ? { systemAssigned: { ...systemAssigned, for: members } }
      : {}),
  };
}
