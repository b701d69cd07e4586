/**
 * What etcd is to the API server: objects under one counter of revisions, and the history of their changes. Objects are
 * frozen and never changed, so that a snapshot is a copy of maps, and any revision that is still kept can be read.
 */
import { type ApiObject, deepFreeze, keyOfObject } from './api-object.ts';

export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** A write that changed something. */
export interface Change {
  readonly revision: number;
  readonly atMs: number;
  /** Who wrote: the name of a client, or of whoever used the server directly. */
  readonly by: string;
  readonly verb: 'create' | 'update' | 'patch' | 'delete';
  readonly subresource: 'status' | undefined;
  /** Such as `leases.coordination.k8s.io`. */
  readonly collection: string;
  readonly key: string;
  readonly type: ChangeType;
  /** As it is now; of a deletion, as it was last, under the revision of the deletion. */
  readonly object: ApiObject;
  readonly previous: ApiObject | undefined;
}

/** The store at one moment; nothing that happens later shows in it. */
export interface StoreSnapshot {
  readonly revision: number;
  readonly compacted: number;
  readonly objects: ReadonlyMap<string, ReadonlyMap<string, ApiObject>>;
  readonly changes: readonly Change[];
}

type Collection = ReadonlyMap<string, ApiObject>;

export type Entry = readonly [key: string, object: ApiObject];

/** What makes a {@link Change} besides the object. */
export type Authorship = Pick<Change, 'atMs' | 'by' | 'verb' | 'subresource'>;

/** A fresh API server has written a good deal of its own before anybody asks it. */
const FIRST_REVISION = 1000;

const NONE: Collection = new Map();

export class ObjectStore {
  readonly #objects = new Map<string, Collection>();
  /** Those of `#objects` that no snapshot has: written to as they are. */
  readonly #unshared = new Map<string, Map<string, ApiObject>>();
  /** Of each collection, what was last asked for in the order of the keys: the pages of a list all ask for the same. */
  readonly #sorted = new Map<string, { readonly revision: number; readonly entries: readonly Entry[] }>();
  readonly #changes: Change[];
  readonly #listeners = new Set<(change: Change) => void>();
  #revision: number;
  #compacted: number;

  constructor(from?: StoreSnapshot) {
    this.#revision = from?.revision ?? FIRST_REVISION;
    this.#compacted = from?.compacted ?? FIRST_REVISION;
    this.#changes = [...(from?.changes ?? [])];
    for (const [name, collection] of from?.objects ?? []) this.#objects.set(name, collection);
  }

  /** Of the last write. */
  get revision(): number {
    return this.#revision;
  }

  /** The oldest state that can still be read or watched from. */
  get compacted(): number {
    return this.#compacted;
  }

  /** All that is still kept, oldest first. */
  get changes(): readonly Change[] {
    return this.#changes;
  }

  get(collection: string, key: string): ApiObject | undefined {
    return this.#objects.get(collection)?.get(key);
  }

  /** What is there now; the next write changes it. */
  all(collection: string): Collection {
    return this.#objects.get(collection) ?? NONE;
  }

  /**
   * As it stood after the write of a revision.
   *
   * @throws Error about one that is compacted
   */
  at(collection: string, revision: number): Collection {
    if (revision < this.#compacted) throw new Error(`revision ${revision} is compacted (${this.#compacted})`);
    if (revision >= this.#revision) return this.all(collection);
    const objects = new Map(this.all(collection));
    for (const { collection: of, key, previous } of this.since(revision).toReversed()) {
      if (of !== collection) continue;
      if (previous === undefined) objects.delete(key);
      else objects.set(key, previous);
    }
    return objects;
  }

  /** Likewise, in the order of the keys. */
  sortedAt(collection: string, revision: number): readonly Entry[] {
    const last = this.#sorted.get(collection);
    if (last?.revision === revision) return last.entries;
    const entries = [...this.at(collection, revision)].toSorted(([left], [right]) => (left < right ? -1 : 1));
    this.#sorted.set(collection, { revision, entries });
    return entries;
  }

  /** What was written after a revision. */
  since(revision: number): readonly Change[] {
    return this.#changes.slice(this.#changes.findLastIndex((change) => change.revision <= revision) + 1);
  }

  put(collection: string, object: Omit<ApiObject, 'resourceVersion'>, authorship: Authorship): ApiObject {
    const written = this.#nextVersionOf(object as ApiObject);
    const key = keyOfObject(written);
    const previous = this.get(collection, key);
    this.#ownOf(collection).set(key, written);
    this.#changed({
      ...authorship,
      collection,
      key,
      type: previous === undefined ? 'ADDED' : 'MODIFIED',
      object: written,
      previous,
    });
    return written;
  }

  delete(collection: string, previous: ApiObject, authorship: Authorship): ApiObject {
    const object = this.#nextVersionOf(previous);
    const key = keyOfObject(previous);
    this.#ownOf(collection).delete(key);
    this.#changed({ ...authorship, collection, key, type: 'DELETED', object, previous });
    return object;
  }

  /** Forgets what happened up to a revision: who asks for it is told that it is gone. */
  compact(revision: number): void {
    this.#compacted = Math.max(this.#compacted, Math.min(revision, this.#revision));
    const kept = this.#changes.filter((change) => change.revision > this.#compacted);
    this.#changes.length = 0;
    for (const change of kept) this.#changes.push(change);
  }

  /** @returns what ends it */
  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  snapshot(): StoreSnapshot {
    this.#unshared.clear();
    return {
      revision: this.#revision,
      compacted: this.#compacted,
      objects: new Map(this.#objects),
      changes: [...this.#changes],
    };
  }

  /** To write to: a copy where a snapshot has it, too. */
  #ownOf(collection: string): Map<string, ApiObject> {
    const unshared = this.#unshared.get(collection);
    if (unshared !== undefined) return unshared;
    const copy = new Map(this.all(collection));
    this.#unshared.set(collection, copy);
    this.#objects.set(collection, copy);
    return copy;
  }

  #nextVersionOf(object: ApiObject): ApiObject {
    const resourceVersion = String(++this.#revision);
    return deepFreeze({ ...object, metadata: { ...object.metadata, resourceVersion } });
  }

  #changed(change: Omit<Change, 'revision'>): void {
    const whole = Object.freeze({ ...change, revision: this.#revision });
    this.#changes.push(whole);
    for (const listener of [...this.#listeners]) listener(whole);
  }
}
