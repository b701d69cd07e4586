/**
 * Who wrote to scale sets, and when: whether writers that are to take turns have done so, as Azure saw it. A writer is told
 * by its principal: each process that is to be told from the others signs in with a client id of its own.
 */
import type { LogEntry } from './request-log.ts';

/** One PATCH, PUT or DELETE of a scale set. */
export interface ScaleSetWrite {
  readonly sequence: number;
  /** In lower case. */
  readonly scaleSet: string;
  readonly writer: string;
  readonly startMs: number;
  /** When it was answered; when it arrived, for one that never is: what it does it has done by then. */
  readonly endMs: number;
}

/** Two requests of different writers, the second of which arrived while the first was not answered. */
export interface Overlap {
  readonly first: ScaleSetWrite;
  readonly second: ScaleSetWrite;
}

/** A run of writes by one writer, without another's in between. */
export interface Turn {
  readonly writer: string;
  readonly writes: number;
  readonly fromMs: number;
  readonly toMs: number;
}

const SCALE_SET = /\/providers\/microsoft\.compute\/virtualmachinescalesets\/[^/]+$/;

/** In the order of their arrival; also those that were refused. */
export function scaleSetWrites(log: readonly Readonly<LogEntry>[]): readonly ScaleSetWrite[] {
  return log.flatMap((entry) => {
    const { sequence, method, path, principal, timeMs, endedMs } = entry;
    const scaleSet = path.toLowerCase();
    if (!['PATCH', 'PUT', 'DELETE'].includes(method) || !SCALE_SET.test(scaleSet)) return [];
    return [{ sequence, scaleSet, writer: principal ?? '', startMs: timeMs, endMs: endedMs ?? timeMs }];
  });
}

/** Writes of two writers at once. @param per all scale sets together, or each by itself */
export function overlaps(writes: readonly ScaleSetWrite[], per: 'all' | 'scaleSet'): readonly Overlap[] {
  const open = new Map<string, ScaleSetWrite[]>();
  return writes.flatMap((second) => {
    const key = per === 'all' ? '' : second.scaleSet;
    const running = (open.get(key) ?? []).filter(({ endMs }) => endMs > second.startMs);
    open.set(key, [...running, second]);
    return running.filter(({ writer }) => writer !== second.writer).map((first) => ({ first, second }));
  });
}

export function turns(writes: readonly ScaleSetWrite[]): readonly Turn[] {
  const found: Turn[] = [];
  for (const { writer, startMs, endMs } of writes) {
    const last = found.at(-1);
    if (last?.writer === writer)
      found.splice(-1, 1, { ...last, writes: last.writes + 1, toMs: Math.max(last.toMs, endMs) });
    else found.push({ writer, writes: 1, fromMs: startMs, toMs: endMs });
  }
  return found;
}

/**
 * The first turn of somebody who was not the leader then: turns have to follow one another as the leaders' terms did, some
 * of which nothing was written in. Undefined when all is well.
 * @param leaders the writer of each term, in the order of the terms
 */
export function firstOutOfTurn(found: readonly Turn[], leaders: readonly string[]): Turn | undefined {
  let term = 0;
  return found.find(({ writer }) => {
    while (term < leaders.length && leaders[term] !== writer) term += 1;
    return term === leaders.length;
  });
}
