/**
 * The ten ways in which the informer of @kubernetes/client-node 2.0.1 dies, goes blind or tells what is not so, each
 * happening to the reflector, between it and a real API server.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { KubeClient } from '../../../src/kube/client.ts';
import { KubeError } from '../../../src/kube/errors.ts';
import { isOlderVersion } from '../../../src/kube/resource-version.ts';
import { realRandom } from '../../../src/runtime/clock.ts';
import { behindProxy } from './behind-proxy.ts';
import { clientFor, eventually, makeWidgets, sharedKubeconfig } from './widgets.ts';

let direct: KubeClient;
let kit: Awaited<ReturnType<typeof makeWidgets>>;
beforeAll(async () => {
  direct = clientFor(sharedKubeconfig());
  kit = await makeWidgets(direct);
  await kit.make('old');
});
afterAll(() => direct.close());

/** Makes an object of a new name. */
const makeAnother = async (): Promise<string> =>
  (await kit.make(`another-${realRandom.uuid().slice(0, 8)}`)).metadata.name;

const watch = { kind: 'watch' } as const;
const list = { kind: 'call', method: 'GET' } as const;

describe('fault 1: a watch gets HTTP 500', () => {
  it('and is opened again, as often as it takes, without losing anything', async () => {
    const { proxy, reflector, start, heard, holds, failures } = await behindProxy(kit);
    const refusal = proxy.inject({ match: watch, fault: { type: 'status', status: 500 }, times: 5 });
    reflector.start();
    await eventually(() => refusal.struck() === 5);
    const name = await makeAnother();
    await start();
    await eventually(() => holds(name));
    expect(failures).toEqual(Array(5).fill('unavailable'));
    expect(heard.filter((line) => line.startsWith('deleted'))).toEqual([]);
    expect(holds('old')).toBe(true);
  });
});

describe('fault 2: the list after a 410 fails', () => {
  it('and is made again, while what is known stays known', async () => {
    const { proxy, start, heard, holds, lists, failures } = await behindProxy(kit);
    await start();
    const refusal = proxy.inject({ match: list, fault: { type: 'status', status: 500 }, times: 3 });
    proxy.strike(watch, { type: 'errorEvent', status: 410 });
    await eventually(() => refusal.struck() === 3);
    const name = await makeAnother();
    await eventually(() => holds(name));
    expect(lists()).toHaveLength(5);
    expect(failures).toEqual(['gone', 'unavailable', 'unavailable', 'unavailable']);
    expect(heard.filter((line) => line.startsWith('deleted'))).toEqual([]);
  });
});

describe('fault 3: the credentials fail on a reconnect', () => {
  it('because they cannot be read, and are read again', async () => {
    let unreadable = 0;
    const { proxy, start, holds, failures } = await behindProxy(kit, {
      authenticate: (read) => {
        if (unreadable === 0) return read();
        unreadable -= 1;
        return Promise.reject(new KubeError('credentials', 'cannot read the Kubernetes credentials: ENOENT'));
      },
    });
    await start();
    unreadable = 3;
    proxy.strike(watch, { type: 'reset' });
    const name = await makeAnother();
    await eventually(() => holds(name));
    expect(failures).toEqual(['network', 'credentials', 'credentials', 'credentials']);
  });

  it('because the server rejects the token, and is asked again', async () => {
    const { proxy, start, holds, failures } = await behindProxy(kit);
    await start();
    proxy.inject({ fault: { type: 'status', status: 401 }, times: 3 });
    proxy.strike(watch, { type: 'reset' });
    const name = await makeAnother();
    await eventually(() => holds(name));
    expect(failures).toEqual(['network', 'unauthorized', 'unauthorized', 'unauthorized']);
    expect(holds('old')).toBe(true);
  });
});

describe('fault 4: the first list fails', () => {
  it('and nothing is taken for synced, or for empty, until one succeeds', async () => {
    const { proxy, reflector, heard, holds } = await behindProxy(kit);
    const refusal = proxy.inject({ match: list, fault: { type: 'status', status: 500 } });
    reflector.start();
    await eventually(() => refusal.struck() >= 3);
    expect(reflector.synced()).toBe(false);
    expect(heard).toEqual([]);
    refusal.clear();
    expect(await reflector.whenSynced()).toBe(true);
    expect(holds('old')).toBe(true);
  });
});

describe('fault 5: a handler throws', () => {
  it('and neither loses the event nor ends the watch', async () => {
    const { start, reflector, watches, failures, holds } = await behindProxy(kit, {
      handler: {
        added: (_object, source) => {
          if (source === 'watch') throw new Error('a defect');
        },
      },
    });
    await start();
    const names = [await makeAnother(), await makeAnother()];
    await eventually(() => names.every(holds));
    expect(failures).toEqual(['handler', 'handler']);
    expect(watches()).toHaveLength(1);
    expect(reflector.state()).toBe('live');
  });
});

describe('fault 6: a stop comes before the headers of the watch', () => {
  it('and ends the request; nothing is told afterwards', async () => {
    const { proxy, reflector, heard, watches } = await behindProxy(kit);
    const held = proxy.inject({ match: watch, fault: { type: 'halfOpen' } });
    reflector.start();
    await eventually(() => held.struck() === 1);
    heard.length = 0;
    await reflector.stop();
    await eventually(() => proxy.figures().byKind.watch.open === 0);
    await makeAnother();
    expect(heard).toEqual([]);
    expect(watches()).toHaveLength(1);
  });
});

describe('fault 7: a stop comes while a reconnect is due', () => {
  it('and no watch is opened afterwards', async () => {
    const refused = async () => {
      const made = await behindProxy(kit);
      await made.start();
      made.proxy.inject({ match: watch, fault: { type: 'status', status: 429, retryAfterSeconds: 1 } });
      made.proxy.strike(watch, { type: 'reset' });
      await eventually(() => made.watches().length === 2 && made.reflector.state() === 'backoff');
      return made;
    };
    const { proxy, reflector } = await refused();
    await reflector.stop();
    const asked = proxy.requests.length;
    // When it is due for one that began to wait later, it was due for this one.
    const witness = await refused();
    await eventually(() => witness.watches().length === 3);
    expect(proxy.requests).toHaveLength(asked);
  });
});

describe('fault 8: it is started twice', () => {
  it('and watches once; a stop ends that', async () => {
    const { proxy, start, reflector, lists, watches, heard } = await behindProxy(kit);
    reflector.start();
    await start();
    const name = await makeAnother();
    await eventually(() => heard.includes(`added ${name} by watch`));
    expect([lists().length, watches().length]).toEqual([1, 1]);
    expect(heard.filter((line) => line.includes(name))).toHaveLength(1);
    await reflector.stop();
    await eventually(() => proxy.figures().byKind.watch.open === 0);
  });
});

describe('fault 9: an object is deleted and made anew while there is no connection', () => {
  const anew = async (name: string): Promise<void> => {
    await kit.widgets.delete({ name, namespace: kit.namespace });
    await kit.make(name);
  };

  it('and is told of as two, when the watch goes on from where it was', async () => {
    const name = await makeAnother();
    const { proxy, start, heard } = await behindProxy(kit);
    await start();
    heard.length = 0;
    const due = proxy.inject({ match: watch, fault: { type: 'delay', ms: 500 }, times: 1 });
    proxy.strike(watch, { type: 'reset' });
    await eventually(() => due.struck() === 1);
    await anew(name);
    await eventually(() => heard.length === 2);
    expect(heard).toEqual([`deleted ${name} by watch`, `added ${name} by watch`]);
  });

  it('and is told of as two, when everything is listed anew', async () => {
    const name = await makeAnother();
    const { proxy, start, heard } = await behindProxy(kit);
    await start();
    heard.length = 0;
    proxy.inject({ match: watch, fault: { type: 'status', status: 410 }, times: 1 });
    await proxy.refuse();
    await anew(name);
    await proxy.accept();
    await eventually(() => heard.length === 2);
    expect(heard).toEqual([`deleted ${name} by list`, `added ${name} by list`]);
  });
});

describe('fault 10: nothing happens to a kind for long', () => {
  it('and bookmarks keep its watch at a version that the server still knows', async () => {
    const { proxy, start, lists, watches, failures } = await behindProxy(kit);
    // The server sends a bookmark right before it ends a watch, and else only every minute.
    proxy.inject({ match: watch, fault: { type: 'shorten', seconds: 4 } });
    await start();
    // Others' writes make the version grow old; the server hears of them when it is asked for the newest state.
    const body = { metadata: { name: `quiet-${realRandom.uuid()}` } };
    await direct.call({ method: 'POST', path: '/api/v1/namespaces/default/configmaps', body });
    await kit.widgets.list();
    await eventually(() => watches().length === 2);
    const [first, second] = watches().map(({ query }) => query);
    expect(first).toMatchObject({ allowWatchBookmarks: 'true' });
    expect(isOlderVersion(first!['resourceVersion']!, second!['resourceVersion']!)).toBe(true);
    expect(lists()).toHaveLength(1);
    expect(failures).toEqual([]);
  });
});
