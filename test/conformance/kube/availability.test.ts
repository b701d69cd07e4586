import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { KubeClient } from '../../../src/kube/client.ts';
import { leaseDescriptor } from '../../../src/kube/lease.ts';
import { ResourceClient } from '../../../src/kube/resource-client.ts';
import { behindProxy, hurried } from './behind-proxy.ts';
import { clientFor, eventually, makeWidgets, sharedKubeconfig } from './widgets.ts';

let direct: KubeClient;
let kit: Awaited<ReturnType<typeof makeWidgets>>;
beforeAll(async () => {
  direct = clientFor(sharedKubeconfig());
  kit = await makeWidgets(direct);
  await kit.make('before');
});
afterAll(() => direct.close());

describe('an API server that is away', () => {
  it('is told of once, and once when it is back, and everything goes on', async () => {
    const { proxy, client, logger, start, holds, failures } = await behindProxy(kit, { clock: hurried });
    const told = () => logger.entries.filter(({ level }) => level !== 'debug');
    const leases = new ResourceClient(client, leaseDescriptor);
    let unanswered = 0;
    const ask = async (): Promise<void> => {
      const version = client.call({ method: 'GET', path: '/version' });
      const outcomes = await Promise.allSettled([version, leases.list({ namespace: kit.namespace })]);
      unanswered += outcomes.filter(({ status }) => status === 'rejected').length;
    };
    await start();
    await ask();

    await proxy.refuse();
    await eventually(async () => {
      await ask();
      return unanswered >= 100 && failures.length >= 10;
    });
    const { metadata } = await kit.make('meanwhile');
    expect(told()).toHaveLength(1);
    expect(holds('before')).toBe(true);

    await proxy.accept();
    await eventually(() => holds(metadata.name));
    await eventually(async () => {
      await ask();
      return told().length > 1;
    });
    expect(told().map(({ level, message }) => [level, message])).toEqual([
      ['warn', 'the API server does not answer; it is asked until it does'],
      ['info', 'the API server answers again'],
    ]);
  });
});
