import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { LogLevelControl } from '../telemetry/logger.ts';
import { logLevelPage } from './log-level-page.ts';
import { methodNotAllowed, type Page, sendPage, text } from './page.ts';

/** A TCP address. Port 0 means any free port. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** The address cannot be listened on. */
class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly kind = 'listen';
  /** Node's: `EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`. */
  readonly code: string;

  constructor({ host, port }: ListenAddress, code: string) {
    const address = `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
    const why = {
      EADDRINUSE: 'another process has it',
      EACCES: 'it needs more rights',
      EADDRNOTAVAIL: 'no such address here',
    };
    super(`cannot listen on ${address}: ${Object.hasOwn(why, code) ? why[code as keyof typeof why] : code}`);
    this.code = code;
  }
}

/** One thing that must hold for readiness: true, or what is wrong, for people to read. */
export type HealthCheck = () => true | string;

/** What Prometheus reads; a prom-client registry is one. */
export interface MetricsSource {
  readonly contentType: string;
  metrics(): Promise<string>;
}

export interface HealthServerOptions {
  readonly listen: ListenAddress;
  /** By name. */
  readonly readiness: Readonly<Record<string, HealthCheck>>;
  readonly metrics: MetricsSource;
  /** What `/loglevel` shows and changes; absent: there is no such page. */
  readonly logLevel?: LogLevelControl | undefined;
}

/**
 * Serves, over plain HTTP:
 *
 * - `/healthz`: 200 as long as the event loop moves (an answer at all is the proof), whatever Azure or the API server do;
 * - `/readyz`: 200 when every check holds, else 503; one line for each check, in the form of Kubernetes' own components;
 * - `/metrics`: the metrics;
 * - `/loglevel`: see `log-level-page.ts`.
 */
export class HealthServer {
  readonly #options: HealthServerOptions;
  readonly #server: Server;

  constructor(options: HealthServerOptions) {
    this.#options = options;
    this.#server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, (request, response) => {
      this.#page(request).then(
        (page) => sendPage(response, page),
        () => sendPage(response, text(500, 'internal error\n')),
      );
    });
  }

  /** Resolves with the address once it is listened on; rejects with a {@link ListenError}. */
  async start(): Promise<ListenAddress> {
    const { listen } = this.#options;
    this.#server.listen(listen);
    try {
      await once(this.#server, 'listening');
    } catch (error) {
      throw new ListenError(listen, (error as NodeJS.ErrnoException).code ?? 'no code');
    }
    const bound = this.#server.address() as AddressInfo;
    return { host: bound.address, port: bound.port };
  }

  /** Resolves when the port is free again. Answers under way are cut off. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #page(request: IncomingMessage): Promise<Page> {
    const { readiness, metrics, logLevel } = this.#options;
    const [path = '/'] = (request.url ?? '/').split('?');
    if (path === '/loglevel' && logLevel !== undefined) return logLevelPage(request, logLevel);
    if (request.method !== 'GET' && request.method !== 'HEAD') return methodNotAllowed('GET, HEAD');
    switch (path) {
      case '/healthz':
        return text(200, 'ok\n');
      case '/readyz':
        return readyPage(readiness);
      case '/metrics':
        return { status: 200, contentType: metrics.contentType, body: await metrics.metrics() };
      default:
        return text(404, 'not found\n');
    }
  }
}

const readyPage = (checks: Readonly<Record<string, HealthCheck>>): Page => {
  const results = Object.entries(checks).map(([name, check]) => ({ name, result: check() }));
  const lines = results.map(({ name, result }) => (result === true ? `[+]${name} ok` : `[-]${name} failed: ${result}`));
  const ready = results.every(({ result }) => result === true);
  return text(ready ? 200 : 503, [...lines, ready ? 'ready' : 'not ready', ''].join('\n'));
};
