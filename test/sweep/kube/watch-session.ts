/** One watch: what happened since a revision, then what happens, with bookmarks, until its time is up. */
import type { Cancel, Clock } from '../../../src/runtime/clock.ts';
import { type ApiObject, type JsonObject } from './api-object.ts';
import { expired } from './api-status.ts';
import type { Change, ObjectStore } from './object-store.ts';
import { typeOf } from './request.ts';
import { collectionOf, type ServedKind } from './served-kind.ts';

/** As it goes over the wire. */
export interface WireEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: JsonObject;
}

export interface WatchSpec {
  readonly kind: ServedKind;
  readonly namespace: string | undefined;
  /** 0: from the state that is there, all of which is told first. */
  readonly since: number;
  readonly timeoutSeconds: number;
  readonly bookmarks: boolean;
}

export interface WatchSink {
  event(event: WireEvent): void;
  /** The server ends the stream in order. */
  end(): void;
}

/** apiserver, `storage/cacher`: one a minute, and one shortly before the end. */
const BOOKMARK_MS = 60_000;
const BOOKMARK_BEFORE_END_MS = 2000;

export class WatchSession {
  readonly #store: ObjectStore;
  readonly #clock: Pick<Clock, 'monotonicMs' | 'setTimer'>;
  readonly #spec: WatchSpec;
  readonly #sink: WatchSink;
  readonly #ends: Cancel[] = [];
  readonly #collection: string;
  #cancelBookmark: Cancel | undefined;
  /** The last revision that was told, or was none of this watch's. */
  #seen: number;
  #isTelling = false;
  #stopped = false;

  constructor(store: ObjectStore, clock: Pick<Clock, 'monotonicMs' | 'setTimer'>, spec: WatchSpec, sink: WatchSink) {
    this.#store = store;
    this.#clock = clock;
    this.#spec = spec;
    this.#sink = sink;
    this.#collection = collectionOf(spec.kind);
    this.#seen = spec.since;
  }

  start(): void {
    const { since, timeoutSeconds } = this.#spec;
    if (since > 0 && since < this.#store.compacted) {
      this.#sink.event({
        type: 'ERROR',
        object: expired(`too old resource version: ${since} (${this.#store.compacted})`).toStatus(),
      });
      this.#sink.end();
      return;
    }
    const endsAtMs = this.#clock.monotonicMs() + timeoutSeconds * 1000;
    this.#ends.push(
      this.#clock.setTimer(timeoutSeconds * 1000, () => {
        this.stop();
        this.#sink.end();
      }),
    );
    this.#ends.push(this.#store.onChange(() => this.#catchUp()));
    // One without a version begins with all there is.
    if (since === 0) this.#initial();
    this.#catchUp();
    if (this.#spec.bookmarks && !this.#stopped) this.#scheduleBookmark(endsAtMs);
  }

  /** Nothing more is told, and no timer is left. */
  stop(): void {
    this.#stopped = true;
    this.#cancelBookmark?.();
    for (const end of this.#ends.splice(0)) end();
  }

  #initial(): void {
    this.#seen = this.#store.revision;
    for (const object of [...this.#store.all(this.#collection).values()]) {
      if (this.#isWatched(object)) this.#sink.event({ type: 'ADDED', object });
    }
  }

  /** In order, and each once, even when whoever is told of a change makes the next one. */
  #catchUp(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    for (let [next] = this.#store.since(this.#seen); next !== undefined && !this.#stopped;) {
      this.#seen = next.revision;
      this.#tell(next);
      [next] = this.#store.since(this.#seen);
    }
    this.#isTelling = false;
  }

  #tell({ collection, type, object }: Change): void {
    if (collection === this.#collection && this.#isWatched(object)) this.#sink.event({ type, object });
  }

  #isWatched({ metadata }: ApiObject): boolean {
    return this.#spec.namespace === undefined || metadata.namespace === this.#spec.namespace;
  }

  #scheduleBookmark(endsAtMs: number): void {
    const untilLastMs = endsAtMs - BOOKMARK_BEFORE_END_MS - this.#clock.monotonicMs();
    if (untilLastMs <= 0) return;
    const delayMs = Math.min(untilLastMs, BOOKMARK_MS);
    this.#cancelBookmark = this.#clock.setTimer(delayMs, () => {
      const { revision } = this.#store;
      if (revision >= this.#spec.since) this.#sink.event(this.#bookmark(revision));
      this.#scheduleBookmark(endsAtMs);
    });
  }

  #bookmark(revision: number): WireEvent {
    return {
      type: 'BOOKMARK',
      object: { ...typeOf(this.#spec.kind), metadata: { resourceVersion: String(revision) } },
    };
  }
}
