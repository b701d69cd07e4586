/** How many connections are used, and that those which must get through have theirs: counted by the fault proxy. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { type FaultProxy, startFaultProxy } from '../../../dev/fault-proxy/index.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import { KubeLease, leaseDescriptor, type LeaseObject } from '../../../src/kube/lease.ts';
import { ResourceClient } from '../../../src/kube/resource-client.ts';
import { clientFor, eventually, makeWidgets, sharedKubeconfig, type Widget } from './widgets.ts';

let direct: KubeClient;
let kit: Awaited<ReturnType<typeof makeWidgets>>;
beforeAll(async () => {
  direct = clientFor(sharedKubeconfig());
  kit = await makeWidgets(direct);
  await kit.make('painted');
});
afterAll(() => direct.close());

let proxy: FaultProxy;
let client: KubeClient;
let widgets: ResourceClient<Widget>;
beforeEach(async () => {
  proxy = await startFaultProxy({ kubeconfigPath: sharedKubeconfig() });
  client = clientFor(proxy.kubeconfigPath);
  widgets = new ResourceClient<Widget>(client, kit.descriptor);
});
afterEach(async () => {
  await client.close();
  await proxy.stop();
});

const { signal } = new AbortController();
const paint = (painted: string): Promise<unknown> =>
  widgets.mergePatch({ name: 'painted', namespace: kit.namespace }, { status: { painted } }, { subresource: 'status' });

const lease = (name: string): KubeLease =>
  new KubeLease(new ResourceClient<LeaseObject>(client, leaseDescriptor), { namespace: kit.namespace, name });

/** Gets the lease, or renews it. */
/** Of calls. */
const MOST = 16;

const renew = async (store: KubeLease, renewedAt: number): Promise<number> => {
  const record = { holder: 'a', durationMs: 15_000, acquiredAt: 1_700_000_000_000, renewedAt, transitions: 0 };
  return (await store.write(record, await store.read(signal), signal)).renewedAt;
};

describe('1,000 calls', () => {
  it('use at most as many connections as there are workers, besides those of watches and of the Lease', async () => {
    const watching = new AbortController();
    const watched = widgets.watch({ resourceVersion: '0', timeoutSeconds: 60, signal: watching.signal });
    const other = widgets.watch({ resourceVersion: '0', timeoutSeconds: 60, signal: watching.signal });
    await Promise.all([watched, other, renew(lease('counted'), 1_700_000_000_000)]);
    await Promise.all(
      Array.from({ length: 1_000 }, (_, call) =>
        call % 10 === 0 ? paint(`coat ${call}`) : widgets.list({ limit: 1 }),
      ),
    );
    const { byKind, opened } = proxy.figures();
    expect(byKind.call.opened).toBeLessThanOrEqual(MOST);
    expect(byKind.watch.opened).toBe(2);
    expect(byKind.lease.opened).toBe(1);
    // No connection is used for two of the three.
    expect(opened).toBe(byKind.call.opened + byKind.watch.opened + byKind.lease.opened);
    expect(proxy.requests.filter(({ kind, status }) => kind === 'call' && status === 200)).toHaveLength(1_000);
    watching.abort();
  });

  it('one after the other use no more connections either', async () => {
    for (let call = 0; call < 1_000; call++) await client.call({ method: 'GET', path: '/version' });
    expect(proxy.figures().opened).toBeLessThanOrEqual(MOST);
  });
});

describe('a Lease', () => {
  it('is renewed while every connection for calls is half-open', async () => {
    const store = lease('renewed');
    await renew(store, 1_700_000_000_000);
    proxy.inject({ match: { kind: 'call' }, fault: { type: 'halfOpen' } });
    const flood = Promise.allSettled(Array.from({ length: 300 }, (_, coat) => paint(`coat ${coat}`)));
    await eventually(() => proxy.requests.filter(({ fault }) => fault === 'halfOpen').length === MOST);
    for (let renewal = 1; renewal <= 5; renewal++) {
      const renewedAt = 1_700_000_000_000 + renewal * 5_000;
      expect(await renew(store, renewedAt)).toBe(renewedAt);
    }
    // All that time the calls had got no further.
    expect(proxy.requests.filter(({ kind }) => kind === 'call')).toHaveLength(MOST);
    await client.close();
    expect((await flood).every(({ status }) => status === 'rejected')).toBe(true);
  });

  it('is renewed in front of the writes of a flood that were asked for earlier', async () => {
    const store = lease('flooded');
    await renew(store, 1_700_000_000_000);
    proxy.inject({ match: { kind: 'call' }, fault: { type: 'delay', ms: 20 } });
    const flood = Array.from({ length: 200 }, (_, coat) => paint(`coat ${coat}`));
    expect(await renew(store, 1_700_000_005_000)).toBe(1_700_000_005_000);
    const inFront = proxy.requests.filter(({ kind }) => kind === 'call').length;
    expect(inFront).toBeLessThan(flood.length / 2);
    await Promise.all(flood);
  });
});
