import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

import { afterEach, describe, expect, it } from 'vitest';

import { HealthServer } from '../../../src/runtime/health.ts';
import { logLevelPage } from '../../../src/runtime/log-level-page.ts';
import { type LogLevel, type LogLevelControl, logLevels } from '../../../src/telemetry/logger.ts';

const running: HealthServer[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
});

const serve = async ({ hasControl = true } = {}) => {
  let level: LogLevel = 'info';
  const control: LogLevelControl = { levels: logLevels, level: () => level, setLevel: (next) => void (level = next) };
  const server = new HealthServer({
    listen: { host: '127.0.0.1', port: 0 },
    readiness: {},
    metrics: { contentType: 'text/plain', metrics: () => Promise.resolve('') },
    ...(hasControl ? { logLevel: control } : {}),
  });
  running.push(server);
  const { port } = await server.start();
  const ask = async (method: string, body?: string) => {
    const sent = request({ host: '127.0.0.1', port, path: '/loglevel', method, agent: false });
    sent.end(body);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return { status: response.statusCode, body: await text(response), allow: response.headers.allow };
  };
  return { ask, level: () => level };
};

describe('/loglevel', () => {
  it('tells the level', async () => {
    const { ask } = await serve();
    expect(await ask('GET')).toMatchObject({ status: 200, body: 'info\n' });
  });

  it.each(['debug', 'debug\n'])('takes a new one with PUT: %j', async (body) => {
    const { ask, level } = await serve();
    expect(await ask('PUT', body)).toMatchObject({ status: 200, body: 'debug\n' });
    expect(level()).toBe('debug');
  });

  it.each(['verbose', '', 'DEBUG', '{"level":"debug"}'])(
    'says what a level is to one who asks for %j',
    async (body) => {
      const { ask, level } = await serve();
      expect(await ask('PUT', body)).toMatchObject({
        status: 400,
        body: `${JSON.stringify(body)} is no log level: expected one of error, warn, info, debug\n`,
      });
      expect(level()).toBe('info');
    },
  );

  it('reads no long body', async () => {
    const { ask, level } = await serve();
    expect(await ask('PUT', 'debug'.repeat(10_000))).toMatchObject({ status: 413 });
    expect(level()).toBe('info');
  });

  it.each(['POST', 'DELETE', 'OPTIONS'])('says which methods it takes to one who uses %s', async (method) => {
    const { ask } = await serve();
    expect(await ask(method)).toMatchObject({ status: 405, allow: 'GET, HEAD, PUT' });
  });

  it('is not there where there is nothing to change', async () => {
    const { ask } = await serve({ hasControl: false });
    expect(await ask('GET')).toMatchObject({ status: 404 });
  });
});

describe('who changes the level', () => {
  /** A request as the server of a pod sees it. */
  const from = (remoteAddress: string | undefined): IncomingMessage =>
    Object.assign(Readable.from([Buffer.from('debug')]), { method: 'PUT', socket: { remoteAddress } }) as never;
  const control: LogLevelControl = { levels: logLevels, level: () => 'info', setLevel: () => undefined };

  it.each(['127.0.0.1', '::1', '::ffff:127.0.0.1'])(
    'may be in the pod, or come by port-forward: %s',
    async (address) => {
      expect(await logLevelPage(from(address), control)).toMatchObject({ status: 200 });
    },
  );

  it.each(['10.244.0.7', '::ffff:10.244.0.7', 'fd00::7', undefined])('is not another pod: %s', async (address) => {
    expect(await logLevelPage(from(address), control)).toMatchObject({
      status: 403,
      body: expect.stringContaining('kubectl port-forward') as string,
    });
  });

  it('is not whoever comes by the proxy of a sidecar', async () => {
    expect(await logLevelPage(from('127.0.0.6'), control)).toMatchObject({ status: 403 });
  });
});
