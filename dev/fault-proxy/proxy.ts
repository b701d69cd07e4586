import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createServingPki } from '../control-plane/certificates.ts';
import { writeKubeconfig } from '../control-plane/kubeconfig.ts';
import { type ConnectionFigures, Connections } from './connections.ts';
import { answer, type Exchange, refuse } from './exchange.ts';
import { type Match, matches, type Rule, type StreamFault } from './fault.ts';
import { Listener } from './listener.ts';
import type { Relay } from './relay.ts';
import { headOf } from './request-head.ts';
import { type LoggedRequest, RequestLog } from './request-log.ts';
import { type Injected, Rules } from './rules.ts';
import { type Upstream, upstreamOf } from './upstream.ts';

export interface FaultProxyOptions {
  /** Of the API server behind the proxy. Requests are sent on as its user. */
  readonly kubeconfigPath: string;
  /** How many requests the log keeps: 10,000. */
  readonly logLimit?: number;
}

/** A proxy before a real API server that does to requests what networks and servers do to them on bad days. */
export interface FaultProxy {
  readonly url: string;
  /** For clients of the proxy, readable by this user alone, gone after `stop`. */
  readonly kubeconfigPath: string;
  /** What happens to requests that are yet to come. */
  inject(rule: Rule): Injected;
  /** Ends all rules. What has been struck stays so. */
  clear(): void;
  /** Strikes the answers under way that match. @returns how many those are */
  strike(match: Match, fault: StreamFault): number;
  /** As if the API server were away: open connections are reset, new ones refused. */
  refuse(): Promise<void>;
  /** Ends `refuse`, at the same address. */
  accept(): Promise<void>;
  /** The requests that came last, the oldest first. */
  readonly requests: readonly LoggedRequest[];
  /** How many connections clients have and had. */
  figures(): ConnectionFigures;
  /** Ends every connection. May be called more than once. */
  stop(): Promise<void>;
}

/** @throws KubeError of kind `credentials` when the kubeconfig cannot be used */
export async function startFaultProxy({ kubeconfigPath, logLimit = 10_000 }: FaultProxyOptions): Promise<FaultProxy> {
  const upstream = upstreamOf(kubeconfigPath);
  const { caPem, serving } = await createServingPki(new Date());
  // Whoever else is on this machine reaches the port too, and is not to have the rights of the kubeconfig.
  const token = randomUUID();
  const intake = new Intake(upstream, token, logLimit);
  const listener = new Listener(serving, intake.connections, (request, response) => intake.take(request, response));
  await listener.open();
  const folder = await mkdtemp(join(tmpdir(), 'vmss-identity-fault-proxy-'));
  const path = join(folder, 'kubeconfig');
  await writeKubeconfig(path, { url: listener.url, caPem, user: { type: 'token', token } });
  return {
    url: listener.url,
    kubeconfigPath: path,
    inject: (rule) => intake.rules.add(rule),
    clear: () => intake.rules.clear(),
    strike: (match, fault) => intake.strike(match, fault),
    refuse: () => listener.close(),
    accept: () => listener.open(),
    requests: intake.log.entries,
    figures: () => intake.connections.figures(),
    async stop() {
      intake.end();
      await listener.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Takes requests from the listener, and decides what happens to each. */
class Intake {
  readonly connections = new Connections();
  readonly rules = new Rules();
  readonly log: RequestLog;
  readonly #relays = new Set<Relay>();
  readonly #ending = new AbortController();
  readonly #upstream: Upstream;
  readonly #authorization: string;

  constructor(upstream: Upstream, token: string, logLimit: number) {
    this.#upstream = upstream;
    this.#authorization = `Bearer ${token}`;
    this.log = new RequestLog(logLimit);
  }

  take(request: IncomingMessage, response: ServerResponse): void {
    const head = headOf(request);
    const connection = this.connections.carrying(head.kind, request.socket);
    if (connection === undefined) return;
    const exchange: Exchange = {
      head,
      request,
      response,
      connection,
      entry: this.log.open(head, connection.id),
      upstream: this.#upstream,
      relays: this.#relays,
      signal: this.#ending.signal,
    };
    if (request.headers.authorization !== this.#authorization) refuse(exchange, { status: 401 });
    // No answer from behind the proxy is none from the proxy.
    else answer(exchange, this.rules.strike(head)).catch(() => connection.reset());
  }

  strike(match: Match, fault: StreamFault): number {
    const struck = [...this.#relays].filter(({ head }) => matches(match, head));
    for (const relay of struck) relay.strike(fault);
    return struck.length;
  }

  end(): void {
    this.#ending.abort();
  }
}
