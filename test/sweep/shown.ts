/** What one incarnation has been shown of bindings and policies, in whatever answer or event: what it can know. */
import { Dispatcher } from 'undici';

import { BINDING, POLICY } from '../../src/api/types.ts';
import { type ApiObject, isObject, type JsonObject, keyOfObject, objectAt } from './kube/api-object.ts';
import { collectionOf } from './kube/served-kind.ts';

/** An object as it was shown last, or that it was not there; as of a revision. */
export interface Sight {
  readonly revision: number;
  readonly object: ApiObject | undefined;
}

/** What a process knew when a pass over a scale set began, which is when a pass gathers all that it goes by. */
export interface Known {
  /** Of the store, when the process started. */
  readonly startedAt: number;
  /** Of the store, when the pass began. */
  readonly revision: number;
  /** By collection and key; what is not in here was never shown. */
  readonly sights: ReadonlyMap<string, Sight>;
}

export const sightKey = (collection: string, key: string): string => `${collection} ${key}`;

const SHOWN = [BINDING, POLICY];

export class Shown {
  readonly #revision: () => number;
  readonly #startedAt: number;
  readonly #sights = new Map<string, Sight>();
  /** By the scale set's id in lower case. */
  readonly #passes = new Map<string, Known>();
  /** What the pages of a list have shown so far. */
  readonly #listed = new Map<string, Set<string>>();

  /** @param revision of the store, now */
  constructor(revision: () => number) {
    this.#revision = revision;
    this.#startedAt = revision();
  }

  /** A pass gathers what it goes by, once. */
  passBegins(scaleSet: string): void {
    this.#passes.set(scaleSet, this.#now());
  }

  /** What the running pass over a scale set goes by, or who asks for one without a pass. */
  knownOf(scaleSet: string): Known {
    return this.#passes.get(scaleSet.toLowerCase()) ?? this.#now();
  }

  /** What is known now, whatever is shown later. */
  asOfNow(): Pick<Shown, 'knownOf'> {
    const [passes, now] = [new Map(this.#passes), this.#now()];
    return { knownOf: (scaleSet) => passes.get(scaleSet.toLowerCase()) ?? now };
  }

  /** The same connection, with an ear on what comes over it. */
  through(connection: Dispatcher): Dispatcher {
    return new Overheard(connection, (path, code, text) => this.#note(path, code, text));
  }

  #now(): Known {
    return { startedAt: this.#startedAt, revision: this.#revision(), sights: new Map(this.#sights) };
  }

  #note(path: string, code: number, text: string): void {
    const kind = SHOWN.find(({ plural }) => path.includes(`/${plural}`));
    if (kind === undefined || code >= 400) return;
    const collection = collectionOf(kind);
    for (const line of text.split('\n').filter((each) => each !== '')) {
      const told = JSON.parse(line) as JsonObject;
      if (Array.isArray(told['items'])) this.#noteList(collection, path, told);
      else if (isObject(told['object'])) this.#noteEvent(collection, told);
      else if (told['kind'] === kind.kind) this.#see(collection, told as ApiObject, true);
    }
  }

  #noteList(collection: string, path: string, list: JsonObject): void {
    const items = list['items'] as readonly ApiObject[];
    if (!path.includes('continue=')) this.#listed.set(collection, new Set());
    const listed = this.#listed.get(collection) ?? new Set();
    for (const object of items) {
      listed.add(sightKey(collection, keyOfObject(object)));
      this.#see(collection, object, true);
    }
    const { resourceVersion, continue: more = '' } = objectAt(list, 'metadata');
    if (more !== '' || path.includes('/namespaces/')) return;
    for (const name of [...this.#sights.keys()].filter((key) => key.startsWith(`${collection} `))) {
      if (!listed.has(name)) this.#put(name, { revision: Number(resourceVersion), object: undefined });
    }
  }

  #noteEvent(collection: string, { type, object }: JsonObject): void {
    if (type === 'BOOKMARK' || type === 'ERROR') return;
    this.#see(collection, object as ApiObject, type !== 'DELETED');
  }

  #see(collection: string, object: ApiObject, exists: boolean): void {
    const revision = Number(object.metadata.resourceVersion);
    this.#put(sightKey(collection, keyOfObject(object)), { revision, object: exists ? object : undefined });
  }

  /** What is older than what was seen already changes nothing. */
  #put(name: string, sight: Sight): void {
    if ((this.#sights.get(name)?.revision ?? 0) <= sight.revision) this.#sights.set(name, sight);
  }
}

class Overheard extends Dispatcher {
  readonly #connection: Dispatcher;
  readonly #hear: (path: string, code: number, text: string) => void;

  constructor(connection: Dispatcher, hear: (path: string, code: number, text: string) => void) {
    super();
    this.#connection = connection;
    this.#hear = hear;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    let code = 0;
    return this.#connection.dispatch(options, {
      onRequestStart: (...args) => handler.onRequestStart?.(...args),
      onRequestUpgrade: (...args) => handler.onRequestUpgrade?.(...args),
      onResponseStart: (controller, status, ...args) => {
        code = status;
        handler.onResponseStart?.(controller, status, ...args);
      },
      onResponseData: (controller, chunk) => {
        this.#hear(options.path, code, chunk.toString());
        handler.onResponseData?.(controller, chunk);
      },
      onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
      onResponseError: (...args) => handler.onResponseError?.(...args),
    });
  }
}
