/** The questions that a soak answers, each with yes, or with what speaks against it. */
import { firstOutOfTurn, overlaps, type ScaleSetWrite, turns } from '../simulator/writers.ts';
import type { Sample } from '../stage/samples.ts';
import { fitHalves, type Halves, isFlat } from './regression.ts';
import type { Incarnation } from './replica.ts';

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** What speaks against it, or how it was found. */
  readonly lines: readonly string[];
}

/** Of a process that has lived long enough for a line through its figures to mean something. */
export interface Series {
  readonly name: string;
  readonly rssMib: Halves;
  readonly sockets: Halves;
  readonly files: Halves;
}

/** A process is judged by its line from here on, in seconds. */
const LONG_LIVED_SECONDS = 120;
const SHOWN = 10;

/** How much a line may rise from the first to the last point of its second half: the share of the mean, but at least so much. */
export const FLAT = {
  rssMib: { share: 0.05, least: 8 },
  sockets: { share: 0.1, least: 2 },
  files: { share: 0.1, least: 2 },
} as const;

export function check(name: string, against: readonly string[], found: readonly string[] = []): Check {
  const more = against.length > SHOWN ? [`and ${String(against.length - SHOWN)} more`] : [];
  return {
    name,
    ok: against.length === 0,
    lines: against.length === 0 ? found : [...against.slice(0, SHOWN), ...more],
  };
}

/** @param until what comes later, in seconds since the beginning, is not judged */
export function seriesOf({ name, samples: all }: Incarnation, until: number): Series | undefined {
  const samples = all.filter(({ at }) => at <= until);
  const seconds = (samples.at(-1)?.at ?? 0) - (samples[0]?.at ?? 0);
  if (seconds < LONG_LIVED_SECONDS) return undefined;
  const halves = (of: (sample: Sample) => number): Halves =>
    fitHalves(samples.map((sample) => ({ at: sample.at, value: of(sample) })));
  return {
    name,
    rssMib: halves(({ rssMib }) => rssMib),
    sockets: halves(({ sockets }) => sockets),
    files: halves(({ files }) => files),
  };
}

export function checkFlat(series: readonly Series[]): Check {
  const against = series.flatMap((each) =>
    (['rssMib', 'sockets', 'files'] as const).flatMap((figure) => {
      const { second } = each[figure];
      return second === undefined || isFlat(second, FLAT[figure])
        ? []
        : [`${each.name}: ${figure} grow by ${second.perHour.toFixed(1)} an hour`];
    }),
  );
  return check('memory and open sockets are flat', against);
}

/** One writer at a time, and each in a term of its own. */
export function checkWriters(writes: readonly ScaleSetWrite[], incarnations: readonly Incarnation[]): readonly Check[] {
  const found = turns(writes);
  const terms = termsOf(incarnations);
  const nameOf = (clientId: string): string =>
    incarnations.find((each) => each.clientId === clientId)?.name ?? clientId;
  const both = overlaps(writes, 'scaleSet').map(
    ({ first, second }) =>
      `${second.scaleSet}: request ${String(second.sequence)} of ${nameOf(second.writer)} came while ${String(first.sequence)} of ${nameOf(first.writer)} was open`,
  );
  const stray =
    terms.length === 0
      ? undefined
      : firstOutOfTurn(
          found,
          terms.map(({ clientId }) => clientId),
        );
  const turnLines = found.map(
    ({ writer, writes: count, fromMs, toMs }) =>
      `${timeOf(fromMs)} to ${timeOf(toMs)}: ${String(count)} writes by ${nameOf(writer)}`,
  );
  const termLines = terms.map(
    ({ clientId, transitions, timeMs }) => `${timeOf(timeMs)}: term ${String(transitions)} of ${nameOf(clientId)}`,
  );
  const told = `${String(writes.length)} writes in ${String(found.length)} turns of ${String(new Set(writes.map(({ writer }) => writer)).size)} writers`;
  return [
    check('no two write to a scale set at once', both, [told]),
    {
      name: 'only leaders write, one after the other',
      ok: stray === undefined,
      lines:
        stray === undefined
          ? [terms.length === 0 ? 'nobody was elected' : `${String(terms.length)} terms`]
          : [`${nameOf(stray.writer)} wrote at ${timeOf(stray.fromMs)} out of its turn`, ...termLines, ...turnLines],
    },
  ];
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString().slice(11, 23);
}

export function checkLogs(incarnations: readonly Incarnation[]): Check {
  const against = incarnations.flatMap(({ name, log }) => log.unexpected.map((line) => `${name}: ${line}`));
  const total = new Map<string, number>();
  for (const { log } of incarnations)
    for (const [trouble, count] of log.troubles) total.set(trouble, (total.get(trouble) ?? 0) + count);
  return check(
    'nothing unexpected in the logs',
    against,
    [...total].map(([trouble, count]) => `${String(count)} × ${trouble}`),
  );
}

export function checkProcesses(incarnations: readonly Incarnation[]): Check {
  const against = incarnations.flatMap(({ name, end, endsOnPurpose }) =>
    end !== undefined && (!endsOnPurpose || !['0', 'SIGKILL'].includes(end)) ? [`${name} ended with ${end}`] : [],
  );
  return check('no process ended by itself', against, [`${String(incarnations.length)} processes`]);
}

interface Term {
  readonly clientId: string;
  readonly transitions: number;
  readonly timeMs: number;
}

/** In their order, as the Lease counted them; none when there was no election. */
function termsOf(incarnations: readonly Incarnation[]): readonly Term[] {
  const terms = incarnations.flatMap(({ clientId, log }) => log.terms.map((term) => ({ clientId, ...term })));
  return terms.toSorted((one, other) => one.transitions - other.transitions || one.timeMs - other.timeMs);
}
