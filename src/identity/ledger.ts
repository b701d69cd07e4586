/**
 * The ledger: what the operator attached to one scale set, or is about to. The single source of ownership: what is live
 * without an entry is somebody else's.
 */
import { type ArmKey, armKey, asciiLower } from './arm-id.ts';

/** A binding for which an entry stands. The uid tells it from a namesake. */
export interface Member {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export type EntryPhase = 'Attaching' | 'Attached' | 'Detaching' | 'Reattaching';

export interface Entry {
  readonly resourceId: string;
  readonly phase: EntryPhase;
  /** RFC 3339; when the phase was entered, or its write sent again. */
  readonly since: string;
  /** RFC 3339; when it was last begun to be reattached. */
  readonly reattachedAt?: string;
  readonly for: readonly Member[];
}

export type SystemPhase = 'Enabling' | 'Enabled' | 'Disabling';

/** Present when the operator turned the system-assigned identity on. */
export interface SystemEntry {
  readonly phase: SystemPhase;
  readonly since: string;
  readonly for: readonly Member[];
}

/** The operator's last write, for what a restart must not forget; never the link to poll it. */
export interface LedgerOperation {
  readonly startedAt: string;
  readonly lastError?: { readonly code: string; readonly message: string };
}

/** What `mode: Exclusive` is about to detach. */
export interface ExclusiveWait {
  readonly detach: readonly string[];
  /** RFC 3339; since when the list has stood. */
  readonly since: string;
  /** The bindings as they were then, each as `uid/generation`. */
  readonly bindings: readonly string[];
}

/** The ledger's `spec`. */
export interface Ledger {
  readonly scaleSetId: string;
  /** The scale set's `properties.uniqueId`; under another one everything in here is void. */
  readonly uniqueId?: string;
  readonly entries: readonly Entry[];
  readonly systemAssigned?: SystemEntry;
  readonly operation?: LedgerOperation;
  readonly exclusive?: ExclusiveWait;
  /** Ids that nobody declared, for the platform team's eyes. */
  readonly foreign: readonly string[];
}

/** Entries by key. */
export function entriesByKey(ledger: Ledger | undefined): ReadonlyMap<ArmKey, Entry> {
  return new Map((ledger?.entries ?? []).map((entry) => [armKey(entry.resourceId), entry]));
}

/** The ledger with another operation, or with none. */
export function withOperation(
  { operation: _before, ...ledger }: Ledger,
  operation: LedgerOperation | undefined,
): Ledger {
  return operation === undefined ? ledger : { ...ledger, operation };
}

/** Whether the ledger still has something to remember; one that has not is deleted. */
export function isNeeded({ entries, systemAssigned, operation, exclusive }: Ledger): boolean {
  return entries.length > 0 || systemAssigned !== undefined || operation !== undefined || exclusive !== undefined;
}

/** Whether it has yet to be seen what came of a write: an operation that was running, or an intent. */
export function isUnsettled(ledger: Ledger | undefined): boolean {
  if (ledger === undefined) return false;
  const { entries, systemAssigned, operation } = ledger;
  const isIntent = entries.some(({ phase }) => phase === 'Attaching' || phase === 'Detaching');
  const isSystemIntent = systemAssigned !== undefined && systemAssigned.phase !== 'Enabled';
  return isIntent || isSystemIntent || (operation !== undefined && operation.lastError === undefined);
}

/** Whether the binding is one of them. */
export function isMember(members: readonly Member[] | undefined, uid: string): boolean {
  return members?.some((member) => member.uid === uid) === true;
}

/** Whether any entry stands for the binding: its finalizer must stay. */
export function names(ledger: Ledger | undefined, uid: string): boolean {
  if (ledger === undefined) return false;
  return ledger.entries.some((entry) => isMember(entry.for, uid)) || isMember(ledger.systemAssigned?.for, uid);
}

/** The uids of all bindings that any entry stands for. */
export function memberUids(ledger: Ledger | undefined): ReadonlySet<string> {
  const members = [...(ledger?.entries ?? []).flatMap((entry) => entry.for), ...(ledger?.systemAssigned?.for ?? [])];
  return new Set(members.map((member) => member.uid));
}

/**
 * The ledger as it counts for the scale set that is there now: when the scale set was recreated under the same name,
 * what the ledger says is about another one, and nothing of it is ours any more.
 */
export function ledgerFor(ledger: Ledger | undefined, uniqueId: string | undefined): Ledger | undefined {
  if (ledger?.uniqueId === undefined || uniqueId === undefined) return ledger;
  return asciiLower(ledger.uniqueId) === asciiLower(uniqueId) ? ledger : undefined;
}

/** Takes back intents that certainly had no effect, so that what others attach later is not taken for ours. */
export function retract(ledger: Ledger, identities: ReadonlySet<ArmKey>, system: boolean): Ledger {
  const entries = ledger.entries.filter(
    (entry) => entry.phase !== 'Attaching' || !identities.has(armKey(entry.resourceId)),
  );
  const { systemAssigned, ...rest } = ledger;
  const keepsSystem = systemAssigned !== undefined && !(system && systemAssigned.phase === 'Enabling');
  return { ...rest, entries, ...(keepsSystem ? { systemAssigned } : {}) };
}

/**
 * The ledger without intents that the next request does not carry: nothing is claimed that is not asked for at once.
 * @param stored the ledger as it is recorded now; intents in there may have been sent, and stay as they are
 */
export function sentOnly(
  ledger: Ledger,
  stored: Ledger | undefined,
  sent: {
    readonly attach: readonly { readonly key: ArmKey }[];
    readonly detach?: readonly { readonly key: ArmKey }[];
    readonly systemAssigned?: 'on' | 'off' | 'asLive';
  },
): Ledger {
  const carried = new Set([...sent.attach, ...(sent.detach ?? [])].map(({ key }) => key));
  const before = entriesByKey(stored);
  const entries = ledger.entries.flatMap((entry) => {
    const key = armKey(entry.resourceId);
    if (carried.has(key)) return [entry];
    const recorded = before.get(key);
    if (entry.phase === 'Reattaching' && recorded?.phase === 'Attached') return [recorded];
    if (entry.phase !== 'Attaching') return [entry];
    return recorded?.phase === 'Attaching' ? [recorded] : [];
  });
  const { systemAssigned: planned, ...rest } = ledger;
  const earlier = stored?.systemAssigned?.phase === 'Enabling' ? stored.systemAssigned : undefined;
  const system = planned?.phase !== 'Enabling' || sent.systemAssigned === 'on' ? planned : earlier;
  return { ...rest, entries, ...(system === undefined ? {} : { systemAssigned: system }) };
}
