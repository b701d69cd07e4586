/** The simulated Azure's log of requests, read as changes of identities. */
import type { LogEntry } from '../../dev/simulator/request-log.ts';

/** One PATCH or PUT of a scale set's identity. */
export interface IdentityWrite {
  /** Undefined while it is not answered. */
  readonly status: LogEntry['status'];
  readonly ifMatch: string | undefined;
  readonly type: string | undefined;
  /** Names of identities. */
  readonly attach: readonly string[];
  readonly detach: readonly string[];
  /** In place of those two, in the array shape: the names of all that are to be there. */
  readonly list?: readonly string[];
}

interface Body {
  readonly identity?: {
    readonly type?: string;
    readonly userAssignedIdentities?: Readonly<Record<string, object | null>>;
    readonly identityIds?: readonly string[];
  };
}

export function isWrite({ method }: Pick<LogEntry, 'method'>): boolean {
  return method === 'PATCH' || method === 'PUT';
}

/** All requests about one scale set, lists aside. */
export function requestsTo(log: readonly Readonly<LogEntry>[], scaleSetId: string): readonly Readonly<LogEntry>[] {
  return log.filter(({ path }) => path.toLowerCase() === scaleSetId.toLowerCase());
}

export function identityWrite({ status, ifMatch, body }: LogEntry): IdentityWrite {
  const { type, userAssignedIdentities, identityIds } = (body as Body | undefined)?.identity ?? {};
  const named = Object.entries(userAssignedIdentities ?? {});
  const names = (wanted: boolean): readonly string[] =>
    named.filter(([, value]) => (value !== null) === wanted).map(([id]) => nameOf(id));
  const list = identityIds === undefined ? {} : { list: identityIds.map(nameOf) };
  return { status, ifMatch, type, attach: names(true), detach: names(false), ...list };
}

/** The writes that detach an identity, and were not refused. */
export function detachedBy(
  log: readonly Readonly<LogEntry>[],
  scaleSetId: string,
  identityId: string,
): readonly Readonly<LogEntry>[] {
  const name = nameOf(identityId);
  return requestsTo(log, scaleSetId).filter((entry) => {
    if (!isWrite(entry) || Number(entry.status) >= 400) return false;
    const { detach, list } = identityWrite(entry);
    return detach.includes(name) || list?.includes(name) === false;
  });
}

export function nameOf(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1).toLowerCase();
}
