import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Credential } from './certificates.ts';

/** Who asks, and whom it trusts. */
export interface TlsClient {
  readonly url: string;
  readonly caPem: string;
  readonly credential: Credential;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** One GET on a connection of its own. @throws Error when there is no answer or its certificate is not the authority's. */
export function get(client: TlsClient, path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      new URL(path, client.url),
      {
        agent: false,
        ca: client.caPem,
        cert: client.credential.certificatePem,
        key: client.credential.keyPem,
        timeout: 5_000,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
        });
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer within 5 s')));
    outgoing.on('error', reject);
    outgoing.end();
  });
}

/**
 * Waits until the apiserver says that it is ready and has made the namespaces that every cluster has, which it does
 * after it is ready.
 *
 * @param failure asked between two looks; what it returns ends the wait.
 * @throws Error that `failure` returned, or after `limitMs`, with the last answer.
 */
export async function waitUntilReady(
  client: TlsClient,
  failure: () => Error | undefined,
  limitMs: number,
): Promise<void> {
  const deadline = Date.now() + limitMs;
  for (const path of ['/readyz', '/api/v1/namespaces/default', '/api/v1/namespaces/kube-system']) {
    for (;;) {
      const shortcoming = await shortcomingOf(client, path);
      if (shortcoming === undefined) break;
      const failed = failure();
      if (failed !== undefined) throw failed;
      if (Date.now() > deadline) throw new Error(`${client.url}${path} was not there in time: ${shortcoming}`);
      await sleep(50);
    }
  }
}

/** What is wrong with the answer, or undefined when it is 200. */
async function shortcomingOf(client: TlsClient, path: string): Promise<string | undefined> {
  try {
    const { status, body } = await get(client, path);
    return status === 200 ? undefined : `HTTP ${status}: ${body}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
