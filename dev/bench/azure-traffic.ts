/** What Azure was asked, from its own log. */
import type { LogEntry } from '../simulator/request-log.ts';
import type { Azure } from '../stage/azure.ts';

export interface Traffic {
  readonly reads: number;
  readonly lists: number;
  readonly polls: number;
  readonly writes: number;
  readonly throttled: number;
  /** When the last write took effect, in epoch milliseconds; undefined when there was none. */
  readonly lastWriteAt: number | undefined;
}

/** Of the last request so far, to be given to `requests`. */
export async function lastRequest({ requests }: Pick<Azure, 'requests'>): Promise<number> {
  return (await requests(0)).at(-1)?.sequence ?? 0;
}

/** @param operationMs how long a write takes to take effect */
export function trafficOf(entries: readonly LogEntry[], operationMs = 0): Traffic {
  const arm = entries.filter(({ path }) => path.startsWith('/subscriptions/'));
  const writes = arm.filter(({ method }) => method === 'PATCH');
  const taken = writes.filter(({ status }) => typeof status === 'number' && status < 300);
  const reads = arm.filter(({ method }) => method === 'GET');
  const lastMs = Math.max(...taken.map(({ endedMs = 0 }) => endedMs));
  return {
    reads: reads.length,
    lists: reads.filter(({ path }) => /\/(virtualMachineScaleSets|userAssignedIdentities)$/i.test(path)).length,
    polls: reads.filter(({ path }) => /\/operations\//i.test(path)).length,
    writes: writes.length,
    throttled: arm.filter(({ status }) => status === 429).length,
    lastWriteAt: taken.length === 0 ? undefined : lastMs + operationMs,
  };
}
