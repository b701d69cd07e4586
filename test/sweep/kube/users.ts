/** What people and their tools do to a cluster, and look at, past every seam. Refused like anybody's writes. */
import type { KubeObject, ObjectRef, ResourceDescriptor } from '../../../src/kube/object.ts';
import type { Clock } from '../../../src/runtime/clock.ts';
import { type ApiObject, type JsonObject, storeKey } from './api-object.ts';
import { builtInKinds, namespaceKind } from './built-in-kinds.ts';
import { customKinds } from './custom-kinds.ts';
import type { ObjectStore } from './object-store.ts';
import { applyMergePatch } from './patches.ts';
import { collectionOf, type ServedKind } from './served-kind.ts';
import type { Writes } from './writes.ts';

type Kind = Pick<ResourceDescriptor, 'group' | 'plural'>;

export interface WriteOptions {
  /** Who writes: `user` unless said. */
  readonly by?: string;
  readonly subresource?: 'status';
}

const USER = 'user';
const kinds: readonly ServedKind[] = [...customKinds, ...builtInKinds];

export class Users {
  readonly #store: ObjectStore;
  readonly #writes: Writes;
  readonly #clock: Pick<Clock, 'now'>;

  constructor(store: ObjectStore, writes: Writes, clock: Pick<Clock, 'now'>) {
    this.#store = store;
    this.#writes = writes;
    this.#clock = clock;
  }

  /** Creates the object, or merges what is given into the one that is there. */
  apply(kind: Kind, given: KubeObject, { by = USER }: WriteOptions = {}): ApiObject {
    const object = structuredClone(given);
    const { metadata } = object;
    const target = { kind: servedKind(kind), ref: metadata, by };
    return this.get(kind, metadata) === undefined
      ? this.#writes.create(target, object)
      : this.#writes.patch(target, (current) => applyMergePatch(current, object));
  }

  /** A merge patch. */
  edit(kind: Kind, ref: ObjectRef, patch: JsonObject, { by = USER, subresource }: WriteOptions = {}): ApiObject {
    const target = { kind: servedKind(kind), ref, subresource, by };
    return this.#writes.patch(target, (current) => applyMergePatch(current, structuredClone(patch)));
  }

  /** Finalizers may still hold it. */
  delete(kind: Kind, ref: ObjectRef, { by = USER }: Pick<WriteOptions, 'by'> = {}): void {
    this.#writes.delete({ kind: servedKind(kind), ref, by }, undefined);
  }

  get(kind: Kind, ref: ObjectRef): ApiObject | undefined {
    return this.#store.get(collectionOf(kind), storeKey(ref));
  }

  /** In the order of their keys. */
  list(kind: Kind): readonly ApiObject[] {
    return this.#store.sortedAt(collectionOf(kind), this.#store.revision).map(([, object]) => object);
  }

  createNamespace(name: string): void {
    this.apply(namespaceKind, { metadata: { name } });
  }

  /**
   * Does once what the namespace controller does for a namespace that is being deleted: deletes what lies in it, and lets
   * it go when nothing is left.
   *
   * @returns whether it is gone
   */
  emptyNamespace(name: string): boolean {
    const namespace = this.get(namespaceKind, { name });
    if (namespace?.metadata.deletionTimestamp === undefined) return namespace === undefined;
    const by = 'namespace-controller';
    const contents = (): readonly (readonly [ServedKind, ApiObject])[] =>
      kinds.flatMap((kind) =>
        this.list(kind)
          .filter(({ metadata }) => metadata.namespace === name)
          .map((object) => [kind, object] as const),
      );
    for (const [kind, { metadata }] of contents()) this.delete(kind, metadata, { by });
    if (contents().length > 0) return false;
    const authorship = { by, verb: 'delete', subresource: undefined, atMs: this.#clock.now() } as const;
    this.#store.delete(collectionOf(namespaceKind), namespace, authorship);
    return true;
  }
}

const servedKind = (kind: Kind): ServedKind => {
  const served = kinds.find((one) => one.group === kind.group && one.plural === kind.plural);
  if (served === undefined) throw new Error(`${collectionOf(kind)} is not served`);
  return served;
};
