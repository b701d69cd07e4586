/** The API server as people use it: whatever it does meanwhile, they try again until it has taken their change. */
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

import { Agent, request } from 'undici';

import { readCertificateAccess } from '../control-plane/kubeconfig.ts';

export interface KubeApi {
  /** Undefined where there is nothing. */
  get<T>(path: string): Promise<T | undefined>;
  list<T>(path: string): Promise<readonly T[]>;
  /** @throws Error when it exists already */
  create(path: string, object: unknown): Promise<void>;
  /**
   * Calls `heard` for every object there is, and for every change of one from then on, until `signal` aborts.
   * @throws Error when the API server refuses it
   */
  watch<T>(path: string, heard: (change: Change<T>) => void, signal: AbortSignal): Promise<void>;
  /** Server-side apply: what was applied before and is left out now goes away. */
  apply(path: string, object: unknown): Promise<void>;
  /** A JSON merge patch. */
  patch(path: string, change: unknown): Promise<void>;
  /** Asks for the deletion, and does not wait for it. */
  delete(path: string): Promise<void>;
  close(): Promise<void>;
}

export interface Change<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: T;
}

/** Besides the operators', so that a burst of changes is one. */
const CONNECTIONS = 16;
const REQUEST_MS = 15_000;
const BETWEEN_MS = 250;

/**
 * @param ending aborts what is being tried
 * @throws Error for what the server refuses
 */
export async function openKubeApi(kubeconfigPath: string, ending: AbortSignal): Promise<KubeApi> {
  const { origin, tls } = await readCertificateAccess(kubeconfigPath);
  const agent = new Agent({ connect: tls, connections: CONNECTIONS, allowH2: false });

  const once = async (method: Method, path: string, body?: unknown, contentType = ''): Promise<Answer> => {
    const reply = await request(`${origin}${path}`, {
      method,
      dispatcher: agent,
      signal: AbortSignal.any([ending, AbortSignal.timeout(REQUEST_MS)]),
      headers: body === undefined ? {} : { 'content-type': contentType },
      body: body === undefined ? null : JSON.stringify(body),
    });
    return { status: reply.statusCode, text: await reply.body.text() };
  };
  const send = async (method: Method, path: string, body?: unknown, contentType?: string): Promise<unknown> => {
    for (;;) {
      ending.throwIfAborted();
      const { status, text } = await once(method, path, body, contentType).catch(noAnswer);
      if (status === 404 && method !== 'PATCH') return undefined;
      if (status >= 200 && status < 300) return JSON.parse(text) as unknown;
      if (!isPassing(status)) throw new Error(`${method} ${path}: ${String(status)} ${text}`);
      await pause(BETWEEN_MS);
    }
  };
  return {
    get: async <T>(path: string) => (await send('GET', path)) as T | undefined,
    list: async <T>(path: string) => ((await send('GET', path)) as { readonly items: readonly T[] }).items,
    async create(path, object) {
      await send('POST', path, object, 'application/json');
    },
    async watch(path, heard, signal) {
      // The API server ends a watch when it likes, and a new one begins with everything again.
      while (!signal.aborted) {
        // For minutes there may be nothing to tell.
        const reply = await request(`${origin}${path}?watch=true`, { dispatcher: agent, signal, bodyTimeout: 0 });
        if (isPassing(reply.statusCode)) {
          await reply.body.dump();
          await pause(BETWEEN_MS, undefined, { signal });
          continue;
        }
        if (reply.statusCode !== 200) throw new Error(`watch ${path}: ${await reply.body.text()}`);
        for await (const line of createInterface({ input: reply.body })) heard(JSON.parse(line) as Change<never>);
      }
    },
    async apply(path, object) {
      await send('PATCH', `${path}?fieldManager=people&force=true`, object, 'application/apply-patch+yaml');
    },
    async patch(path, change) {
      await send('PATCH', path, change, 'application/merge-patch+json');
    },
    async delete(path) {
      await send('DELETE', path);
    },
    async close() {
      await agent.close();
    },
  };
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Nobody knows whether it came to anything; all that is sent here may be sent twice. */
function noAnswer(): Answer {
  return { status: 0, text: '' };
}

/** A server that has just been started also refuses what it does not know of yet: 401, 403, and 409 for a while. */
function isPassing(status: number): boolean {
  return status === 0 || status >= 500 || [401, 403, 409, 429].includes(status);
}
