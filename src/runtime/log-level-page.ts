import type { IncomingMessage } from 'node:http';

import type { LogLevelControl } from '../telemetry/logger.ts';
import { methodNotAllowed, type Page, text } from './page.ts';

/** Longer than any level. */
const longestBody = 64;

/**
 * `GET /loglevel` tells how much is logged, `PUT` changes it to the level in its body, until the process ends. It asks for
 * no credentials; so only who is in the pod may change it, or comes by `kubectl port-forward`, which needs the right to
 * `create pods/portforward`.
 */
export const logLevelPage = async (request: IncomingMessage, control: LogLevelControl): Promise<Page> => {
  if (request.method === 'GET' || request.method === 'HEAD') return text(200, `${control.level()}\n`);
  if (request.method !== 'PUT') return methodNotAllowed('GET, HEAD, PUT');
  if (!isLoopback(request.socket.remoteAddress)) {
    return text(403, 'the log level is changed from within the pod only: use kubectl port-forward\n');
  }
  const given = await bodyOf(request);
  const level = control.levels.find((each) => each === given?.trim());
  if (level === undefined) {
    const problem = given === undefined ? 'the body is too long' : `${JSON.stringify(given.trim())} is no log level`;
    return text(given === undefined ? 413 : 400, `${problem}: expected one of ${control.levels.join(', ')}\n`);
  }
  control.setLevel(level);
  return text(200, `${level}\n`);
};

/**
 * The addresses of a pod's own at which port-forward arrives, and no other of 127.0.0.0/8: a sidecar's proxy hands on from
 * 127.0.0.6 what comes from outside.
 */
const isLoopback = (address: string | undefined): boolean =>
  address === '127.0.0.1' || address === '::1' || address === '::ffff:127.0.0.1';

/** Undefined when it is too long. */
const bodyOf = async (request: IncomingMessage): Promise<string | undefined> => {
  const chunks: Buffer[] = [];
  // The request stays, to be answered.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    if (Buffer.concat(chunks).length > longestBody) return undefined;
  }
  return Buffer.concat(chunks).toString();
};
