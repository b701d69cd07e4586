import type { KubeClient } from './client.ts';
import { errorFromWatchEvent, KubeError } from './errors.ts';
import type { JsonPatch } from './json-patch.ts';
import { apiVersionOf, type KubeObject, type ObjectRef, pathOf, type ResourceDescriptor } from './object.ts';
import { isRecord } from './record.ts';
import type { KubeRequest, PatchType } from './request.ts';

/** Ends a call early, or gives it another time limit than the client's. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

export interface ListOptions extends CallOptions {
  /** All namespaces when left out. */
  readonly namespace?: string | undefined;
  readonly limit?: number | undefined;
  readonly continue?: string | undefined;
  /** Left out: the newest state, by quorum. `0`: whatever the server has in its cache, possibly old. */
  readonly resourceVersion?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

export interface ListPage<T> {
  readonly items: readonly T[];
  /** Of the whole list, the same on all of its pages. */
  readonly resourceVersion: string;
  /** There are more pages. */
  readonly continue?: string;
}

export interface WatchOptions {
  readonly namespace?: string | undefined;
  readonly resourceVersion: string;
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
}

export type WatchEvent<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string }
  | { readonly type: 'ERROR'; readonly error: KubeError };

export interface DeleteOptions extends CallOptions {
  /** The object is deleted only if it is still this one. */
  readonly uid?: string | undefined;
  /** The object is deleted only if nobody has changed it since. */
  readonly resourceVersion?: string | undefined;
}

export interface PatchOptions extends CallOptions {
  readonly subresource?: 'status' | undefined;
}

/** An object with what the server gave it. */
export type Stored<T extends KubeObject> = T & {
  readonly metadata: { readonly uid: string; readonly resourceVersion: string };
};

/**
 * The operations on one kind. Every method throws only {@link KubeError}; the kinds to expect are `notFound`, `conflict`
 * (a stale resourceVersion or a failed precondition), `alreadyExists`, `testFailed`, `invalid`, `forbidden`, and those that
 * say nothing about the object: `throttled`, `unavailable`, `timeout`, `network`, `malformed`, `unauthorized`, `credentials`, `aborted`.
 */
export class ResourceClient<T extends KubeObject> {
  readonly descriptor: ResourceDescriptor;
  readonly #client: KubeClient;
  readonly #fieldManager: string;

  constructor(client: KubeClient, descriptor: ResourceDescriptor, fieldManager = 'vmss-identity-operator') {
    this.#client = client;
    this.descriptor = descriptor;
    this.#fieldManager = fieldManager;
  }

  async get(ref: ObjectRef, options: CallOptions = {}): Promise<Stored<T>> {
    const path = pathOf(this.descriptor, ref);
    return this.#object(path, await this.#client.call({ ...options, method: 'GET', path }));
  }

  /** One page. An answer that is no complete list is an error, never an empty list. */
  async list({ signal, timeoutMs, namespace, ...query }: ListOptions = {}): Promise<ListPage<Stored<T>>> {
    const path = pathOf(this.descriptor, { namespace });
    const answer = await this.#client.call({ method: 'GET', path, query, signal, timeoutMs });
    const metadata = isRecord(answer) ? answer['metadata'] : undefined;
    const items = isRecord(answer) ? answer['items'] : undefined;
    if (!isRecord(metadata) || !isNonEmpty(metadata['resourceVersion']) || !Array.isArray(items)) {
      throw new KubeError('malformed', `GET ${path}: the answer is not a list`);
    }
    const more = metadata['continue'];
    return {
      items: items.map((item: unknown) => this.#object(path, item)),
      resourceVersion: metadata['resourceVersion'],
      ...(isNonEmpty(more) ? { continue: more } : {}),
    };
  }

  /** Resolves when the server has accepted the watch; see {@link KubeClient.watch}. Bookmarks are asked for. */
  async watch({ namespace, signal, ...query }: WatchOptions): Promise<AsyncIterable<WatchEvent<Stored<T>>>> {
    const path = pathOf(this.descriptor, { namespace });
    const events = await this.#client.watch({
      path,
      query: { ...query, watch: true, allowWatchBookmarks: true },
      signal,
    });
    return this.#events(path, events);
  }

  async create(object: T, options: CallOptions = {}): Promise<Stored<T>> {
    const path = pathOf(this.descriptor, { namespace: object.metadata.namespace });
    return this.#write({ ...options, method: 'POST', path, body: this.#typed(object) });
  }

  /** Replaces the whole object, guarded by its resourceVersion (`invalid` without one, and nothing is sent). */
  async replace(object: T, options: PatchOptions = {}): Promise<Stored<T>> {
    const { subresource, ...call } = options;
    const { name, namespace, resourceVersion } = object.metadata;
    const path = pathOf(this.descriptor, { name, namespace, ...(subresource === undefined ? {} : { subresource }) });
    if (!isNonEmpty(resourceVersion)) throw new KubeError('invalid', `PUT ${path}: no resourceVersion`);
    return this.#write({ ...call, method: 'PUT', path, body: this.#typed(object) });
  }

  replaceStatus(object: T, options: CallOptions = {}): Promise<Stored<T>> {
    return this.replace(object, { ...options, subresource: 'status' });
  }

  /** `testFailed` when a `test` operation does not hold. */
  jsonPatch(ref: ObjectRef, patch: JsonPatch, options: PatchOptions = {}): Promise<Stored<T>> {
    return this.#patch(ref, 'application/json-patch+json', patch, options);
  }

  /** RFC 7386: lists are replaced whole. A `metadata.resourceVersion` in it guards it. */
  mergePatch(ref: ObjectRef, patch: Readonly<Record<string, unknown>>, options: PatchOptions = {}): Promise<Stored<T>> {
    return this.#patch(ref, 'application/merge-patch+json', patch, options);
  }

  /** Asks for the deletion; finalizers may still hold the object. `conflict` when a precondition does not hold. */
  async delete(ref: ObjectRef, { uid, resourceVersion, ...call }: DeleteOptions = {}): Promise<void> {
    const preconditions = {
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    };
    const path = pathOf(this.descriptor, ref);
    await this.#client.call({
      ...call,
      method: 'DELETE',
      path,
      body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions },
    });
  }

  async #patch(ref: ObjectRef, patchType: PatchType, body: unknown, options: PatchOptions): Promise<Stored<T>> {
    const { subresource, ...call } = options;
    const path = pathOf(this.descriptor, { ...ref, ...(subresource === undefined ? {} : { subresource }) });
    return this.#write({ ...call, method: 'PATCH', path, patchType, body });
  }

  async #write(request: KubeRequest): Promise<Stored<T>> {
    const answer = await this.#client.call({ ...request, query: { fieldManager: this.#fieldManager } });
    return this.#object(request.path, answer);
  }

  async *#events(path: string, events: AsyncIterable<unknown>): AsyncGenerator<WatchEvent<Stored<T>>, void> {
    for await (const event of events) {
      const { type, object } = isRecord(event) ? event : {};
      if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED')
        yield { type, object: this.#object(path, object) };
      else if (type === 'BOOKMARK') yield { type, resourceVersion: bookmarkVersion(path, object) };
      else if (type === 'ERROR') yield { type, error: errorFromWatchEvent(path, object) };
      else throw new KubeError('malformed', `WATCH ${path}: an event of an unknown type`);
    }
  }

  #typed(object: T): T {
    return { ...object, apiVersion: apiVersionOf(this.descriptor), kind: this.descriptor.kind };
  }

  /** The server's word for what is in an object is taken; that it is an object is not. Items of built-in lists lack their kind. */
  #object(path: string, value: unknown): Stored<T> {
    const metadata = isRecord(value) ? value['metadata'] : undefined;
    if (
      !isRecord(metadata) ||
      !isNonEmpty(metadata['name']) ||
      !isNonEmpty(metadata['uid']) ||
      !isNonEmpty(metadata['resourceVersion'])
    ) {
      throw new KubeError('malformed', `${path}: the answer has no complete object`);
    }
    return this.#typed(value as Stored<T>) as Stored<T>;
  }
}

const isNonEmpty = (value: unknown): value is string => typeof value === 'string' && value !== '';

const bookmarkVersion = (path: string, object: unknown): string => {
  const metadata = isRecord(object) ? object['metadata'] : undefined;
  const version = isRecord(metadata) ? metadata['resourceVersion'] : undefined;
  if (!isNonEmpty(version)) throw new KubeError('malformed', `WATCH ${path}: a bookmark without a resourceVersion`);
  return version;
};
