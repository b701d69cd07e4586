/** An incarnation ends at a request, before it arrives or before its answer does; the next one comes after. */
import type { World } from '../world.ts';
import { lookedAnew } from './allowances.ts';
import type { Case, Sweep } from './sweep.ts';

export interface CrashPoint {
  /** At which request, counted from 1. */
  readonly request: number;
  readonly when: 'before' | 'after';
}

/** How long a new one takes to come. */
const RESTART_MS = 2000;

export function arrangeCrash(world: World, { request, when }: CrashPoint): void {
  world.scheduler.fateOf = (line) => {
    if (line.request !== request) return 'through';
    world.noteFault();
    line.outcome = `CRASH ${when}`;
    world.incarnations.find(({ name }) => name === line.from)?.crash();
    world.scheduler.clock.setTimer(RESTART_MS, () => void world.startOperator());
    return when === 'before' ? 'lost' : 'through';
  };
}

const crashOf: Pick<Sweep, 'cases'> = {
  cases: (reference) => {
    const allowed = lookedAnew(reference);
    const points = Array.from({ length: reference.requests }, (_, index) => index + 1).flatMap((request) => [
      { request, when: 'before' as const },
      { request, when: 'after' as const },
    ]);
    return points.map((point): Case => ({
      what: `crash ${point.when} request ${point.request}`,
      arrange: (world) => arrangeCrash(world, point),
      allowed,
    }));
  },
};

export const crash: Sweep = {
  ...crashOf,
  counted: 'crash points',
  says: 'ends the same wherever the operator crashes',
  recoveryMs: 30_000,
};

/** The one that leads, or the one that waits to. */
export const crashOfOneOfTwo: Sweep = {
  ...crashOf,
  counted: 'crash points of one of two replicas',
  says: 'ends the same wherever one of two replicas crashes',
  // A lease of two minutes has to run out first.
  recoveryMs: 3 * 60_000,
  replicas: 2,
};
