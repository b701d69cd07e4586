import { stat } from 'node:fs/promises';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { type FaultProxy, startFaultProxy } from '../../../dev/fault-proxy/index.ts';
import { KubeClient } from '../../../src/kube/client.ts';
import { loadKubeConnection } from '../../../src/kube/kubeconfig.ts';
import { realClock, realRandom } from '../../../src/runtime/clock.ts';
import { clientFor, eventually, kindOf, sharedKubeconfig } from '../kube/widgets.ts';

let proxy: FaultProxy;
let client: KubeClient;
beforeEach(async () => {
  proxy = await startFaultProxy({ kubeconfigPath: sharedKubeconfig() });
  client = clientFor(proxy.kubeconfigPath, 2_000);
});
afterEach(async () => {
  await client.close();
  await proxy.stop();
});

const version = () => client.call({ method: 'GET', path: '/version' });
const namespaces = () => client.call({ method: 'GET', path: '/api/v1/namespaces' });
const lease = () => client.call({ method: 'GET', path: '/apis/coordination.k8s.io/v1/leases' });
const configMaps = '/api/v1/namespaces/default/configmaps';
const makeConfigMap = (name: string, timeoutMs?: number) =>
  client.call({ method: 'POST', path: configMaps, body: { metadata: { name } }, timeoutMs });
const exists = async (name: string): Promise<boolean> =>
  (await kindOf(client.call({ method: 'GET', path: `${configMaps}/${name}` }))) === 'none';
const uniqueName = (): string => `fault-proxy-${realRandom.uuid()}`;

/** Watches config maps from now on; the events come as they are. */
const watch = async () => {
  const ending = new AbortController();
  const events: unknown[] = [];
  const stream = await client.watch({ path: configMaps, query: { watch: true }, signal: ending.signal });
  const ended = (async () => {
    for await (const event of stream) events.push(event);
  })();
  ended.catch(() => undefined);
  return { events, ended, end: () => ending.abort() };
};

describe('the fault proxy', () => {
  it('passes everything on as the user of its kubeconfig', async () => {
    expect(await version()).toHaveProperty('gitVersion');
    const review = { method: 'POST', path: '/apis/authentication.k8s.io/v1/selfsubjectreviews', body: {} } as const;
    expect(await client.call(review)).toMatchObject({ status: { userInfo: { username: 'admin' } } });
  });

  it('lets nobody in who has only found its port', async () => {
    const { tls } = await loadKubeConnection({ kind: 'kubeconfig', path: proxy.kubeconfigPath }).authenticate();
    const authenticate = () => Promise.resolve({ headers: {}, tls });
    const stranger = new KubeClient({
      connection: { server: proxy.url, authenticate, forgetCredentials: () => undefined },
      clock: realClock,
    });
    expect(await kindOf(stranger.call({ method: 'GET', path: '/version' }))).toBe('unauthorized');
    await stranger.close();
  });

  it('keeps its kubeconfig to this user, and takes it away at the end', async () => {
    expect((await stat(proxy.kubeconfigPath)).mode & 0o777).toBe(0o600);
    await proxy.stop();
    await expect(stat(proxy.kubeconfigPath)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('logs each request and what became of it', async () => {
    proxy.inject({ match: { path: /namespaces$/ }, fault: { type: 'status', status: 500 } });
    await version();
    await kindOf(namespaces());
    expect(proxy.requests).toMatchObject([
      { sequence: 1, kind: 'call', method: 'GET', path: '/version', status: 200, fault: undefined },
      { sequence: 2, kind: 'call', method: 'GET', path: '/api/v1/namespaces', status: 500, fault: 'status' },
    ]);
  });

  it('counts connections by what they are used for', async () => {
    await Promise.all([version(), version(), lease()]);
    const { end } = await watch();
    const { byKind } = proxy.figures();
    expect(byKind).toEqual({
      call: { open: 2, opened: 2 },
      lease: { open: 1, opened: 1 },
      watch: { open: 1, opened: 1 },
    });
    end();
    await eventually(() => proxy.figures().byKind.watch.open === 0);
    expect(proxy.figures().byKind.watch.opened).toBe(1);
  });

  it('is away and comes back at the same address', async () => {
    await version();
    await proxy.refuse();
    expect(await kindOf(version())).toBe('network');
    expect(proxy.figures().open).toBe(0);
    await proxy.accept();
    expect(await kindOf(version())).toBe('none');
  });
});

describe('a rule', () => {
  it('strikes as often as it says', async () => {
    const rule = proxy.inject({ fault: { type: 'status', status: 503 }, times: 2 });
    const kinds = [await kindOf(version()), await kindOf(version()), await kindOf(version())];
    expect(kinds).toEqual(['unavailable', 'unavailable', 'none']);
    expect(rule.struck()).toBe(2);
  });

  it('strikes what it matches, until it is cleared', async () => {
    const rule = proxy.inject({ match: { kind: 'lease', method: 'GET' }, fault: { type: 'status', status: 500 } });
    expect([await kindOf(lease()), await kindOf(version())]).toEqual(['unavailable', 'none']);
    rule.clear();
    expect(await kindOf(lease())).toBe('none');
  });
});

describe('a fault', () => {
  it.each([
    { fault: { type: 'reset' }, kind: 'network' },
    { fault: { type: 'halfOpen' }, kind: 'timeout' },
    { fault: { type: 'delay', ms: 60_000 }, kind: 'timeout' },
    { fault: { type: 'delay', ms: 1 }, kind: 'none' },
    { fault: { type: 'status', status: 401 }, kind: 'unauthorized' },
    { fault: { type: 'status', status: 410 }, kind: 'gone' },
    { fault: { type: 'status', status: 429, retryAfterSeconds: 1 }, kind: 'throttled' },
    { fault: { type: 'truncate' }, kind: 'network' },
  ] as const)('$fault ends a call with: $kind', async ({ fault, kind }) => {
    proxy.inject({ fault });
    expect(await kindOf(namespaces())).toBe(kind);
  });

  it.each([
    { type: 'reset', applied: true },
    { type: 'halfOpen', applied: true },
    { type: 'status', status: 500, applied: true },
  ] as const)('$type can come after the request took effect', async (fault) => {
    const name = uniqueName();
    proxy.inject({ match: { method: 'POST' }, fault });
    expect(await kindOf(makeConfigMap(name, 1_000))).not.toBe('none');
    await eventually(() => exists(name));
  });

  it('without effect keeps the request from the API server', async () => {
    const name = uniqueName();
    proxy.inject({ match: { method: 'POST' }, fault: { type: 'reset' } });
    expect(await kindOf(makeConfigMap(name))).toBe('network');
    expect(await exists(name)).toBe(false);
  });
});

describe('a watch under way', () => {
  it('can be reset', async () => {
    const { ended } = await watch();
    expect(proxy.strike({ kind: 'watch' }, { type: 'reset' })).toBe(1);
    expect(await kindOf(ended)).toBe('network');
  });

  it('can go half-open: the connection stays, and nothing more comes', async () => {
    const struck = await watch();
    expect(proxy.strike({ kind: 'watch' }, { type: 'halfOpen' })).toBe(1);
    const witness = await watch();
    const name = uniqueName();
    const has = (events: readonly unknown[]): boolean => JSON.stringify(events).includes(name);
    await makeConfigMap(name);
    await eventually(() => has(witness.events));
    expect(has(struck.events)).toBe(false);
    expect(proxy.figures().byKind.watch.open).toBe(2);
    for (const { end } of [struck, witness]) end();
  });

  it('can end with an ERROR event', async () => {
    const { events, ended } = await watch();
    proxy.strike({ kind: 'watch' }, { type: 'errorEvent', status: 410 });
    await ended;
    expect(events.at(-1)).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });
  });

  it.each([{ orderly: false }, { orderly: true }])('can break off within a line, $orderly', async (how) => {
    const { ended } = await watch();
    proxy.strike({ kind: 'watch' }, { type: 'truncate', ...how });
    await makeConfigMap(uniqueName());
    expect(await kindOf(ended)).toBe('network');
  });

  it('can be one that the server ends soon', async () => {
    proxy.inject({ match: { kind: 'watch' }, fault: { type: 'shorten', seconds: 1 } });
    const { ended } = await watch();
    expect(await kindOf(ended)).toBe('none');
  });
});
