import { type Backoff, exponentialMs } from '../runtime/backoff.ts';
import type { Clock, Random } from '../runtime/clock.ts';
import type { Logger } from '../telemetry/logger.ts';
import { isKubeError } from './errors.ts';
import { EventAggregation } from './event-aggregation.ts';
import {
  eventName,
  eventNamespace,
  type EventObject,
  eventObject,
  type EventToRecord,
  type Occurrences,
  type Reporter,
  seriesOf,
} from './event-object.ts';
import { EventRateLimit } from './event-rate-limit.ts';
import { LeastRecentlyUsed } from './lru.ts';
import type { ResourceClient } from './resource-client.ts';

export interface EventRecorderObserver {
  eventEnded(result: 'written' | 'suppressed' | 'dropped' | 'failed'): void;
}

export interface EventRecorderOptions {
  readonly client: ResourceClient<EventObject>;
  readonly reporter: Reporter;
  /** Takes the events of namespaces that take none any more: those being deleted, or gone. */
  readonly ownNamespace?: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly observer?: EventRecorderObserver | undefined;
}

/** One event and its repetitions: one object in the cluster. */
interface Series {
  readonly event: EventToRecord;
  occurrences: Occurrences;
  /** Of the object in the cluster. */
  name: string;
  namespace: string;
  exists: boolean;
  /** It stands in the queue: what happens meanwhile is written with it. */
  queued: boolean;
}

/** An event that has not happened for this long is a new one when it happens again (client-go's 10 min). */
const seriesMs = 600_000;
/** client-go's size of the caches. */
const capacity = 4096;
const queueLimit = 1000;
const writeTimeoutMs = 10_000;
const attempts = 3;
const retry: Backoff = { baseMs: 1_000, capMs: 5_000 };

/**
 * Tells people what happens to objects. Equal events become one object with a count; so do those that differ in nothing
 * but their notes, when there are many. Recording never waits and never fails: events are written one after the other in
 * the background, and lost when they are too many or the server does not take them.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #series = new LeastRecentlyUsed<string, Series>(capacity);
  readonly #aggregation: EventAggregation;
  readonly #rateLimit: EventRateLimit;
  readonly #queue: Series[] = [];
  readonly #abort = new AbortController();
  #writing: Promise<void> | undefined;
  #stopped = false;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#aggregation = new EventAggregation({ clock: options.clock, capacity, quietMs: seriesMs });
    this.#rateLimit = new EventRateLimit(options.clock, capacity);
  }

  record(event: EventToRecord): void {
    if (this.#stopped) return;
    const combined = this.#aggregation.combine(event);
    const namespace = eventNamespace(combined);
    const { ownNamespace } = this.#options;
    this.#enqueue(this.#count(combined, namespace));
    if (event.forOperators !== true || ownNamespace === undefined || ownNamespace === namespace) return;
    this.#enqueue(this.#count(combined, ownNamespace));
  }

  #enqueue(series: Series): void {
    const { event, queued } = series;
    if (queued) return;
    if (!this.#rateLimit.allows(event.regarding)) {
      this.#ended('suppressed');
    } else if (this.#queue.length >= queueLimit) {
      this.#ended('dropped');
    } else {
      series.queued = true;
      this.#queue.push(series);
      this.#writing ??= this.#write().finally(() => (this.#writing = undefined));
    }
  }

  /** Takes no more events, writes what is left for up to `graceMs`, and gives up the rest. Never rejects. */
  async stop(graceMs: number): Promise<void> {
    this.#stopped = true;
    const cancel = this.#options.clock.setTimer(graceMs, () => this.#abort.abort());
    await this.#writing;
    cancel();
  }

  #count(event: EventToRecord, namespace: string): Series {
    const nowMs = this.#options.clock.now();
    const { regarding, related, type, reason, action, note } = event;
    const key = JSON.stringify([namespace, regarding, related, type, reason, action, note]);
    const known = this.#series.get(key);
    if (known !== undefined && nowMs - known.occurrences.lastMs <= seriesMs) {
      known.occurrences = { ...known.occurrences, count: known.occurrences.count + 1, lastMs: nowMs };
      return known;
    }
    const occurrences = { count: 1, firstMs: nowMs, lastMs: nowMs };
    const name = this.#newName(event);
    const series: Series = { event, occurrences, name, namespace, exists: false, queued: false };
    this.#series.set(key, series);
    return series;
  }

  async #write(): Promise<void> {
    for (let series = this.#queue.shift(); series !== undefined; series = this.#queue.shift()) {
      series.queued = false;
      await this.#writeOne(series);
    }
  }

  async #writeOne(series: Series): Promise<void> {
    const { clock, logger } = this.#options;
    const { signal } = this.#abort;
    for (let attempt = 0; ; attempt++) {
      try {
        signal.throwIfAborted();
        await this.#send(series, signal);
        this.#ended('written');
        return;
      } catch (error) {
        const passing = isKubeError(error, 'throttled', 'unavailable', 'timeout', 'network');
        if (!passing || attempt + 1 === attempts || signal.aborted) {
          this.#ended('failed');
          logger.debug('event not written', { error, reason: series.event.reason });
          return;
        }
        const delayMs = Math.max(error.retryAfterMs ?? 0, exponentialMs(retry, attempt));
        await clock.sleep(delayMs, signal).catch(() => undefined);
      }
    }
  }

  async #send(series: Series, signal: AbortSignal): Promise<void> {
    if (series.exists && (await this.#countUp(series, signal))) return;
    try {
      await this.#create(series, signal);
    } catch (error) {
      const { ownNamespace } = this.#options;
      const isClosed = isKubeError(error, 'terminating', 'notFound');
      // What was for operators anyway is told there already.
      const hasCopy = series.event.forOperators === true;
      if (!isClosed || hasCopy || ownNamespace === undefined || series.namespace === ownNamespace) throw error;
      // What ends with its namespace is told all the same, where people still find it: it regards the same object.
      series.namespace = ownNamespace;
      await this.#create(series, signal);
    }
    series.exists = true;
  }

  /** @returns false when the server does not have it any more: it forgets events after an hour */
  async #countUp(series: Series, signal: AbortSignal): Promise<boolean> {
    const { name, namespace, occurrences, event } = series;
    try {
      const patch = { series: seriesOf(occurrences) };
      await this.#options.client.mergePatch({ name, namespace }, patch, { signal, timeoutMs: writeTimeoutMs });
      return true;
    } catch (error) {
      if (!isKubeError(error, 'notFound')) throw error;
      series.exists = false;
      series.name = this.#newName(event);
      return false;
    }
  }

  async #create({ event, name, namespace, occurrences }: Series, signal: AbortSignal): Promise<void> {
    const { client, reporter } = this.#options;
    try {
      const object = eventObject(event, { name, namespace }, occurrences, reporter);
      await client.create(object, { signal, timeoutMs: writeTimeoutMs });
    } catch (error) {
      // An attempt before this one was carried out, and its answer lost.
      if (!isKubeError(error, 'alreadyExists')) throw error;
    }
  }

  #newName(event: EventToRecord): string {
    return eventName(event.regarding.name, this.#options.random.uuid());
  }

  #ended(result: Parameters<EventRecorderObserver['eventEnded']>[0]): void {
    this.#options.observer?.eventEnded(result);
  }
}
