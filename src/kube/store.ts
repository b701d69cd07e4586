import { keyOf, type KubeObject, type ObjectKey } from './object.ts';
import type { Stored } from './resource-client.ts';
import { isOlderVersion } from './resource-version.ts';
import { SharedTexts } from './shared-texts.ts';

/**
 * A change of what the store holds. An object that was deleted and made anew is a `deleted` and an `added`. `same`: nothing
 * has changed, but the store holds another copy of it now.
 */
export type Change<T> =
  | { readonly type: 'added'; readonly object: T }
  | { readonly type: 'updated'; readonly old: T; readonly object: T }
  | { readonly type: 'same'; readonly object: T }
  | { readonly type: 'deleted'; readonly object: T };

/** Marks the moment at which a list was begun. */
export type ListMark = number;

/** An own write that a watch or list has not shown yet. Until then what is older than it is not believed. */
interface Note {
  readonly uid: string;
  /** Undefined for a deletion. */
  readonly resourceVersion: string | undefined;
  readonly at: ListMark;
}

export interface StoreOptions {
  /** Objects from here are replaced whole, which would take off every annotation that is not kept. */
  readonly isReplaced?: boolean | undefined;
}

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * What is known of one kind, by `namespace/name`.
 *
 * After an own write it never shows anything older than the answer to that write. Only own writes are ordered by
 * resourceVersion: apart from them a list is the truth, even one whose versions went back (etcd restored from a backup).
 *
 * Objects are kept without `managedFields` and kubectl's last-applied annotation, which can be most of their size. A
 * replacement without the former leaves them as they are, but one without the latter takes it off: it is kept where objects
 * are replaced whole. Texts that objects have in common are kept once.
 */
export class ObjectStore<T extends KubeObject> {
  /** What is kept of an object. Changes what it is given. */
  readonly compact: (object: Stored<T>) => Stored<T>;
  readonly #objects = new Map<ObjectKey, Stored<T>>();
  readonly #notes = new Map<ObjectKey, Note>();
  readonly #gone = new RecentUids();
  readonly #texts = new SharedTexts();
  #mark: ListMark = 0;

  constructor({ isReplaced = false }: StoreOptions = {}) {
    const without = isReplaced
      ? withoutManagedFields<T>
      : (object: Stored<T>) => withoutLastApplied(withoutManagedFields(object));
    this.compact = (object) => {
      const kept = without(object);
      this.#texts.shareIn(kept);
      return kept;
    };
  }

  get(key: ObjectKey): Stored<T> | undefined {
    return this.#objects.get(key);
  }

  list(): readonly Stored<T>[] {
    return [...this.#objects.values()];
  }

  get size(): number {
    return this.#objects.size;
  }

  get lastListBegun(): ListMark {
    return this.#mark;
  }

  /** To be called right before the first page is asked for; the result goes to {@link replace}. */
  beginList(): ListMark {
    return ++this.#mark;
  }

  /**
   * Takes a complete list, of which each object went through {@link compact}. Objects are compared by UID: the same name
   * with another UID is another object.
   */
  replace(items: readonly Stored<T>[], listVersion: string, begun: ListMark): readonly Change<Stored<T>>[] {
    const listed = new Map(items.map((item) => [keyOf(item), item]));
    for (const [key, note] of this.#notes) {
      // A list that was begun after the write has seen it.
      if (note.at < begun || !isBehind(note, listed.get(key), listVersion)) this.#notes.delete(key);
    }
    for (const key of this.#notes.keys()) {
      const own = this.#objects.get(key);
      if (own === undefined) listed.delete(key);
      else listed.set(key, own);
    }
    const gone = [...this.#objects.keys()].filter((key) => !listed.has(key));
    return [...gone.flatMap((key) => this.#remove(key)), ...[...listed.values()].flatMap((item) => this.#put(item))];
  }

  /** Takes a watch event. */
  apply(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: Stored<T>): readonly Change<Stored<T>>[] {
    const key = keyOf(object);
    const note = this.#notes.get(key);
    if (note !== undefined) {
      if (isEcho(note, type, object)) return [];
      this.#notes.delete(key);
    }
    if (type !== 'DELETED') return this.#put(this.compact(object));
    return this.#objects.get(key)?.metadata.uid === object.metadata.uid ? this.#remove(key, this.compact(object)) : [];
  }

  /** Takes the server's answer to an own create, replace or patch. */
  noteWrite(written: Stored<T>): readonly Change<Stored<T>>[] {
    const key = keyOf(written);
    const { uid, resourceVersion } = written.metadata;
    if (isGone(written)) return this.noteDeletion(written);
    // The watch may have told of the object's end before the answer came.
    if (this.#gone.has(uid)) return [];
    const known = this.#objects.get(key)?.metadata;
    // Nor is an answer news when the watch was faster; a write that changed nothing has the version that is known.
    if (known !== undefined && isOlderVersion(resourceVersion, known.resourceVersion)) return [];
    if (known?.uid === uid && known.resourceVersion === resourceVersion) return [];
    this.#notes.set(key, { uid, resourceVersion, at: this.#mark });
    return this.#put(this.compact(written));
  }

  /** Takes an own deletion that was carried out at once (no finalizer held the object). */
  noteDeletion(deleted: Stored<T>): readonly Change<Stored<T>>[] {
    const key = keyOf(deleted);
    const { uid } = deleted.metadata;
    if (this.#objects.get(key)?.metadata.uid !== uid) return [];
    this.#notes.set(key, { uid, resourceVersion: undefined, at: this.#mark });
    return this.#remove(key);
  }

  #put(object: Stored<T>): readonly Change<Stored<T>>[] {
    const key = keyOf(object);
    const old = this.#objects.get(key);
    if (old === object) return [];
    this.#objects.set(key, object);
    if (old === undefined) return [{ type: 'added', object }];
    if (old.metadata.uid !== object.metadata.uid) {
      this.#gone.add(old.metadata.uid);
      return [
        { type: 'deleted', object: old },
        { type: 'added', object },
      ];
    }
    const isSame = old.metadata.resourceVersion === object.metadata.resourceVersion;
    return [isSame ? { type: 'same', object } : { type: 'updated', old, object }];
  }

  #remove(key: ObjectKey, last?: Stored<T>): readonly Change<Stored<T>>[] {
    const object = last ?? this.#objects.get(key);
    if (object === undefined || !this.#objects.delete(key)) return [];
    this.#gone.add(object.metadata.uid);
    return [{ type: 'deleted', object }];
  }
}

/** Whether a list that may have been begun before a write was made lacks that write. */
const isBehind = <T extends KubeObject>(note: Note, item: Stored<T> | undefined, listVersion: string): boolean => {
  if (note.resourceVersion === undefined) return item?.metadata.uid === note.uid;
  return isOlderVersion(item?.metadata.resourceVersion ?? listVersion, note.resourceVersion);
};

/** Whether an event tells of a time before a write, or of the very write. */
const isEcho = <T extends KubeObject>(note: Note, type: string, object: Stored<T>): boolean => {
  const { uid, resourceVersion } = object.metadata;
  if (note.resourceVersion === undefined) return uid === note.uid && type !== 'DELETED';
  if (type === 'DELETED') return uid !== note.uid;
  return isOlderVersion(resourceVersion, note.resourceVersion);
};

/** The answer to a write that took the last finalizer from an object being deleted: it is no more. */
const isGone = ({ metadata }: KubeObject): boolean =>
  metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).length === 0;

/** The UIDs of objects that went last: enough for every write that can be under way when its object goes. */
class RecentUids {
  readonly #uids = new Set<string>();

  add(uid: string): void {
    this.#uids.add(uid);
    const [oldest] = this.#uids;
    if (this.#uids.size > 1000 && oldest !== undefined) this.#uids.delete(oldest);
  }

  has(uid: string): boolean {
    return this.#uids.has(uid);
  }
}

const withoutManagedFields = <T extends KubeObject>(object: Stored<T>): Stored<T> => {
  const { managedFields: _managedFields, ...metadata } = object.metadata as typeof object.metadata & {
    readonly managedFields?: unknown;
  };
  return { ...object, metadata };
};

const withoutLastApplied = <T extends KubeObject>(object: Stored<T>): Stored<T> => {
  if (object.metadata.annotations?.[lastApplied] === undefined) return object;
  const { [lastApplied]: _lastApplied, ...others } = object.metadata.annotations;
  const { annotations: _annotations, ...metadata } = object.metadata;
  // An empty object for each of thousands would take 56 bytes.
  const isAlone = Object.keys(others).length === 0;
  return { ...object, metadata: isAlone ? metadata : { ...metadata, annotations: others } };
};
