import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

import type { Certificates } from './certificates.ts';
import type { Control } from './control/control.ts';
import { handleControl } from './control/routes.ts';
import { handleRequest } from './core.ts';
import type { Answer, Reply, SimulatorRequest, SimulatorResponse } from './http.ts';
import type { State } from './state.ts';

/** Poll links alone are 3 kB; Node's own limit of 16 kB for all headers together leaves too little room beside a token. */
const maxHeaderSize = 64 * 1024;

export interface ServerOptions {
  readonly state: State;
  readonly control: Control;
  readonly certificates: Certificates;
  /** 0: any free port. */
  readonly httpsPort: number;
  readonly httpPort: number;
  /** Added to every answer but those of `/_control`. */
  readonly latencyMs: number;
}

export interface RunningServers {
  readonly httpsUrl: string;
  readonly httpUrl: string;
  /** Ends open connections too, whatever hangs on them. */
  stop(): Promise<void>;
}

/** Binds the simulated Azure to 127.0.0.1: HTTPS, and plain HTTP, which alone has `/_control`. */
export async function startServers(options: ServerOptions): Promise<RunningServers> {
  const timers = new Set<NodeJS.Timeout>();
  const answering =
    (scheme: 'http' | 'https') =>
    (request: IncomingMessage, response: ServerResponse): void => {
      answer(options, scheme, request, response, timers).catch((error: unknown) => {
        response.destroy(error instanceof Error ? error : new Error(String(error)));
      });
    };
  const { privateKeyPem: key, certificatePem: cert } = options.certificates;
  const https = createHttpsServer({ key, cert, maxHeaderSize }, answering('https'));
  const http = createHttpServer({ maxHeaderSize }, answering('http'));
  const started: Server[] = [];
  const stop = async (): Promise<void> => {
    for (const timer of timers) clearTimeout(timer);
    await Promise.all(started.map(close));
  };
  try {
    const httpsUrl = `https://127.0.0.1:${String(await listen(https, options.httpsPort, started))}`;
    const httpUrl = `http://127.0.0.1:${String(await listen(http, options.httpPort, started))}`;
    return { httpsUrl, httpUrl, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function listen(server: Server, port: number, started: Server[]): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  started.push(server);
  return (server.address() as AddressInfo).port;
}

async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}

async function answer(
  options: ServerOptions,
  scheme: 'http' | 'https',
  incoming: IncomingMessage,
  response: ServerResponse,
  timers: Set<NodeJS.Timeout>,
): Promise<void> {
  const request = await readRequest(scheme, incoming);
  const later = (ms: number, act: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, ms);
    timers.add(timer);
  };
  const reply = scheme === 'http' ? handleControl(options.control, request) : undefined;
  if (reply !== undefined) {
    sendReply(response, reply);
    return;
  }
  const enact = (answered: Answer): void => {
    switch (answered.kind) {
      case 'response':
        send(response, answered);
        return;
      case 'reset':
        incoming.socket.resetAndDestroy();
        return;
      case 'hang':
        return;
      case 'delay':
        later(answered.ms, () => {
          enact(answered.answer(Date.now()));
        });
    }
  };
  const answered = handleRequest(options.state, request, Date.now());
  if (options.latencyMs > 0)
    later(options.latencyMs, () => {
      enact(answered);
    });
  else enact(answered);
}

async function readRequest(scheme: 'http' | 'https', incoming: IncomingMessage): Promise<SimulatorRequest> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) headers[name] = String(value);
  const hasBody = 'content-length' in headers || 'transfer-encoding' in headers;
  return {
    method: incoming.method ?? 'GET',
    url: `${scheme}://${incoming.headers.host ?? '127.0.0.1'}${incoming.url ?? '/'}`,
    headers,
    body: hasBody ? await readBody(incoming) : '',
  };
}

/** By events: an iterator over the stream would be the dearest part of a small request. */
function readBody(incoming: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      resolve(Buffer.concat(chunks).toString('utf8'));
    });
    incoming.on('error', reject);
  });
}

function sendReply(response: ServerResponse, { status, body }: Reply): void {
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  send(response, { status, headers, body: body === undefined ? '' : JSON.stringify(body) });
}

function send(response: ServerResponse, { status, headers, body }: Omit<SimulatorResponse, 'kind'>): void {
  const length = status === 204 ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  response.writeHead(status, { ...headers, ...length }).end(body);
}
