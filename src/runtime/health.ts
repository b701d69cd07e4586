import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A TCP address. Port 0 means any free port. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
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
}

interface Page {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const text = (status: number, body: string): Page => ({ status, contentType: 'text/plain; charset=utf-8', body });

/**
 * Serves, over plain HTTP:
 *
 * - `/healthz`: 200 as long as the event loop moves (an answer at all is the proof), whatever Azure or the API server do;
 * - `/readyz`: 200 when every check holds, else 503; one line for each check, in the form of Kubernetes' own components;
 * - `/metrics`: the metrics.
 */
export class HealthServer {
  readonly #options: HealthServerOptions;
  readonly #server: Server;

  constructor(options: HealthServerOptions) {
    this.#options = options;
    this.#server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, (request, response) => {
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        send(response, text(405, 'method not allowed\n'));
        return;
      }
      const [path = '/'] = (request.url ?? '/').split('?');
      this.#page(path).then(
        (page) => send(response, page),
        () => send(response, text(500, 'internal error\n')),
      );
    });
  }

  /** Resolves with the address once it is listened on; rejects when it cannot be (a port that is taken). */
  async start(): Promise<ListenAddress> {
    this.#server.listen(this.#options.listen);
    await once(this.#server, 'listening');
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

  async #page(path: string): Promise<Page> {
    const { readiness, metrics } = this.#options;
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

const send = (response: ServerResponse, { status, contentType, body }: Page): void => {
  response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' });
  response.end(body);
};
