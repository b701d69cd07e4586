/**
 * The public hosts of Azure's clouds, all on this machine: a proxy takes every connection to any of them into the simulated
 * Azure, over TLS and under the host's own name. What asks for another host is refused, and told.
 */
import { webcrypto } from 'node:crypto';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, type Server } from 'node:net';

import { x509 } from '../../../dev/control-plane/x509.ts';
import { handleRequest } from '../../../dev/simulator/core.ts';
import type { State } from '../../../dev/simulator/state.ts';
import { trust } from './simulated-azure.ts';

export interface CloudHosts extends AsyncDisposable {
  /** For HTTPS_PROXY. */
  readonly proxyUrl: string;
  /** Hosts that connections were asked for, in order, once each. */
  readonly asked: ReadonlySet<string>;
  /** `GET host/path` of every request, in order. */
  readonly requests: readonly string[];
}

/** @param state of the simulated Azure behind the hosts, asked for with each request */
export async function startCloudHosts(hosts: readonly string[], state: () => State): Promise<CloudHosts> {
  const { certificatePem: cert, keyPem: key } = await certificateOf(hosts);
  trust(cert);
  const asked = new Set<string>();
  const requests: string[] = [];
  const azure = createHttpsServer({ cert, key, maxHeaderSize: 64 * 1024 }, (incoming, response) => {
    void textOf(incoming).then((body) => {
      const { host = '' } = incoming.headers;
      requests.push(`${incoming.method ?? ''} ${host}${(incoming.url ?? '').split('?')[0] ?? ''}`);
      const headers = Object.fromEntries(
        Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
      );
      const request = { method: incoming.method ?? '', url: `https://${host}${incoming.url ?? ''}`, headers, body };
      const answer = handleRequest(state(), request, Date.now());
      if (answer.kind === 'response') response.writeHead(answer.status, answer.headers).end(answer.body);
      else response.destroy();
    });
  });
  const proxy = createHttpServer().on('connect', (request, client, head: Buffer) => {
    const [host = '', port] = (request.url ?? '').split(':');
    asked.add(host);
    if (!hosts.includes(host) || port !== '443') {
      client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    const inner = connect((azure.address() as AddressInfo).port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      inner.write(head);
      inner.pipe(client).pipe(inner);
    });
    for (const socket of [client, inner]) socket.on('error', () => undefined);
    client.on('close', () => inner.destroy());
    inner.on('close', () => client.destroy());
  });
  await Promise.all([azure, proxy].map(listen));
  return {
    proxyUrl: `http://127.0.0.1:${String((proxy.address() as AddressInfo).port)}`,
    asked,
    requests,
    [Symbol.asyncDispose]: async () => {
      azure.closeAllConnections();
      await Promise.all([azure, proxy].map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

async function listen(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

async function certificateOf(hosts: readonly string[]): Promise<{ certificatePem: string; keyPem: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const day = 24 * 3_600_000;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=hosts of clouds',
    serialNumber: '01',
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - day),
    notAfter: new Date(Date.now() + day),
    extensions: [new x509.SubjectAlternativeNameExtension(hosts.map((value) => ({ type: 'dns', value })))],
  });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { certificatePem: certificate.toString('pem'), keyPem: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY') };
}
