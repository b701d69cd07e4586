/**
 * Leadership passes to a process whose server lags: what it has watched shows the state as of an older revision, until the
 * server catches up, a while after the process has begun to lead. The operator lists and reads by quorum alone (it sends no
 * resourceVersion with either), which no server may answer with an older state; a watch may lag for as long as it likes.
 */
import { POLICY } from '../../../src/api/types.ts';
import type { ApiObject } from '../kube/api-object.ts';
import { type Coming, telling } from '../kube-seam.ts';
import type { Run } from '../run.ts';
import { EPOCH_MS } from '../scheduler.ts';
import type { World } from '../world.ts';
import { BINDINGS, both, LEDGERS, lookedAnew, seenApart } from './allowances.ts';
import { arrangeCrash } from './crash.ts';
import type { Case, Sweep } from './sweep.ts';

interface Lag {
  /** What is shown. */
  readonly revision: number;
  /** Before this one, counted from 1, the leader goes. */
  readonly request: number;
}

/** The first to come is the first to lead. */
const LEADER = 'operator-1';
/** So long after that everyone else's servers lag: for longer than the lease lasts. */
const LAG_MS = 4 * 60_000;

const arrange =
  ({ revision, request }: Lag) =>
  (world: World): void => {
    const { scheduler } = world;
    const late: Coming[] = [];
    let isLagging = true;
    let isGone = false;
    arrangeCrash(world, { request, when: 'before' });
    const { fateOf } = scheduler;
    scheduler.fateOf = (line) => {
      if (line.request === request) {
        isGone = true;
        world.troubledUntilMs = scheduler.elapsedMs + LAG_MS;
        scheduler.clock.setTimer(LAG_MS, () => {
          isLagging = false;
          for (const next of late.splice(0)) next.deliver();
        });
      }
      return fateOf(line);
    };
    world.tell = (next) => {
      const isLeader = !isGone && next.watch.client === LEADER;
      if (!isLagging || isLeader || revisionOf(next) <= revision) return telling(next);
      late.push(next);
      return 'LATE';
    };
  };

/** The end of a watch comes after its events. */
const revisionOf = (next: Coming): number =>
  'event' in next ? Number((next.event.object as object as ApiObject).metadata.resourceVersion) : Infinity;

/** What a pass reads; what else there is makes no view an older one. */
const READ = new Set([BINDINGS, LEDGERS, `${POLICY.plural}.${POLICY.group}`]);

/** Each change that shows in a pass, with the request that comes next. */
const momentsOf = ({ kubeChanges, trace, requests }: Run): readonly Lag[] =>
  kubeChanges
    .filter(({ collection }) => READ.has(collection))
    .flatMap(({ revision, atMs }) => {
      const next = trace.find(
        ({ side, from, virtualMs }) => side !== 'E' && from === LEADER && virtualMs > atMs - EPOCH_MS,
      );
      return next === undefined || next.request > requests ? [] : [{ revision, request: next.request }];
    });

/** Each older view at each moment; or only the oldest and the last one before, which differ the most and the least. */
const lagsOf = (reference: Run, isDeep: boolean): readonly Lag[] => {
  const moments = momentsOf(reference);
  return moments.flatMap(({ request }, index) => {
    const older = moments.slice(0, index).map(({ revision }) => revision);
    const chosen = isDeep ? older : [...new Set([...older.slice(0, 1), ...older.slice(-1)])];
    return chosen.map((revision) => ({ revision, request }));
  });
};

export const staleRead: Sweep = {
  counted: 'stale views of a new leader',
  says: 'ends the same however old the view of a new leader is',
  replicas: 2,
  recoveryMs: LAG_MS + 3 * 60_000,
  watchesFirst: true,
  cases: (reference, isDeep) => {
    // A new leader, and then what people do while its server lags.
    const allowed = both(lookedAnew(reference), seenApart(reference));
    return lagsOf(reference, isDeep).map((lag): Case => ({
      what: `a view as of revision ${lag.revision}, leading from request ${lag.request} on`,
      arrange: arrange(lag),
      allowed,
    }));
  },
  unpruned: ({ kubeChanges, requests }) => kubeChanges.length * requests,
};
