/** Requests over HTTP/1.1, on connections that are kept open between them. */
import { Agent as HttpAgent, type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest, type RequestOptions } from 'node:https';
import { finished } from 'node:stream';
import { type ConnectionOptions, createSecureContext } from 'node:tls';

import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { SocksProxyAgent } from 'socks-proxy-agent';

import type { TlsOptions } from './connection.ts';
import type { Answer, Dispatcher, HttpRequest } from './http.ts';

/** Where requests go, and how its certificate is judged. */
export interface Route {
  /** Its scheme tells whether connections are secure. */
  readonly server: URL;
  /** What {@link securityOf} made of the server's. */
  readonly security: Security;
  /** `http://`, `https://` or `socks5://` address of a proxy. */
  readonly proxyUrl: string | undefined;
}

/** Parsed certificates, which all connections of a route share. */
export type Security = Pick<ConnectionOptions, 'secureContext' | 'servername' | 'rejectUnauthorized'>;

/** Load balancers forget silent connections, often after 60 s; 30 s is client-go's choice too. */
const KEEP_ALIVE_MS = 30_000;

/** @throws Error when a certificate or a key cannot be read */
export function securityOf({ protocol }: URL, { servername, rejectUnauthorized, ...pems }: TlsOptions): Security {
  if (protocol !== 'https:') return {};
  return {
    secureContext: createSecureContext(pems),
    ...(servername === undefined ? {} : { servername }),
    ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
  };
}

/** One request at a time on each connection; what finds none free waits for its turn, in the order of asking. */
export class Connections implements Dispatcher {
  readonly #agent: HttpAgent;
  readonly #options: RequestOptions & Security;
  readonly #send: typeof httpsRequest;
  readonly #underWay = new Set<ClientRequest>();

  /** @param most at once */
  constructor(route: Route, most: number) {
    const { server, security } = route;
    this.#agent = agentOf(route, most);
    this.#options = { ...security, agent: this.#agent };
    this.#send = server.protocol === 'https:' ? httpsRequest : httpRequest;
  }

  /** Its time limits are the client's own, on its clock. */
  request({ origin, path, method, headers, body, signal }: HttpRequest): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const request = this.#send(origin + path, {
        ...this.#options,
        method,
        headers: withLength(headers, body),
        signal,
      });
      this.#underWay.add(request);
      request.on('close', () => this.#underWay.delete(request));
      request.on('response', (response) => resolve(answerOf(response)));
      // What comes after the answer ends its body as well.
      request.on('error', reject);
      request.end(body ?? undefined);
    });
  }

  /** Takes no more connections into stock. Requests under way, and those that wait, keep theirs until they end. */
  retire(): void {
    this.#agent.maxFreeSockets = 0;
    for (const socket of Object.values(this.#agent.freeSockets).flat()) socket?.destroy();
  }

  /** Ends everything at once. Resolves when the connections of all requests are closed. */
  async end(): Promise<void> {
    const ended = [...this.#underWay].map((request) => new Promise((resolve) => request.once('close', resolve)));
    // One by one: for those that wait the agent would make new connections when it loses the old ones.
    for (const request of this.#underWay) request.destroy(Object.assign(new Error('closed'), { code: 'ECONNABORTED' }));
    this.#agent.destroy();
    await Promise.all(ended);
  }
}

function agentOf({ server, proxyUrl }: Route, maxSockets: number): HttpAgent {
  const isSecure = server.protocol === 'https:';
  const options = { keepAlive: true, keepAliveMsecs: KEEP_ALIVE_MS, timeout: KEEP_ALIVE_MS, maxSockets };
  if (proxyUrl === undefined) return isSecure ? new HttpsAgent(options) : new HttpAgent(options);
  if (proxyUrl.startsWith('socks')) return new SocksProxyAgent(proxyUrl, options);
  return isSecure ? new HttpsProxyAgent(proxyUrl, options) : new HttpProxyAgent(proxyUrl, options);
}

/** Node tells the length of some methods' bodies only, and sends none with the others. */
function withLength(headers: HttpRequest['headers'], body: string | null): HttpRequest['headers'] {
  return body === null ? headers : { ...headers, 'content-length': String(Buffer.byteLength(body)) };
}

function answerOf(response: IncomingMessage): Answer {
  const { statusCode = 0, headers } = response;
  const body = Object.assign(response, { text: () => textOf(response) });
  return { statusCode, headers, body };
}

/** Rejects when the body breaks off. */
function textOf(response: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    finished(response, (error) => {
      if (error) reject(error);
      else resolve(Buffer.concat(chunks).toString());
    });
  });
}
