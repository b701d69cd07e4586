/** How fast a fleet of scale sets could come from cold to where it is wanted, whoever brings it there. */
import { type Budget, budgetOf, type PolicyName } from '../../../src/azure/budgets/limits.ts';
import { type Alike, leastRequests, type LeastRequestsOptions, type OfSubscription } from './least-requests.ts';

export interface IdealOptions extends Omit<LeastRequestsOptions, 'asynchronous'> {
  /** The part taken of limits that are shared with other clients, above 0 to 1; 0: no limit counts. */
  readonly share: number;
  /** From a request to its reply. */
  readonly latencyMs: number;
  /** How long Azure works on a write after it has taken it; 0: its reply says that it is done. */
  readonly operationMs: number;
}

/** One of Azure's token buckets, and what the least requests do to it. */
export interface BucketTime {
  readonly policy: PolicyName;
  /** Empty for one of the whole tenant. */
  readonly subscription: string;
  /** Empty for one of all regions. */
  readonly location: string;
  readonly tokens: number;
  /** From the first request that draws on it until the last one may go. */
  readonly waitMs: number;
  /** No sooner than this can everything be done, for its sake. */
  readonly doneMs: number;
}

export interface Ideal {
  readonly totalMs: number;
  readonly reads: number;
  readonly writes: number;
  /** The bucket that decides the total; undefined where latency and operations do. */
  readonly slowest: BucketTime | undefined;
  /** The slowest first; without those of a single scale set, which one write never empties. */
  readonly buckets: readonly BucketTime[];
}

/**
 * The shortest time that the least requests (`leastRequests`) can take. With the latency L, the operation's time O and
 * the P pages of the longest list, which come one after another, it is the longest of
 *
 * - `P·L + L + O`: the list, the last scale set's write, and its operation, whose end no reply can show sooner;
 * - for each bucket `before + max(0, (tokens − capacity) / rate) + after`: it is full in the beginning and fills up at
 *   its rate, so that the last of its requests can go no sooner than that after the first. Before the first there is
 *   nothing for a read, L (a page with its scale set) for a write, L + O for a look at an operation; after the last
 *   there is L, for a write L + O, for a page of the list or the identities 2·L + O, of which a bucket of several kinds
 *   has the least.
 *
 * Capacity and rate are the operator's share of Azure's limits, which it keeps to; no request carries more identities
 * than a bucket holds. It is a lower bound: whatever was measured under these limits, over it, is 1 or more.
 */
export function idealOf(options: IdealOptions): Ideal {
  const { latencyMs, operationMs, share } = options;
  const subscriptions = leastRequests({ ...options, asynchronous: operationMs > 0 });
  const requests = subscriptions.flatMap((each) => each.requests);
  const buckets = bucketsOf(requests, options).toSorted((one, other) => other.doneMs - one.doneMs);
  const unlimitedMs = longestList(subscriptions) * latencyMs + latencyMs + operationMs;
  const [slowest] = share > 0 ? buckets.filter(({ doneMs }) => doneMs > unlimitedMs) : [];
  const isWrite = ({ what }: Alike): boolean => what === 'write';
  return {
    totalMs: slowest?.doneMs ?? unlimitedMs,
    reads: counted(requests.filter((each) => !isWrite(each))),
    writes: counted(requests.filter(isWrite)),
    slowest,
    buckets,
  };
}

/** What comes before the first of some requests and after the last at least, in milliseconds. */
interface Around {
  readonly beforeMs: number;
  readonly afterMs: number;
}

function around({ what }: Alike, { latencyMs, operationMs }: IdealOptions): Around {
  switch (what) {
    case 'list':
    case 'identities':
      return { beforeMs: 0, afterMs: 2 * latencyMs + operationMs };
    case 'write':
      return { beforeMs: latencyMs, afterMs: latencyMs + operationMs };
    case 'look':
      return { beforeMs: latencyMs + operationMs, afterMs: latencyMs };
  }
}

/** What draws on one bucket. */
interface Draw extends Around {
  readonly scope: Pick<BucketTime, 'policy' | 'subscription' | 'location'>;
  readonly budget: Budget;
  readonly tokens: number;
}

function bucketsOf(requests: readonly Alike[], options: IdealOptions): readonly BucketTime[] {
  const draws = requests.flatMap((each) => drawsOf(each, options));
  const nameOf = ({ scope }: Draw): string => [scope.policy, scope.subscription, scope.location].join(' ');
  return [...Map.groupBy(draws, nameOf).values()].flatMap(bucketTime);
}

function drawsOf(alike: Alike, options: IdealOptions): readonly Draw[] {
  return alike.charge.limits.flatMap(({ policy, subscription, location, resource, tokens }) => {
    const budget = budgetOf(policy, options.share);
    if (!budget.enforced || resource !== undefined) return [];
    const scope = { policy, subscription, location };
    return [{ scope, budget, tokens: tokens * alike.count, ...around(alike, options) }];
  });
}

function bucketTime(draws: readonly Draw[]): readonly BucketTime[] {
  const [first] = draws;
  if (first === undefined) return [];
  const { scope, budget } = first;
  const tokens = draws.reduce((sum, draw) => sum + draw.tokens, 0);
  const waitMs = Math.max(0, (tokens - budget.capacity) / budget.perMs);
  const beforeMs = Math.min(...draws.map((draw) => draw.beforeMs));
  const afterMs = Math.min(...draws.map((draw) => draw.afterMs));
  return [{ ...scope, tokens, waitMs, doneMs: beforeMs + waitMs + afterMs }];
}

function longestList(subscriptions: readonly OfSubscription[]): number {
  return subscriptions.reduce((most, { pages }) => Math.max(most, pages), 0);
}

function counted(requests: readonly Alike[]): number {
  return requests.reduce((sum, { count }) => sum + count, 0);
}
