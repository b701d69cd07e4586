import { afterEach, describe, expect, it } from 'vitest';

import { type HealthCheck, HealthServer, type MetricsSource } from '../../../src/runtime/health.ts';

const running: HealthServer[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
});

const noMetrics: MetricsSource = { contentType: 'text/plain', metrics: () => Promise.resolve('') };

const serve = async (readiness: Record<string, HealthCheck> = {}, metrics = noMetrics) => {
  const server = new HealthServer({ listen: { host: '127.0.0.1', port: 0 }, readiness, metrics });
  running.push(server);
  const { port } = await server.start();
  const get = async (path: string, method = 'GET') => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method });
    return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
  };
  return { server, port, get };
};

describe('/healthz', () => {
  it('is well whatever is not ready', async () => {
    const { get } = await serve({ caches: () => 'not synced' });
    expect(await get('/healthz')).toMatchObject({ status: 200, body: 'ok\n' });
  });
});

describe('/readyz', () => {
  it('is 200 when every check holds', async () => {
    const { get } = await serve({ bindings: () => true, policies: () => true });
    expect(await get('/readyz?verbose')).toMatchObject({
      status: 200,
      body: '[+]bindings ok\n[+]policies ok\nready\n',
    });
  });

  it('is 503 when one does not, and says which and why', async () => {
    const { get } = await serve({ bindings: () => true, policies: () => 'not synced yet' });
    expect(await get('/readyz')).toMatchObject({
      status: 503,
      body: '[+]bindings ok\n[-]policies failed: not synced yet\nnot ready\n',
    });
  });

  it('asks the checks each time', async () => {
    let ready: true | string = 'not yet';
    const { get } = await serve({ cache: () => ready });
    expect(await get('/readyz')).toMatchObject({ status: 503 });
    ready = true;
    expect(await get('/readyz')).toMatchObject({ status: 200 });
  });

  it('is not ready when a check throws', async () => {
    const { get } = await serve({
      cache: () => {
        throw new Error('broken');
      },
    });
    expect(await get('/readyz')).toMatchObject({ status: 500, body: 'internal error\n' });
  });
});

describe('/metrics', () => {
  it('serves the text of its source', async () => {
    const metrics = { contentType: 'text/plain; version=0.0.4', metrics: () => Promise.resolve('up 1\n') };
    const { get } = await serve({}, metrics);
    expect(await get('/metrics')).toEqual({ status: 200, type: 'text/plain; version=0.0.4', body: 'up 1\n' });
  });
});

describe('the server', () => {
  it('knows no other pages and no other methods', async () => {
    const { get } = await serve();
    expect(await get('/')).toMatchObject({ status: 404 });
    expect(await get('/healthz', 'POST')).toMatchObject({ status: 405 });
  });

  it('gives the port back when stopped, with connections open', async () => {
    const { server, port, get } = await serve();
    await get('/healthz');
    await server.stop();
    const next = new HealthServer({ listen: { host: '127.0.0.1', port }, readiness: {}, metrics: noMetrics });
    running.push(next);
    expect(await next.start()).toEqual({ host: '127.0.0.1', port });
  });

  it('may be stopped twice, and without having been started', async () => {
    const { server } = await serve();
    await server.stop();
    await server.stop();
    await new HealthServer({ listen: { host: '127.0.0.1', port: 0 }, readiness: {}, metrics: noMetrics }).stop();
  });

  it('fails to start on a port that is taken, and says so', async () => {
    const { port } = await serve();
    const second = new HealthServer({ listen: { host: '127.0.0.1', port }, readiness: {}, metrics: noMetrics });
    await expect(second.start()).rejects.toMatchObject({
      code: 'EADDRINUSE',
      message: `cannot listen on 127.0.0.1:${port}: another process has it`,
    });
  });
});
