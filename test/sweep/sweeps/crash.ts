/** An incarnation ends at a request, before it arrives or before its answer does; the next one comes after. */
import { isWrite, requestsOf, type TraceLine } from '../trace.ts';
import type { World } from '../world.ts';
import { lookedAnew } from './allowances.ts';
import { atRequest } from './at-request.ts';
import type { Case, Sweep } from './sweep.ts';

export interface CrashPoint {
  /** At which request, counted from 1. */
  readonly request: number;
  readonly when: 'before' | 'after';
}

/** How long a new one takes to come. */
const RESTART_MS = 2000;

/** @param troubleMs how long nobody may be at work after it, in milliseconds: what is left to do is done then */
export function arrangeCrash(world: World, { request, when }: CrashPoint, troubleMs = 0): void {
  atRequest(world, request, (line) => {
    world.troubledUntilMs = world.scheduler.elapsedMs + troubleMs;
    line.outcome = `CRASH ${when}`;
    world.incarnations.find(({ name }) => name === line.from)?.crash();
    world.scheduler.clock.setTimer(RESTART_MS, () => void world.startOperator());
    return when === 'before' ? 'lost' : 'through';
  });
}

/** An intent of which nobody knows what came stands for a minute. */
const INTENT_MS = 75_000;
/** A lease of two minutes has to run out first. */
const TAKEOVER_MS = 3 * 60_000;

const crashOf = (troubleMs = 0): Pick<Sweep, 'cases' | 'unpruned'> => ({
  cases: (reference, isDeep) => {
    const allowed = lookedAnew(reference);
    return requestsOf(reference)
      .flatMap((line) => pointsAt(line, isDeep))
      .map((point): Case => ({
        what: `crash ${point.when} request ${point.request}`,
        arrange: (world) => arrangeCrash(world, point, troubleMs),
        allowed,
      }));
  },
  unpruned: (reference) => 2 * requestsOf(reference).length,
});

/** What a read has told is gone with the process: a crash after it is as one before. */
function pointsAt(line: TraceLine, isDeep: boolean): readonly CrashPoint[] {
  const { request } = line;
  const before: CrashPoint = { request, when: 'before' };
  return isDeep || isWrite(line) ? [before, { request, when: 'after' }] : [before];
}

export const crash: Sweep = {
  ...crashOf(),
  counted: 'crash points',
  says: 'ends the same wherever the operator crashes',
  recoveryMs: INTENT_MS,
};

/** The one that leads, or the one that waits to. */
export const crashOfOneOfTwo: Sweep = {
  ...crashOf(TAKEOVER_MS),
  counted: 'crash points of one of two replicas',
  says: 'ends the same wherever one of two replicas crashes',
  recoveryMs: TAKEOVER_MS + INTENT_MS,
  every: 2,
  replicas: 2,
};
