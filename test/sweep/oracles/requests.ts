/** Whether an incarnation asks for more in any minute than work can explain: a loop that does not wait shows here. */
import type { Run } from '../run.ts';
import type { TraceLine } from '../trace.ts';
import { fold } from './pattern.ts';
import { isOperator } from './writes.ts';

const MINUTE_MS = 60_000;

/**
 * What one incarnation may ask for within any minute, in a workload of a few bindings: about three times what its busiest
 * minute takes when nothing goes wrong (38 requests to Kubernetes, 19 to Azure), for work comes in bursts of a few passes,
 * and what goes wrong is looked at again after 1 s, 2 s, 4 s. The queue begins a pass every 250 ms at most: one that came
 * again without a delay of its own would come 240 times a minute.
 */
export const KUBERNETES_PER_MINUTE = 120;
/** Without looks at identities, of which a binding may name any number. */
export const AZURE_PER_MINUTE = 60;
/** One look serves all for minutes, and a refusal asks for a fresh one. */
export const READS_OF_AN_IDENTITY_PER_MINUTE = 12;
/** Azure gives 12 a minute and keeps 36 for bursts; a third of that is left to the scale set's owner. */
export const READS_OF_A_SCALE_SET_PER_MINUTE = 24;
/** Azure gives 4 changes a minute and keeps 12 for bursts; a third of that is left to the scale set's owner. */
export const WRITES_OF_A_SCALE_SET_PER_MINUTE = 8;

interface Limit {
  readonly what: string;
  readonly perMinute: number;
  /** By what a request counts; undefined: it does not. */
  readonly countedBy: (line: TraceLine) => string | undefined;
}

const SCALE_SET = /\/virtualmachinescalesets\/[^/]+$/;
const IDENTITY = /\/userassignedidentities\/[^/]+/;

/** The path, of a request to Azure that is about one of these. */
const about = ({ side, path }: TraceLine, what: RegExp): string | undefined => {
  const folded = fold(path);
  return side === 'A' && what.test(folded) ? folded : undefined;
};

const LIMITS: readonly Limit[] = [
  {
    what: 'requests to Kubernetes',
    perMinute: KUBERNETES_PER_MINUTE,
    countedBy: ({ side }) => (side === 'K' ? '' : undefined),
  },
  {
    what: 'requests to Azure',
    perMinute: AZURE_PER_MINUTE,
    countedBy: (line) => (line.side === 'A' && about(line, IDENTITY) === undefined ? '' : undefined),
  },
  {
    what: 'reads of an identity',
    perMinute: READS_OF_AN_IDENTITY_PER_MINUTE,
    countedBy: (line) => about(line, IDENTITY),
  },
  {
    what: 'reads of a scale set',
    perMinute: READS_OF_A_SCALE_SET_PER_MINUTE,
    countedBy: (line) => (line.method === 'GET' ? about(line, SCALE_SET) : undefined),
  },
  {
    what: 'writes to a scale set',
    perMinute: WRITES_OF_A_SCALE_SET_PER_MINUTE,
    countedBy: (line) => (line.method === 'GET' ? undefined : about(line, SCALE_SET)),
  },
];

export function tooManyRequests({ trace }: Pick<Run, 'trace'>): readonly string[] {
  return LIMITS.flatMap((limit) =>
    [...timesOf(trace, limit)].flatMap(([who, times]) => {
      const { count, fromMs } = busiestMinute(times);
      if (count <= limit.perMinute) return [];
      return [`${who}: ${count} ${limit.what} in the minute from ${fromMs} ms on, where ${limit.perMinute} may be`];
    }),
  );
}

function timesOf(trace: readonly TraceLine[], { countedBy }: Limit): ReadonlyMap<string, readonly number[]> {
  const times = new Map<string, number[]>();
  for (const line of trace) {
    const counted = isOperator(line.from) ? countedBy(line) : undefined;
    if (counted === undefined) continue;
    const who = `${line.from} ${counted}`.trim();
    const known = times.get(who) ?? [];
    known.push(line.virtualMs);
    times.set(who, known);
  }
  return times;
}

/** @param times in their order */
function busiestMinute(times: readonly number[]): { readonly count: number; readonly fromMs: number } {
  let busiest = { count: 0, fromMs: 0 };
  let first = 0;
  for (const [index, ms] of times.entries()) {
    while (ms - (times[first] ?? ms) >= MINUTE_MS) first += 1;
    if (index - first + 1 > busiest.count) busiest = { count: index - first + 1, fromMs: times[first] ?? ms };
  }
  return busiest;
}
