import type { Clock, Random, TimeoutSignal } from '../runtime/clock.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Availability } from './availability.ts';
import { KubeError, type KubeErrorKind, toKubeError } from './errors.ts';
import { FailureLog } from './failure-log.ts';
import { listAll } from './list-all.ts';
import { keyOf, type KubeObject, type ObjectKey } from './object.ts';
import { type Next, ReflectorPolicy, type WatchEnd } from './reflector-policy.ts';
import type { ResourceClient, Stored, WatchEvent } from './resource-client.ts';
import { type Change, ObjectStore, type StoreOptions } from './store.ts';
import { Waiters } from './waiters.ts';

/** `syncing`: a list is under way. `live`: watching. `backoff`: waiting after a failure; what is known may grow old. */
export type ReflectorState = 'syncing' | 'live' | 'backoff';

/** What told of a change. Changes told by a list are many at once and seldom urgent. */
export type ChangeSource = 'list' | 'watch' | 'write';

/**
 * Hears of every change, in order, after the store holds it. Calls are synchronous; one that throws is logged and counted,
 * and changes nothing else.
 */
export interface ObjectHandler<T> {
  added(object: T, source: ChangeSource): void;
  updated(old: T, object: T, source: ChangeSource): void;
  /** Nothing has changed, but the store has let go of its copy for this one: who keeps a copy does likewise. */
  same?(object: T): void;
  /** With the last that is known of the object. */
  deleted(object: T, source: ChangeSource): void;
}

export interface ReflectorObserver {
  listed(list: { readonly items: number; readonly durationMs: number }): void;
  watchEnded(watch: { readonly events: number; readonly openMs: number }): void;
  failed(kind: KubeErrorKind): void;
  handlerThrew(): void;
}

export interface ReflectorOptions<T extends KubeObject> extends StoreOptions {
  readonly client: ResourceClient<T>;
  /** All namespaces when left out. */
  readonly namespace?: string | undefined;
  readonly handler: ObjectHandler<Stored<T>>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly observer?: ReflectorObserver | undefined;
  /** Tells of outages of the API server, in place of each reflector. */
  readonly availability?: Pick<Availability, 'tellsOf'> | undefined;
  /** Objects on a page of a list: 500. */
  readonly pageSize?: number;
}

/** The server ends a watch after a random time between these; bookmarks come every minute meanwhile. */
const watchSeconds = { least: 240, most: 290 };
/** A watch that is still open this long after the server should have ended it hangs on a dead connection. */
const graceMs = 5_000;
/** Objects of the first list that the handler is told of between two turns of the event loop. */
const AT_ONCE = 500;
/** Nothing heard for three watches: what is known must be taken for old. */
const staleMs = 3 * (watchSeconds.most * 1000 + graceMs);

/** A reflector of whatever kind, to those who start, stop and watch over it. */
export type AnyReflector = Pick<
  Reflector<KubeObject>,
  'start' | 'stop' | 'state' | 'synced' | 'whenSynced' | 'relist' | 'lastActivity' | 'isStale' | 'size'
>;

/**
 * Keeps a copy of one kind: lists it in pages, then watches, for ever. No failure ends it or empties the copy: only a
 * complete list and watch events change what it holds.
 */
export class Reflector<T extends KubeObject> {
  readonly #options: ReflectorOptions<T>;
  readonly #logger: Logger;
  readonly #store: ObjectStore<T>;
  readonly #policy = new ReflectorPolicy();
  readonly #failures: FailureLog;
  readonly #waiters = new Waiters();
  #state: ReflectorState = 'syncing';
  /** Lists are numbered as they begin: the last one that was completed, and the first one that is wanted. */
  #listed = 0;
  #wanted = 1;
  #resourceVersion = '';
  #lastActivity = { wallMs: 0, monotonicMs: Number.NEGATIVE_INFINITY };
  /** Ends what the loop is doing right now, if that may be ended. */
  #cycle = new AbortController();
  #listing = false;
  #stopped = false;
  #loop: Promise<void> | undefined;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#store = new ObjectStore<T>(options);
    this.#logger = options.logger.child({ resource: options.client.descriptor.plural });
    this.#failures = new FailureLog({ clock: options.clock, logger: this.#logger, availability: options.availability });
  }

  /** Begins; once is enough. */
  start(): void {
    if (!this.#stopped) this.#loop ??= this.#run();
  }

  /** From the moment of the call on no handler is called. Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cycle.abort();
    this.#waiters.close();
    await this.#loop;
  }

  state(): ReflectorState {
    return this.#state;
  }

  /** Whether a list has been completed, ever. Before that the store's emptiness means nothing. */
  synced(): boolean {
    return this.#listed > 0;
  }

  /** Resolves with true when synced, with false when stopped or aborted before; never rejects. */
  whenSynced(signal?: AbortSignal): Promise<boolean> {
    return this.#waiters.wait(() => this.synced(), signal);
  }

  /**
   * Has everything listed anew, by quorum. Resolves with true when a list that was begun after the call is in the store and
   * the handler has heard of it; with false when stopped or aborted before; never rejects.
   */
  relist(signal?: AbortSignal): Promise<boolean> {
    const wanted = this.#store.lastListBegun + 1;
    this.#wanted = wanted;
    if (!this.#listing) this.#cycle.abort();
    return this.#waiters.wait(() => this.#listed >= wanted, signal);
  }

  /** When the server was last heard of, in milliseconds since the epoch; 0 if never. */
  lastActivity(): number {
    return this.#lastActivity.wallMs;
  }

  /** Nothing has been heard for so long that what is known must be taken for old. */
  isStale(): boolean {
    return this.#options.clock.monotonicMs() - this.#lastActivity.monotonicMs > staleMs;
  }

  get(key: ObjectKey): Stored<T> | undefined {
    return this.#store.get(key);
  }

  list(): readonly Stored<T>[] {
    return this.#store.list();
  }

  get size(): number {
    return this.#store.size;
  }

  /**
   * Tells of the answer to an own write, so that nothing older than it is read from here. The handler hears of it at once
   * (source `write`), and not again when the watch shows it.
   */
  noteWrite(written: Stored<T>): void {
    if (this.#covers(written)) this.#notify(this.#store.noteWrite(written), 'write');
  }

  /** The same for an own deletion of an object that no finalizer held. */
  noteDeletion(deleted: Stored<T>): void {
    if (this.#covers(deleted)) this.#notify(this.#store.noteDeletion(deleted), 'write');
  }

  #covers({ metadata }: Stored<T>): boolean {
    const { namespace } = this.#options;
    return !this.#stopped && (namespace === undefined || namespace === metadata.namespace);
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      this.#cycle = new AbortController();
      const { signal } = this.#cycle;
      const pause = this.#listed < this.#wanted ? await this.#list(signal) : await this.#watch(signal);
      if (pause !== undefined && !signal.aborted) await this.#backOff(pause, signal);
    }
  }

  async #list(signal: AbortSignal): Promise<Pause | undefined> {
    const { client, namespace, pageSize = 500, clock, observer } = this.#options;
    const startedAt = clock.monotonicMs();
    const begun = this.#store.beginList();
    this.#state = 'syncing';
    this.#listing = true;
    try {
      const list = await listAll(client, {
        namespace,
        pageSize,
        signal,
        onPage: () => this.#heard(),
        keep: this.#store.compact,
      });
      this.#resourceVersion = list.resourceVersion;
      await this.#notifyOfList(this.#store.replace(list.items, list.resourceVersion, begun));
      this.#listed = begun;
      this.#waiters.check();
      this.#failures.succeeded();
      observer?.listed({ items: list.items.length, durationMs: clock.monotonicMs() - startedAt });
      this.#logger.debug('listed', { items: list.items.length, resourceVersion: list.resourceVersion });
      return undefined;
    } catch (error) {
      return this.#stopped ? undefined : this.#failed(toKubeError(error), this.#policy.listFailed());
    } finally {
      this.#listing = false;
    }
  }

  async #watch(cycle: AbortSignal): Promise<Pause | undefined> {
    const { random, clock, observer } = this.#options;
    const { least, most } = watchSeconds;
    const timeoutSeconds = least + Math.floor(random.next() * (most - least + 1));
    using limit = clock.timeoutSignal(timeoutSeconds * 1000 + graceMs, cycle);
    const progress: Progress = { events: 0 };
    const end = await this.#follow(timeoutSeconds, limit, progress);
    if (cycle.aborted) return undefined;
    const openMs = progress.openedAtMs === undefined ? 0 : clock.monotonicMs() - progress.openedAtMs;
    observer?.watchEnded({ events: progress.events, openMs });
    const next = this.#policy.watchEnded({ ...end, openMs, events: progress.events });
    if (next.then === 'list') this.#wanted = this.#store.lastListBegun + 1;
    return end.error === undefined ? pauseIf(next) : this.#failed(end.error, next, end.byEvent);
  }

  /** Takes events until the watch ends, and says how it did. */
  async #follow(
    timeoutSeconds: number,
    limit: TimeoutSignal,
    progress: Progress,
  ): Promise<Pick<WatchEnd, 'error' | 'byEvent'>> {
    const { client, namespace, clock } = this.#options;
    const { signal } = limit;
    const resourceVersion = this.#resourceVersion;
    try {
      const events = await client.watch({ namespace, resourceVersion, timeoutSeconds, signal });
      progress.openedAtMs = clock.monotonicMs();
      this.#state = 'live';
      this.#heard();
      this.#failures.watching();
      for await (const event of events) {
        this.#heard();
        if (event.type === 'ERROR') return { error: event.error, byEvent: true };
        progress.events++;
        this.#take(event);
      }
      return {};
    } catch (error) {
      if (!limit.timedOut()) return { error: toKubeError(error) };
      return { error: new KubeError('timeout', 'the server did not end the watch in time: a dead connection') };
    }
  }

  #take(event: Exclude<WatchEvent<Stored<T>>, { readonly type: 'ERROR' }>): void {
    if (event.type === 'BOOKMARK') {
      this.#resourceVersion = event.resourceVersion;
      return;
    }
    this.#resourceVersion = event.object.metadata.resourceVersion;
    this.#notify(this.#store.apply(event.type, event.object), 'watch');
  }

  /**
   * The first list tells of everything there is, bit by bit: nobody else is kept waiting for long. Later ones tell of little,
   * and at once: an own write must not be told of before what the list says of its object.
   */
  async #notifyOfList(changes: readonly Change<Stored<T>>[]): Promise<void> {
    const bit = this.synced() ? changes.length : AT_ONCE;
    for (let told = 0; told < changes.length; told += bit) {
      if (told > 0) await this.#options.clock.turn();
      this.#notify(changes.slice(told, told + bit), 'list');
    }
  }

  #notify(changes: readonly Change<Stored<T>>[], source: ChangeSource): void {
    for (const change of changes) {
      // A handler may have stopped the reflector.
      if (this.#stopped) return;
      try {
        this.#tell(change, source);
      } catch (error) {
        this.#options.observer?.handlerThrew();
        this.#logger.error('a handler failed', { error, key: keyOf(change.object) });
      }
    }
  }

  #tell(change: Change<Stored<T>>, source: ChangeSource): void {
    const { handler } = this.#options;
    if (change.type === 'added') handler.added(change.object, source);
    else if (change.type === 'updated') handler.updated(change.old, change.object, source);
    else if (change.type === 'same') handler.same?.(change.object);
    else handler.deleted(change.object, source);
  }

  #heard(): void {
    const { clock } = this.#options;
    this.#lastActivity = { wallMs: clock.now(), monotonicMs: clock.monotonicMs() };
  }

  #failed(error: KubeError, next: Next, byEvent = false): Pause | undefined {
    this.#options.observer?.failed(error.kind);
    this.#failures.failed(error, next, byEvent);
    return pauseIf(next, error);
  }

  async #backOff({ retryAfterMs }: Pause, signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#options;
    this.#state = 'backoff';
    // Ended early by a stop or a wanted list; both are seen by the loop.
    await clock.sleep(this.#policy.delayMs(random, retryAfterMs), signal).catch(() => undefined);
  }
}

/** A back-off that is due. */
interface Pause {
  readonly retryAfterMs: number | undefined;
}

const pauseIf = ({ backOff }: Next, error?: KubeError): Pause | undefined =>
  backOff ? { retryAfterMs: error?.retryAfterMs } : undefined;

/** What has come of one watch so far. */
interface Progress {
  events: number;
  openedAtMs?: number;
}
