/** A server over HTTPS that answers as a test says, the operator's port to it, and a second server that must not be asked. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from 'node:net';

import { createDefaultHttpClient } from '@azure/core-rest-pipeline';

import { type Certificates, createCertificates } from '../../../dev/simulator/certificates.ts';
import { type AzurePortOptions, createAzurePort } from '../../../src/azure/port.ts';
import type { AzurePort, Failure, Result } from '../../../src/reconcile/azure-port.ts';
import { realClock, realRandom } from '../../../src/runtime/clock.ts';
import { type ManualClock, manualClock } from '../../unit/azure/manual-clock.ts';
import { SCOPE } from './names.ts';
import { NEVER, scaleSet, trust } from './simulated-azure.ts';

export const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

/** The token that must not get anywhere but to the server itself. */
export const TOKEN = 'the-token-of-the-operator';

export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

export interface OddServer extends AsyncDisposable {
  readonly url: string;
  /** What the next requests are answered. */
  answer: Answer;
  /** What becomes of the next connections: `stall` takes them and says nothing, not even of TLS; `hold` until `letGo`. */
  connections: 'forward' | 'stall' | 'hold' | 'reset';
  /** Goes on with the connections that were held, as if nothing had been. */
  letGo(): void;
  readonly requests: readonly IncomingMessage[];
  /** How many connections were made. */
  readonly made: number;
  /** How many of those stand that were made after so many others. */
  open(after: number): number;
}

async function startOddServer(certificates: Certificates): Promise<OddServer> {
  const requests: IncomingMessage[] = [];
  const sockets = new Map<Socket, number>();
  let made = 0;
  const https = createHttpsServer(
    { cert: certificates.certificatePem, key: certificates.privateKeyPem },
    (request, response) => {
      requests.push(request);
      response.on('error', () => undefined);
      server.answer(response, request);
    },
  );
  // In front of TLS, so that a connection can also end or stall before it.
  const front = createTcpServer((socket) => {
    made += 1;
    sockets.set(socket, made);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    if (server.connections === 'reset') socket.resetAndDestroy();
    // What is said to it is not read for its meaning, but for its end.
    if (server.connections === 'stall') socket.resume();
    if (server.connections === 'hold') held.push(socket);
    if (server.connections === 'forward') forward(socket);
  });
  const held: Socket[] = [];
  const forward = (socket: Socket): void => {
    const inner = connect((https.address() as AddressInfo).port, '127.0.0.1');
    inner.on('error', () => socket.destroy()).on('close', () => socket.resetAndDestroy());
    socket.on('close', () => inner.destroy());
    socket.pipe(inner).pipe(socket);
  };
  await Promise.all([listen(https), listen(front)]);
  const server: OddServer = {
    url: `https://127.0.0.1:${String((front.address() as AddressInfo).port)}`,
    answer: (response) => response.writeHead(500).end(),
    connections: 'forward',
    letGo: () => {
      for (const socket of held.splice(0)) forward(socket);
    },
    requests,
    get made() {
      return made;
    },
    open: (after) => [...sockets.values()].filter((number) => number > after).length,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets.keys()) socket.destroy();
      https.closeAllConnections();
      await Promise.all([front, https].map((each) => new Promise((resolve) => each.close(resolve))));
    },
  };
  return server;
}

async function listen(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}

export interface OddWorld extends AsyncDisposable {
  /** Where the operator believes ARM to be. */
  readonly azure: OddServer;
  /** Another server, with a certificate that is trusted just as well. */
  readonly elsewhere: OddServer;
  /** Time limits pass by this clock alone, so that no test waits for one. */
  readonly clock: ManualClock;
  /** A port with connections of its own. */
  port(options?: Partial<AzurePortOptions>): AzurePort;
}

export async function startOddWorld(): Promise<OddWorld> {
  const certificates = createCertificates(new Date());
  trust(certificates.caPem);
  const [azure, elsewhere] = await Promise.all([startOddServer(certificates), startOddServer(certificates)]);
  const clock = manualClock(realClock.now());
  return {
    azure,
    elsewhere,
    clock,
    port: (options = {}) =>
      createAzurePort({
        endpoint: azure.url,
        scope: SCOPE,
        apiVersion: '2024-11-01',
        credential: { getToken: () => Promise.resolve({ token: TOKEN, expiresOnTimestamp: Infinity }) },
        httpClient: createDefaultHttpClient(),
        clock,
        random: realRandom,
        ...options,
      }),
    [Symbol.asyncDispose]: async () => {
      await azure[Symbol.asyncDispose]();
      await elsewhere[Symbol.asyncDispose]();
    },
  };
}

/** A scale set as GET answers it. */
export const WEB = JSON.stringify({
  id: scaleSet('web').resourceId,
  name: 'web',
  properties: { provisioningState: 'Succeeded' },
});

export const well: Answer = (response) => response.writeHead(200, JSON_TYPE).end(WEB);

/** Writes bytes to the connection past Node's own idea of a response. */
export function raw(...parts: readonly (string | Buffer)[]): Answer {
  return ({ socket }) => {
    for (const part of parts) socket?.write(part);
  };
}

/** The two sorts of requests: one that only reads, and one whose effect must not be guessed. */
export const requests = {
  read: (port: AzurePort) => port.getScaleSet(scaleSet('web'), NEVER),
  write: (port: AzurePort) => port.patchIdentity(scaleSet('web'), { type: 'None' }, '"1"', NEVER),
} as const satisfies Readonly<Record<string, (port: AzurePort) => Promise<Result<unknown>>>>;

/** The failure of a result that is expected to be one. */
export function failureOf(result: Result<unknown>): Failure {
  if (result.ok) throw new Error('it did not fail');
  return result.failure;
}
