/**
 * The leader stands still for longer than its lease lasts, another one takes over, and the first goes on where it was: with
 * answers from long ago, with what it was about to send, with timers long overdue. What it had sent may arrive meanwhile.
 */
import type { LeaseObject } from '../../../src/kube/lease.ts';
import type { Run } from '../run.ts';
import { EPOCH_MS } from '../scheduler.ts';
import { isAzureWrite, isWrite, requestsOf, type TraceLine } from '../trace.ts';
import type { World } from '../world.ts';
import { deposed, LEASES } from './allowances.ts';
import { atRequest } from './at-request.ts';
import type { Case, Sweep } from './sweep.ts';

/**
 * What of the request at which it stands still. `unsent`: it goes out when the process goes on. `answered`: it has been
 * sent, and arrives at once. `late`: it has been sent, and arrives while the other one leads.
 */
type Progress = 'unsent' | 'answered' | 'late';

interface Pause {
  /** Counted from 1. */
  readonly request: number;
  readonly progress: Progress;
}

const PAUSE_MS = 5 * 60_000;
const LATE_MS = 4 * 60_000;

const arrange =
  ({ request, progress }: Pause) =>
  (world: World): void => {
    const { scheduler } = world;
    atRequest(world, request, (line) => {
      const paused = world.incarnations.find(({ name }) => name === line.from)?.process;
      line.outcome = 'PAUSED';
      paused?.pause();
      world.troubledUntilMs = scheduler.elapsedMs + PAUSE_MS;
      if (progress !== 'unsent') scheduler.clock.setTimer(progress === 'late' ? LATE_MS : 0, () => paused?.arrive());
      scheduler.clock.setTimer(PAUSE_MS, () => paused?.resume());
      return 'through';
    });
  };

/** The deposed one sends nothing to Azure any more; what had passed its last fence before is not sent after it. */
const sentWithoutLease =
  ({ request, progress }: Pause) =>
  ({ trace, kubeChanges }: Run): readonly string[] => {
    const paused = trace.find((line) => line.request === request && line.outcome === 'PAUSED');
    if (paused === undefined) return ['nobody was paused'];
    const leases = kubeChanges.filter(({ collection }) => collection === LEASES);
    const holderAt = (virtualMs: number): string =>
      (leases.findLast(({ atMs }) => atMs - EPOCH_MS <= virtualMs)?.object as LeaseObject | undefined)?.spec
        ?.holderIdentity ?? '';
    const sent = trace.filter(
      (line) =>
        isAzureWrite(line) &&
        line.from === paused.from &&
        line.virtualMs >= paused.virtualMs + PAUSE_MS &&
        !holderAt(line.virtualMs).startsWith(`${line.from}_`),
    );
    const explained = progress === 'unsent' && isAzureWrite(paused) ? 1 : 0;
    return sent.slice(explained).map(({ step, from, path }) => `step ${step}: ${from}, deposed, wrote ${path}`);
  };

/** What others see of it. Events are told on the side, and leases are what this is about. */
const isSeen = (line: TraceLine): boolean => isWrite(line) && !/\/(?:events|leases)(?:\/|$)/.test(line.path);

const allOf = (line: TraceLine): readonly Pause[] =>
  (['unsent', 'answered', 'late'] as const)
    .map((progress) => ({ request: line.request, progress }))
    .filter(mayBe(line));

/**
 * An API server takes no longer than a minute over a request (its `--request-timeout`), and what is created is guarded by no
 * version that would keep it out later.
 */
const mayBe =
  ({ side, method }: TraceLine) =>
  ({ progress }: Pause): boolean =>
    progress !== 'late' || side !== 'K' || method !== 'POST';

/**
 * A pause between two reads is as one before the next write, only that less has been read. And what was not sent before the
 * pause is as what was not even begun, except where nothing comes between it and the last fence. Nothing is decided by a
 * status.
 */
const pausesAt = (line: TraceLine): readonly Pause[] => {
  if (!isSeen(line)) return [];
  const { request } = line;
  const answered: Pause = { request, progress: 'answered' };
  if (line.path.endsWith('/status')) return [answered];
  const sent: readonly Pause[] = [answered, { request, progress: 'late' }];
  if (!isAzureWrite(line)) return sent.filter(mayBe(line));
  return [...sent, { request, progress: 'unsent' }];
};

export const twoLeaders: Sweep = {
  counted: 'pauses of a leader',
  says: 'ends the same wherever the leader stands still until another one leads',
  replicas: 2,
  recoveryMs: PAUSE_MS + 3 * 60_000,
  cases: (reference, isDeep) =>
    requestsOf(reference)
      .flatMap(isDeep ? allOf : pausesAt)
      .map((pause): Case => ({
        what: `paused at request ${pause.request}, ${pause.progress}`,
        arrange: arrange(pause),
        allowed: deposed(reference),
        check: sentWithoutLease(pause),
      })),
  unpruned: (reference) => requestsOf(reference).length * 3,
};
