/**
 * A Kubernetes API server in memory, as strict as the real one in all that the operator asks of it: the suite in
 * `test/conformance/kube-api` holds both to the same answers. It has no sockets, and no time but the clock's.
 */
import type { Clock, Random } from '../../../src/runtime/clock.ts';
import { ApiFailure, internalError } from './api-status.ts';
import { ClientConnection, type ConnectionOptions } from './client-connection.ts';
import { type Change, ObjectStore, type StoreSnapshot } from './object-store.ts';
import { applyJsonPatch, applyMergePatch } from './patches.ts';
import { parseResourceVersion, readList, readOne } from './reads.ts';
import { failureReply, type Reply } from './reply.ts';
import { type ApiRequest, isTrue, parseRequest, refOf, type WireRequest } from './request.ts';
import type { Call } from './seam.ts';
import { Users } from './users.ts';
import { WatchSession, type WatchSpec } from './watch-session.ts';
import { Writes, type WriteTarget } from './writes.ts';

export interface MemoryApiServerOptions {
  readonly clock: Pick<Clock, 'now' | 'monotonicMs' | 'setTimer'>;
  readonly random: Pick<Random, 'uuid'>;
  /** The state to begin with, of this or another server; absent: the namespaces `default` and `kube-system`. */
  readonly from?: StoreSnapshot;
}

/** How long a watch lasts that names no time. */
const WATCH_SECONDS = 1800;

export class MemoryApiServer {
  /** What people and their tools do to the cluster. */
  readonly users: Users;
  readonly #clock: MemoryApiServerOptions['clock'];
  readonly #store: ObjectStore;
  readonly #writes: Writes;
  #requests = 0;

  constructor({ clock, random, from }: MemoryApiServerOptions) {
    this.#clock = clock;
    this.#store = new ObjectStore(from);
    this.#writes = new Writes({ store: this.#store, clock, random });
    this.users = new Users(this.#store, this.#writes, clock);
    if (from === undefined) for (const name of ['default', 'kube-system']) this.users.createNamespace(name);
  }

  /** For one incarnation of a client: the way that all of its requests go. */
  dispatcher(options: ConnectionOptions): ClientConnection {
    return new ClientConnection(
      {
        call: (client, wire, aborted) => this.#call(client, wire, aborted),
        watch: (spec, sink) => new WatchSession(this.#store, this.#clock, spec, sink),
      },
      options,
    );
  }

  /** Of the last write. */
  get revision(): number {
    return this.#store.revision;
  }

  /** Every write that changed something and is still kept, oldest first, with who wrote. */
  get changes(): readonly Change[] {
    return this.#store.changes;
  }

  /** Hears of each write as it is made. @returns what ends it */
  onChange(listener: (change: Change) => void): () => void {
    return this.#store.onChange(listener);
  }

  /** Forgets what happened before a revision (all of it, unless one is named): who asks for it is answered with 410. */
  compact(revision = this.#store.revision): void {
    this.#store.compact(revision);
  }

  /** All that is stored, as it is now; cheap, and good for any number of servers. */
  snapshot(): StoreSnapshot {
    return this.#store.snapshot();
  }

  #call(client: string, wire: WireRequest, aborted: () => boolean): Call {
    const parsed = answerOrFailure(() => parseRequest(wire));
    const request = parsed instanceof ApiFailure ? undefined : parsed;
    return {
      number: ++this.#requests,
      client,
      method: wire.method,
      path: wire.path,
      request,
      aborted,
      perform: ({ asOf } = {}) => {
        if (parsed instanceof ApiFailure) return failureReply(parsed);
        if (request === undefined) return { code: 404, body: '404 page not found\n' };
        const reply = answerOrFailure(() => this.#perform(client, request, asOf));
        return reply instanceof ApiFailure ? failureReply(reply) : reply;
      },
    };
  }

  #perform(by: string, request: ApiRequest, asOf: number | undefined): Reply {
    const { verb, kind, subresource, body } = request;
    const target: WriteTarget = { kind, ref: refOf(request), subresource, by };
    switch (verb) {
      case 'get':
        return { code: 200, body: readOne(this.#store, request, asOf) };
      case 'list':
        return { code: 200, body: readList(this.#store, request, asOf) };
      case 'watch':
        return { code: 200, watch: watchSpec(request) };
      case 'create':
        return { code: 201, body: this.#writes.create(target, body) };
      case 'update': {
        const { object, isNew } = this.#writes.update(target, body);
        return { code: isNew ? 201 : 200, body: object };
      }
      case 'patch': {
        const apply = request.patchType === 'application/merge-patch+json' ? applyMergePatch : applyJsonPatch;
        return { code: 200, body: this.#writes.patch(target, (current) => apply(current, body)) };
      }
      case 'delete': {
        const { left, uid } = this.#writes.delete(target, body);
        return { code: 200, body: left ?? deleted(request, uid) };
      }
    }
  }
}

const answerOrFailure = <T>(answer: () => T): T | ApiFailure => {
  try {
    return answer();
  } catch (error) {
    if (error instanceof ApiFailure) return error;
    // A fault of this server, which must not pass for one of the network.
    queueMicrotask(() => {
      throw error;
    });
    return internalError('the API server in memory is broken');
  }
};

const watchSpec = ({ kind, namespace, query }: ApiRequest): WatchSpec => ({
  kind,
  namespace,
  since: parseResourceVersion(query['resourceVersion'] ?? ''),
  timeoutSeconds: Number(query['timeoutSeconds'] ?? WATCH_SECONDS),
  bookmarks: isTrue(query['allowWatchBookmarks']),
});

const deleted = ({ kind, name }: ApiRequest, uid: string): object => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Success',
  details: { name, group: kind.group, kind: kind.plural, uid },
});
