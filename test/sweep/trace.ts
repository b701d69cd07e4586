/** What has passed between the operator and the world, one line each. */

/** `K`: to Kubernetes; `A`: to Azure; `E`: a watch event on its way to who watches. */
export type Side = 'K' | 'A' | 'E';

/** Something that waits to be let through. */
export interface Call {
  /** Name of the incarnation that asks, or is told. */
  readonly from: string;
  readonly side: Side;
  /** HTTP's, or `WATCH`; of an event: its type, or `END`. */
  readonly method: string;
  /** Without host and query; of an event: the kind that is watched, and of what it tells, with its version. */
  readonly path: string;
}

export interface TraceLine extends Call {
  /** Counts all that the scheduler did, time included. */
  readonly step: number;
  /** Counts requests, of all incarnations; an event has that of the last request before it. */
  readonly request: number;
  readonly virtualMs: number;
  /** Status of the answer, or what came instead of one; undefined while there is none. */
  outcome: string | undefined;
}

const isRequest = ({ side }: Call): boolean => side !== 'E';

/** To either side; a Lease is renewed by one, too. */
export const isWrite = ({ side, method }: Call): boolean => side !== 'E' && method !== 'GET' && method !== 'WATCH';

export const isAzureWrite = (call: Call): boolean => call.side === 'A' && isWrite(call);

/** Those that came before all was done. */
export const requestsOf = ({
  trace,
  requests,
}: {
  readonly trace: readonly TraceLine[];
  readonly requests: number;
}): readonly TraceLine[] => trace.filter((line) => isRequest(line) && line.request <= requests);

export const formatTrace = (lines: readonly TraceLine[]): string => lines.map(formatLine).join('\n');

const formatLine = ({ step, virtualMs, from, side, method, path, outcome }: TraceLine): string =>
  `${String(step).padStart(5)} ${(virtualMs / 1000).toFixed(3).padStart(10)} ${from} ${side} ${method} ${path} ${outcome ?? '-'}`;
