/** Writes, in the order in which the API server looks at what it is given (apiserver, `registry/generic/registry/store.go`). */
import { isDeepStrictEqual } from 'node:util';

import { apiVersionOf, type ObjectRef } from '../../../src/kube/object.ts';
import type { Clock, Random } from '../../../src/runtime/clock.ts';
import {
  type ApiObject,
  type ApiObjectMeta,
  isObject,
  type JsonObject,
  objectAt,
  storeKey,
  without,
} from './api-object.ts';
import type { ApiFailure } from './api-status.ts';
import {
  alreadyExists,
  badRequest,
  CHANGED,
  conflict,
  forbiddenByTermination,
  internalError,
  invalid,
  notFound,
  notServedInMemory,
} from './api-status.ts';
import { namespaceKind } from './built-in-kinds.ts';
import { changedMeta, changedMetaCauses, newMeta, newMetaCauses } from './object-meta.ts';
import type { Authorship, ObjectStore } from './object-store.ts';
import { collectionOf, type ServedKind } from './served-kind.ts';

export interface WritesOptions {
  readonly store: ObjectStore;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: Pick<Random, 'uuid'>;
}

/** Which object, and who writes it how. */
export interface WriteTarget {
  readonly kind: ServedKind;
  readonly ref: ObjectRef;
  readonly subresource?: 'status' | undefined;
  readonly by: string;
}

export interface Written {
  readonly object: ApiObject;
  readonly isNew: boolean;
}

/**
 * Objects that are read with a default status and stored without it, as new ones are: the next write stores it, even one
 * that changes nothing else.
 */
const storedWithoutStatus = new WeakSet<ApiObject>();

export class Writes {
  readonly #options: WritesOptions;

  constructor(options: WritesOptions) {
    this.#options = options;
  }

  create({ kind, ref: { namespace }, by }: WriteTarget, body: unknown): ApiObject {
    const given = asObject(kind, body);
    const meta = objectAt(given, 'metadata');
    const name = typeof meta['name'] === 'string' ? meta['name'] : '';
    if (name === '') throw notServedInMemory('objects without a name');
    this.#checkNamespace(kind, name, namespace, meta);
    return this.#create({ kind, ref: { name, namespace }, by }, given, 'create');
  }

  update({ kind, ref, subresource, by }: WriteTarget, body: unknown): Written {
    const given = asObject(kind, body);
    const meta = objectAt(given, 'metadata');
    if (meta['name'] !== ref.name) {
      const named = typeof meta['name'] === 'string' ? meta['name'] : '';
      throw badRequest(`the name of the object (${named}) does not match the name on the URL (${ref.name})`);
    }
    const current = this.#find(kind, ref);
    if (current === undefined) {
      if (!kind.createsOnUpdate) throw notFound(kind, ref.name);
      checkUid(kind, ref.name, meta['uid'], '');
      const fresh = { ...given, metadata: without(meta, 'resourceVersion') };
      this.#checkNamespace(kind, ref.name, ref.namespace, meta);
      return { object: this.#create({ kind, ref, by }, fresh, 'update'), isNew: true };
    }
    checkUid(kind, ref.name, meta['uid'], current.metadata.uid);
    if ((meta['resourceVersion'] ?? '') === '') throw withoutVersion(kind, ref.name);
    const object = this.#change(kind, current, given, { subresource, by, verb: 'update', atMs: this.#now() });
    return { object, isNew: false };
  }

  patch({ kind, ref, subresource, by }: WriteTarget, apply: (current: JsonObject) => JsonObject): ApiObject {
    const current = this.#existing(kind, ref);
    return this.#change(kind, current, asObject(kind, apply(current)), {
      subresource,
      by,
      verb: 'patch',
      atMs: this.#now(),
    });
  }

  /** @returns the object that is left, held by finalizers, or undefined */
  delete({ kind, ref, by }: WriteTarget, options: unknown): { readonly left?: ApiObject; readonly uid: string } {
    const current = this.#existing(kind, ref);
    const { metadata } = current;
    checkPreconditions(kind, preconditionsIn(options), metadata);
    const authorship: Authorship = { by, verb: 'delete', subresource: undefined, atMs: this.#now() };
    if ((metadata.finalizers ?? []).length === 0 && kind.isHeld !== true) {
      this.#options.store.delete(collectionOf(kind), current, authorship);
      return { uid: metadata.uid };
    }
    if (metadata.deletionTimestamp !== undefined) return { left: current, uid: metadata.uid };
    const doomed = {
      ...metadata,
      ...(metadata.generation === undefined ? {} : { generation: metadata.generation + 1 }),
      deletionTimestamp: this.#timestamp(),
      deletionGracePeriodSeconds: 0,
    };
    const next = kind.normalise({ ...current, metadata: doomed }) as ApiObject;
    const left = this.#options.store.put(collectionOf(kind), next, authorship);
    return { left, uid: metadata.uid };
  }

  #create({ kind, ref, by }: WriteTarget, given: JsonObject, verb: 'create' | 'update'): ApiObject {
    const { store, random } = this.#options;
    const meta = objectAt(given, 'metadata');
    if ((meta['resourceVersion'] ?? '') !== '') {
      throw internalError('resourceVersion should not be set on objects to be created');
    }
    const metadata = newMeta(meta, ref, {
      // Unique by the revision, whatever a snapshot holds that the generator has given before.
      uid: `${(store.revision + 1).toString(16).padStart(8, '0')}${random.uuid().slice(8)}`,
      creationTimestamp: this.#timestamp(),
      ...(kind.countsGenerations ? { generation: 1 } : {}),
    });
    const body = kind.hasStatus ? without(given, 'status') : given;
    const object = kind.normalise({ ...body, metadata }) as ApiObject;
    const causes = [...newMetaCauses(metadata), ...kind.validate(object, undefined)];
    if (causes.length > 0) throw invalid(kind, ref.name, causes);
    if (this.#find(kind, ref) !== undefined) throw alreadyExists(kind, ref.name);
    const created = store.put(collectionOf(kind), object, { by, verb, subresource: undefined, atMs: this.#now() });
    if (kind.hasStatus) storedWithoutStatus.add(created);
    return created;
  }

  #change(kind: ServedKind, current: ApiObject, given: JsonObject, authorship: Authorship): ApiObject {
    const { store } = this.#options;
    const { name, resourceVersion } = current.metadata;
    const meta = objectAt(given, 'metadata');
    if ((meta['resourceVersion'] ?? resourceVersion) !== resourceVersion) throw conflict(kind, name, CHANGED);
    const next = nextOf(kind, current, given, authorship.subresource);
    const metaCauses = authorship.subresource === 'status' ? [] : changedMetaCauses(meta, current.metadata);
    const causes = [...metaCauses, ...kind.validate(next, current)];
    if (causes.length > 0) throw invalid(kind, name, causes);
    if (next.metadata.deletionTimestamp !== undefined && (next.metadata.finalizers ?? []).length === 0) {
      // What is told of a deletion is what was stored before: the last finalizer is still in it.
      store.delete(collectionOf(kind), current, authorship);
      return next;
    }
    // What changes nothing is not written.
    if (isDeepStrictEqual(next, current) && !storedWithoutStatus.has(current)) return current;
    return store.put(collectionOf(kind), next, authorship);
  }

  #find(kind: ServedKind, ref: ObjectRef): ApiObject | undefined {
    return this.#options.store.get(collectionOf(kind), storeKey(ref));
  }

  #existing(kind: ServedKind, ref: ObjectRef): ApiObject {
    const current = this.#find(kind, ref);
    if (current === undefined) throw notFound(kind, ref.name);
    return current;
  }

  #checkNamespace(kind: ServedKind, name: string, namespace: string | undefined, meta: JsonObject): void {
    if (namespace === undefined) {
      if (kind.namespaced) throw notServedInMemory('the creation of a namespaced object without its namespace');
      return;
    }
    if ((meta['namespace'] ?? namespace) !== namespace) {
      throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
    }
    const home = this.#find(namespaceKind, { name: namespace });
    if (home === undefined) throw notFound(namespaceKind, namespace);
    if (home.metadata.deletionTimestamp !== undefined) throw forbiddenByTermination(kind, name, namespace);
  }

  #now(): number {
    return this.#options.clock.now();
  }

  /** In seconds, as the server writes them. */
  #timestamp(): string {
    return new Date(this.#now()).toISOString().replace(/\.\d+Z$/, 'Z');
  }
}

/** What is stored: of a change of the status only the status, of any other all but the status. */
const nextOf = (
  kind: ServedKind,
  current: ApiObject,
  given: JsonObject,
  subresource: 'status' | undefined,
): ApiObject => {
  if (subresource === 'status') return kind.normalise({ ...current, status: given['status'] }) as ApiObject;
  const body = kind.hasStatus ? { ...without(given, 'status'), status: current['status'] } : given;
  const next = kind.normalise({ ...body, metadata: changedMeta(objectAt(given, 'metadata'), current.metadata) });
  const isSame = isDeepStrictEqual(counted(kind, next), counted(kind, current));
  if (!kind.countsGenerations || isSame) return next as ApiObject;
  const generation = (current.metadata.generation ?? 0) + 1;
  return { ...next, metadata: { ...objectAt(next, 'metadata'), generation } } as unknown as ApiObject;
};

const counted = (kind: ServedKind, object: JsonObject): JsonObject =>
  without(object, 'metadata', ...(kind.hasStatus ? ['status'] : []));

const asObject = (kind: ServedKind, body: unknown): JsonObject => {
  if (!isObject(body)) throw badRequest('the object provided is unrecognized');
  const type = { apiVersion: apiVersionOf(kind), kind: kind.kind };
  if ((body['apiVersion'] ?? type.apiVersion) !== type.apiVersion) {
    throw badRequest('the API version in the data does not match the expected API version');
  }
  if ((body['kind'] ?? type.kind) !== type.kind) {
    const cause = { reason: 'FieldValueInvalid', field: 'kind', message: `Invalid value: must be ${type.kind}` };
    throw invalid(kind, '', [cause]);
  }
  return { ...body, ...type };
};

const checkUid = (kind: ServedKind, name: string, wanted: unknown, found: string): void => {
  if (typeof wanted !== 'string' || wanted === '' || wanted === found) return;
  throw conflict(kind, name, `Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${found}`);
};

const withoutVersion = (kind: ServedKind, name: string): ApiFailure =>
  invalid(kind, name, [
    {
      reason: 'FieldValueInvalid',
      field: 'metadata.resourceVersion',
      message: 'Invalid value: 0: must be specified for an update',
    },
  ]);

interface Preconditions {
  readonly uid?: string;
  readonly resourceVersion?: string;
}

const preconditionsIn = (options: unknown): Preconditions => {
  if (!isObject(options)) return {};
  const other = Object.keys(options).find((key) => !['apiVersion', 'kind', 'preconditions'].includes(key));
  if (other !== undefined) throw notServedInMemory(`${other} of a deletion`);
  return objectAt(options, 'preconditions');
};

/** Refusals of deletions name the kind where all others name its plural. */
const checkPreconditions = (
  kind: ServedKind,
  { uid, resourceVersion }: Preconditions,
  { name, ...found }: ApiObjectMeta,
): void => {
  const refused = (what: string, wanted: string, there: string, how: string) =>
    conflict(
      { ...kind, plural: kind.kind },
      name,
      `the ${what} in the precondition (${wanted}) does not match the ${what} in record (${there}). The object might have been ${how}`,
    );
  if (uid !== undefined && uid !== found.uid) throw refused('UID', uid, found.uid, 'deleted and then recreated');
  if (resourceVersion !== undefined && resourceVersion !== found.resourceVersion) {
    throw refused('ResourceVersion', resourceVersion, found.resourceVersion, 'modified');
  }
};
