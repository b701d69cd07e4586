/** One crash: an incarnation ends at a request, before it arrives or before its answer does; the next one comes after. */
import { BINDING, GROUP, LEDGER } from '../../src/api/types.ts';
import type { Run } from './run.ts';
import type { TraceLine } from './trace.ts';
import type { World } from './world.ts';

export interface CrashPoint {
  /** At which request, counted from 1. */
  readonly request: number;
  readonly when: 'before' | 'after';
}

/** How long a new one takes to come. */
const RESTART_MS = 2000;

/** Every request up to one, each twice. */
export const crashPoints = (requests: number): readonly CrashPoint[] =>
  Array.from({ length: requests }, (_, index) => index + 1).flatMap((request) => [
    { request, when: 'before' as const },
    { request, when: 'after' as const },
  ]);

export function arrangeCrash(world: World, { request, when }: CrashPoint): void {
  world.scheduler.fateOf = (line) => {
    if (line.request !== request) return 'through';
    line.outcome = `CRASH ${when}`;
    world.incarnations.find(({ name }) => name === line.from)?.crash();
    world.scheduler.clock.setTimer(RESTART_MS, () => void world.startOperator());
    return when === 'before' ? 'lost' : 'through';
  };
}

/**
 * What one crash explains: the incarnation after it looks at everything anew, writes each status once more on the way, and
 * settles in one more ledger write what the one before had begun. A finalizer that it finds without an entry it takes off,
 * and sets it again when it comes to the entry. It changes nothing in Azure that was changed already. What Azure refused and
 * no status tells yet it has to learn once more: an intent on record, and its retraction.
 */
export function allowedAfterCrash(reference: Run): (what: string) => number {
  const bindings = new Set(
    reference.kubeChanges.filter(({ collection }) => collection === BINDINGS).map(({ key }) => key),
  );
  const relearned = reference.trace.some(isRefusedWrite) ? 1 : 0;
  const allowed = new Map([
    [`MODIFIED ${BINDINGS}`, 2 * bindings.size],
    [`MODIFIED ${BINDINGS} status`, bindings.size],
    [`MODIFIED ${LEDGERS}`, 1 + 2 * relearned],
    [`ADDED ${LEDGERS}`, relearned],
    [`DELETED ${LEDGERS}`, relearned],
  ]);
  return (what) => allowed.get(what) ?? 0;
}

const isRefusedWrite = ({ side, method, outcome = '' }: TraceLine): boolean =>
  side === 'A' && method !== 'GET' && outcome.startsWith('4');

const BINDINGS = `${BINDING.plural}.${GROUP}`;
const LEDGERS = `${LEDGER.plural}.${GROUP}`;
