/**
 * The scale sets of one subscription as its lists show them. A list is asked for once an interval; sooner where many
 * scale sets were never read, or others are at work on many, and where too many operations are in flight to look at each.
 */
import { type ArmKey, parseScaleSetId, type ScaleSetId } from '../../identity/arm-id.ts';
import { isTerminal, type LiveScaleSet } from '../../identity/scale-set.ts';
import type { Clock, Random } from '../../runtime/clock.ts';
import { unlessAborted } from '../../runtime/unless-aborted.ts';
import type { AzurePort, Failure } from '../azure-port.ts';
import { aroundInterval } from '../backoff.ts';
import type { OperationInFlight } from '../memory.ts';
import { BusyScaleSets } from './busy-scale-sets.ts';
import { compactor } from './compact.ts';
import { type ListLevel, SubscriptionList, type Sweep } from './list-levels.ts';
import { OperationsInFlight } from './operations-in-flight.ts';

export interface ListedScaleSet {
  readonly scaleSet: LiveScaleSet;
  /** When the request for its page was sent, in epoch milliseconds: what happened later it does not know. */
  readonly at: number;
  /** When the list was whole, in epoch milliseconds. */
  readonly wholeAt: number;
}

export interface InventoryOptions {
  readonly azure: Pick<AzurePort, 'listScaleSets'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly intervalMs: number;
  /** The bound scale sets of a subscription. */
  readonly scaleSetsOf: (subscriptionId: string) => readonly ArmKey[];
  /** A bound scale set by texts that are held anyway; undefined: it is not bound. */
  readonly held: (scaleSet: ArmKey) => Pick<ScaleSetId, 'key' | 'resourceId'> | undefined;
  /** A pass over the scale set is due in so long. */
  readonly due: (scaleSet: ArmKey, inMs: number) => void;
  /** A list was neither read to its end nor refused. */
  readonly failed: (subscriptionId: string, failure: Failure) => void;
  /** From now on the subscription is listed as a whole, by resource groups, or not at all. */
  readonly levelChanged: (subscriptionId: string, level: ListLevel, failure: Failure | undefined) => void;
}

/** Scale sets that are read one by one, though never read before, within {@link BURST_MS}; one more, and a list is. */
const BURST = 10;
const BURST_MS = 10_000;
/** A pass waits for a list as long as pages come, and this long for each. In milliseconds. */
const PATIENCE_MS = 30_000;
/**
 * Between the beginnings of two lists that follow each other, and at least this for each of their pages, in milliseconds:
 * half as many pages as Azure grants a subscription in the long run (360 a minute; "high-cost GET" of Compute).
 */
const BETWEEN_LISTS_MS = 1750;
const PER_PAGE_MS = 333;
/** After a list that failed, in milliseconds; no longer than the interval. */
const AFTER_FAILURE_MS = 60_000;
/** Between two lists while an operation has timed out. */
const TIMED_OUT_LIST_MS = 5 * 60_000;
/** Between two lists while others are at work on many scale sets: no longer than each would wait for its next look. */
const BUSY_LIST_MS = 60_000;
/** The part of the interval over which scale sets are read one by one that no list shows. */
const SPREAD = 0.9;

export class SubscriptionInventory {
  readonly #id: string;
  readonly #options: InventoryOptions;
  readonly #list: SubscriptionList<LiveScaleSet>;
  readonly #operations = new OperationsInFlight();
  readonly #busy = new BusyScaleSets();
  /** Scale sets whose passes wait for a list, with the time since when. */
  readonly #waiting = new Map<ArmKey, number>();
  /** When scale sets that were never read were let through, oldest first. */
  #letThrough: readonly number[] = [];
  #entries: ReadonlyMap<ArmKey, ListedScaleSet> = new Map();
  #needed = true;
  #regularAt: number;
  #begunAt = Number.NEGATIVE_INFINITY;
  #movedAt = Number.NEGATIVE_INFINITY;
  #notBefore = 0;
  #pages = 0;
  #wake = (): void => undefined;

  constructor(id: string, options: InventoryOptions) {
    this.#id = id;
    this.#options = options;
    const { azure, clock, random } = options;
    this.#list = new SubscriptionList<LiveScaleSet>({
      subscriptionId: id,
      clock,
      random,
      page: (scope, cursor, signal) => azure.listScaleSets(scope, cursor, signal),
      groups: () => groupsOf(options.scaleSetsOf(id)),
      changed: (level, failure) => options.levelChanged(id, level, failure),
      moved: () => (this.#movedAt = clock.now()),
    });
    this.#regularAt = this.#afterInterval();
  }

  get level(): ListLevel {
    return this.#list.level;
  }

  /** A pass has need of the subscription: it is listed at least once more. */
  need(): void {
    this.#needed = true;
  }

  entry(scaleSet: ArmKey): ListedScaleSet | undefined {
    return this.#entries.get(scaleSet);
  }

  /**
   * Takes down how a pass left a scale set: with an operation of ours in flight, or not.
   * @param isBusy others are at work on it
   */
  noteOperation(scaleSet: ArmKey, operation: OperationInFlight | undefined, isBusy: boolean): void {
    const before = this.#nextAt();
    this.#busy.note(scaleSet, isBusy);
    const leavesThemAlone = this.#operations.note(scaleSet, operation);
    if (leavesThemAlone) this.#dueNow(this.#operations.keys());
    if (this.#nextAt() < before) this.#wake();
  }

  /** Whether lists watch over the operations in flight. */
  get watches(): boolean {
    return this.#operations.areWatched && this.#mayList();
  }

  /**
   * How long a pass over a scale set that was never read waits for a list, in milliseconds; undefined when it is to read
   * the scale set itself.
   * @param hasWaited it has waited before: once the list has come, or does not come, it waits no more
   */
  waitMs(scaleSet: ArmKey, hasWaited: boolean): number | undefined {
    const now = this.#options.clock.now();
    if (!this.#waiting.has(scaleSet)) {
      if (hasWaited || !this.#mayList() || this.#notBefore > now || this.#mayPass(now)) return undefined;
      if (this.#waiting.size === 0) this.#movedAt = now;
      this.#waiting.set(scaleSet, now);
      this.#wake();
    }
    const leftMs = this.#movedAt + PATIENCE_MS - now;
    if (leftMs > 0) return leftMs;
    this.#waiting.delete(scaleSet);
    return undefined;
  }

  /** Lists until nobody needs it any more. Throws only when the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    for (;;) {
      await this.#pause(signal);
      const isRegular = clock.now() >= this.#regularAt;
      if (isRegular) {
        if (!this.#needed || this.#options.scaleSetsOf(this.#id).length === 0) return;
        this.#needed = false;
      }
      await this.#sweep(isRegular, signal);
    }
  }

  async #sweep(isRegular: boolean, signal: AbortSignal): Promise<void> {
    const { clock, held, failed } = this.#options;
    const begunAt = clock.now();
    this.#begunAt = begunAt;
    this.#movedAt = begunAt;
    const compact = compactor();
    const keep = (one: LiveScaleSet): LiveScaleSet | undefined => {
      const known = held(one.key);
      return known && compact(one, known);
    };
    const sweep = await this.#list.sweep(keep, signal);
    this.#show(sweep);
    for (const failure of sweep.failures) failed(this.#id, failure);
    this.#tellWaiting(sweep.failures.length > 0 ? Number.POSITIVE_INFINITY : begunAt);
    if (isRegular) this.#tellAll();
    else this.#dueNow(this.#comeToRest());
  }

  #show({ entries, pages, failures, notBefore }: Sweep<LiveScaleSet>): void {
    const { clock, intervalMs } = this.#options;
    const wholeAt = clock.now();
    this.#entries = new Map([...entries].map(([key, { value, at }]) => [key, { scaleSet: value, at, wholeAt }]));
    this.#pages = pages;
    const pauseMs = failures.length > 0 ? Math.min(AFTER_FAILURE_MS, intervalMs) : 0;
    this.#notBefore = Math.max(notBefore, wholeAt + pauseMs);
  }

  /** Who waited when the list was begun has waited for it, whether it is in there or not; the others if they are. */
  #tellWaiting(sinceMs: number): void {
    for (const [key, since] of this.#waiting) {
      if (since > sinceMs && !this.#entries.has(key)) continue;
      this.#waiting.delete(key);
      this.#options.due(key, 0);
    }
  }

  /** Every bound scale set has a pass. Those that the list lacks are read by themselves, hence not all at once. */
  #tellAll(): void {
    const { due, random, intervalMs, scaleSetsOf } = this.#options;
    const bound = scaleSetsOf(this.#id);
    this.#dueNow(bound.filter((key) => this.#entries.has(key)));
    const absent = bound.filter((key) => !this.#entries.has(key));
    const shareMs = (intervalMs * SPREAD) / Math.max(1, absent.length);
    for (const [index, key] of absent.entries()) due(key, (index + random.next()) * shareMs);
    this.#regularAt = this.#afterInterval();
  }

  /** The scale sets that somebody was at work on, and that the list shows at rest. */
  #comeToRest(): readonly ArmKey[] {
    return [...new Set([...this.#operations.keys(), ...this.#busy.keys()])].filter((key) => {
      const entry = this.#entries.get(key);
      return entry !== undefined && isTerminal(entry.scaleSet.provisioningState);
    });
  }

  #dueNow(keys: Iterable<ArmKey>): void {
    for (const key of keys) this.#options.due(key, 0);
  }

  #mayList(): boolean {
    return this.#list.level !== 'resource';
  }

  /** Few enough were let through of late. */
  #mayPass(now: number): boolean {
    if (this.#waiting.size > 0) return false;
    this.#letThrough = this.#letThrough.filter((at) => at > now - BURST_MS);
    if (this.#letThrough.length >= BURST - 1) return false;
    this.#letThrough = [...this.#letThrough, now];
    return true;
  }

  #afterInterval(): number {
    const { clock, random, intervalMs } = this.#options;
    return clock.now() + aroundInterval(intervalMs, random);
  }

  /** When the next list is due. */
  #nextAt(): number {
    const hurries = this.#waiting.size > 0 || this.#operations.areWatched;
    const spacedMs = Math.max(BETWEEN_LISTS_MS, this.#pages * PER_PAGE_MS);
    const hurriedAt = hurries ? this.#begunAt + spacedMs : Number.POSITIVE_INFINITY;
    const patientAt = this.#operations.haveTimedOut ? this.#begunAt + TIMED_OUT_LIST_MS : Number.POSITIVE_INFINITY;
    const busyAt = this.#busy.areMany ? this.#begunAt + Math.max(BUSY_LIST_MS, spacedMs) : Number.POSITIVE_INFINITY;
    const sooner = this.#mayList() ? Math.min(hurriedAt, patientAt, busyAt) : Number.POSITIVE_INFINITY;
    return Math.max(this.#notBefore, Math.min(this.#regularAt, sooner));
  }

  /** Until the next list is due, which it may be sooner than it was. */
  async #pause(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    for (let leftMs = this.#nextAt() - clock.now(); leftMs > 0; leftMs = this.#nextAt() - clock.now()) {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      const wake = (): void => resolve(undefined);
      const cancel = clock.setTimer(leftMs, wake);
      this.#wake = wake;
      try {
        await unlessAborted(promise, signal);
      } finally {
        cancel();
      }
    }
    signal.throwIfAborted();
  }
}

function groupsOf(scaleSets: readonly ArmKey[]): Iterable<string> {
  return scaleSets.flatMap((key) => {
    const parsed = parseScaleSetId(key);
    return parsed.ok ? [parsed.id.resourceGroup] : [];
  });
}
