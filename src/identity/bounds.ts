/**
 * What a ledger can hold. Whoever is on record keeps the place, then the oldest binding comes first: what is beyond waits
 * by itself, and no write of the ledger is ever refused for its sake.
 */
import type { ArmKey } from './arm-id.ts';
import { type Declaration, isActive, isActiveFor, isFrozenByChoice } from './declaration.ts';
import { entriesByKey, type Entry, isMember, type Ledger, type Member } from './ledger.ts';

/** Most bindings that an entry can stand for, as the ledger's schema has it. */
export const MAX_MEMBERS = 256;
/** Most entries, as the ledger's schema has it. */
export const MAX_ENTRIES = 512;
/** Most foreign identities that it tells of, as the ledger's schema has it. */
export const MAX_FOREIGN = 512;
/**
 * Most bytes that the members of all entries may take: beside entries, foreign identities and a wait at their largest,
 * that leaves room in the 1.5 MiB that etcd takes.
 */
export const MAX_MEMBER_BYTES = 640 * 1024;
/** What a member takes beside its three names: `{"namespace":"","name":"","uid":""},`. */
const MEMBER_FRAME_BYTES = 37;

/** Members that stay, and as many of those that join, the oldest first, as there is room for. */
export function withinMembers(staying: readonly Member[], joining: readonly Member[]): readonly Member[] {
  return [...staying, ...joining.slice(0, Math.max(0, MAX_MEMBERS - staying.length))];
}

/**
 * The identities for which no entry can be made: those that are declared last.
 * @param kept how many entries stay
 * @param made identities that entries are to be made for
 * @param declarations the oldest first
 */
export function beyondEntries(
  kept: number,
  made: readonly ArmKey[],
  declarations: readonly Declaration[],
): ReadonlySet<ArmKey> {
  const room = Math.max(0, MAX_ENTRIES - kept);
  if (made.length <= room) return new Set();
  const asked = new Set(made);
  const inTurn = new Set(
    declarations.flatMap((one) =>
      [...one.userAssigned.keys()].filter((key) => asked.has(key) && isActiveFor(one, key)),
    ),
  );
  return new Set([...inTurn].slice(room));
}

/**
 * Sets aside every binding for all of which there is no room in the ledger: it is served when others have gone.
 * @param declarations the oldest first
 */
export function withinBytes(declarations: readonly Declaration[], ledger: Ledger | undefined): readonly Declaration[] {
  const entries = entriesByKey(ledger);
  const recorded = [...entries.values(), ...(ledger?.systemAssigned === undefined ? [] : [ledger.systemAssigned])];
  let total = recorded.flatMap((entry) => entry.for).reduce((sum, member) => sum + bytesOf(member), 0);
  return declarations.map((one) => {
    const growth = newMemberships(one, entries, ledger) * bytesOf(one);
    if (growth > 0 && total + growth > MAX_MEMBER_BYTES) return { ...one, setAside: 'ledgerFull' };
    total += growth;
    return one;
  });
}

/** How many entries may come to name the binding that do not yet. */
function newMemberships(one: Declaration, entries: ReadonlyMap<ArmKey, Entry>, ledger: Ledger | undefined): number {
  if (one.deleting || !(isActive(one) || (isFrozenByChoice(one) && one.grants.scaleSet))) return 0;
  const isNew = (entry: { readonly for: readonly Member[] } | undefined): boolean => !isMember(entry?.for, one.uid);
  const identities = [...one.userAssigned.keys()].filter((key) => one.grants.identity(key) && isNew(entries.get(key)));
  const system = one.systemAssigned === 'Enabled' && one.grants.enableSystemAssigned && isNew(ledger?.systemAssigned);
  return identities.length + Number(system);
}

function bytesOf({ namespace, name, uid }: Member): number {
  return namespace.length + name.length + uid.length + MEMBER_FRAME_BYTES;
}

/** What of the ledger has no room for a binding, as it stands on record. */
export type Shortage = 'members' | 'entries';

/** Why no entry for the identity names the binding, when that is for want of room. */
export function shortageFor(entries: ReadonlyMap<ArmKey, Entry>, identity: ArmKey, uid: string): Shortage | undefined {
  const entry = entries.get(identity);
  if (entry !== undefined) return isCrowded(entry.for, uid) ? 'members' : undefined;
  return entries.size >= MAX_ENTRIES ? 'entries' : undefined;
}

/** Whether so many others are named that the binding is not. */
export function isCrowded(members: readonly Member[], uid: string): boolean {
  return members.length >= MAX_MEMBERS && !isMember(members, uid);
}
