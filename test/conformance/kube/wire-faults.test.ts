/** What the network and the server can do to lists and watches, and that a reflector comes through each of them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Fault, StreamFault } from '../../../dev/fault-proxy/index.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import { realRandom } from '../../../src/runtime/clock.ts';
import { behindProxy, hurried } from './behind-proxy.ts';
import { clientFor, eventually, makeWidgets, sharedKubeconfig } from './widgets.ts';

let direct: KubeClient;
let kit: Awaited<ReturnType<typeof makeWidgets>>;
beforeAll(async () => {
  direct = clientFor(sharedKubeconfig());
  kit = await makeWidgets(direct);
  await kit.make('old');
});
afterAll(() => direct.close());

const watch = { kind: 'watch' } as const;
const list = { kind: 'call', method: 'GET' } as const;

/** Noticed after half a second on a call, after five seconds on a watch. */
const hasty = { clock: hurried, callTimeoutMs: 500 } as const;

type Behind = Awaited<ReturnType<typeof behindProxy>>;

/** The reflector learns of what happens now, has told of each object once, and of nothing as deleted. */
const expectNothingMissed = async ({ heard, holds }: Behind): Promise<void> => {
  const { metadata } = await kit.make(`made-${realRandom.uuid().slice(0, 8)}`);
  await eventually(() => holds(metadata.name));
  expect(holds('old')).toBe(true);
  expect(new Set(heard).size).toBe(heard.length);
  expect(heard.filter((line) => !line.startsWith('added'))).toEqual([]);
};

describe('a watch under way comes through', () => {
  it.each<{ what: string; fault: StreamFault; noticedAs: string }>([
    { what: 'a reset', fault: { type: 'reset' }, noticedAs: 'network' },
    { what: 'a half-open connection', fault: { type: 'halfOpen' }, noticedAs: 'timeout' },
    { what: 'a 410 as an event', fault: { type: 'errorEvent', status: 410 }, noticedAs: 'gone' },
    { what: 'a 500 as an event', fault: { type: 'errorEvent', status: 500 }, noticedAs: 'unavailable' },
    { what: 'a truncated chunk', fault: { type: 'truncate' }, noticedAs: 'network' },
    { what: 'an end within a line', fault: { type: 'truncate', orderly: true }, noticedAs: 'network' },
  ])('$what', async ({ fault, noticedAs }) => {
    const behind = await behindProxy(kit, hasty);
    await behind.start();
    expect(behind.proxy.strike(watch, fault)).toBe(1);
    await expectNothingMissed(behind);
    expect(behind.failures[0]).toBe(noticedAs);
  });
});

const faults: readonly { what: string; fault: Fault; noticedAs: string }[] = [
  { what: 'a reset', fault: { type: 'reset' }, noticedAs: 'network' },
  { what: 'a half-open connection', fault: { type: 'halfOpen' }, noticedAs: 'timeout' },
  { what: 'HTTP 500', fault: { type: 'status', status: 500 }, noticedAs: 'unavailable' },
  {
    what: '429 with Retry-After',
    fault: { type: 'status', status: 429, retryAfterSeconds: 1 },
    noticedAs: 'throttled',
  },
  { what: '410', fault: { type: 'status', status: 410 }, noticedAs: 'gone' },
  { what: '401', fault: { type: 'status', status: 401 }, noticedAs: 'unauthorized' },
];

describe('the opening of a watch comes through', () => {
  it.each(faults)('$what, twice', async ({ fault, noticedAs }) => {
    const behind = await behindProxy(kit, hasty);
    behind.proxy.inject({ match: watch, fault, times: 2 });
    await behind.start();
    await expectNothingMissed(behind);
    expect(behind.failures).toEqual([noticedAs, noticedAs]);
  });

  it('a delay', async () => {
    const behind = await behindProxy(kit);
    behind.proxy.inject({ match: watch, fault: { type: 'delay', ms: 300 } });
    await behind.start();
    await expectNothingMissed(behind);
    expect(behind.failures).toEqual([]);
  });

  it('an ERROR event of 410 as its first, again and again', async () => {
    const behind = await behindProxy(kit, hasty);
    const rule = behind.proxy.inject({ match: watch, fault: { type: 'errorEvent', status: 410 }, times: 4 });
    behind.reflector.start();
    await eventually(() => rule.struck() === 4);
    await behind.start();
    await expectNothingMissed(behind);
    expect(behind.failures).toEqual(Array(4).fill('gone'));
  });
});

describe('a list comes through', () => {
  it.each<(typeof faults)[number]>([
    ...faults,
    { what: 'a truncated body', fault: { type: 'truncate' }, noticedAs: 'network' },
  ])('$what, twice', async ({ fault, noticedAs }) => {
    const behind = await behindProxy(kit, hasty);
    behind.proxy.inject({ match: list, fault, times: 2 });
    await behind.start();
    await expectNothingMissed(behind);
    expect(behind.failures).toEqual([noticedAs, noticedAs]);
  });

  it('a delay', async () => {
    const behind = await behindProxy(kit);
    behind.proxy.inject({ match: list, fault: { type: 'delay', ms: 300 } });
    await behind.start();
    await expectNothingMissed(behind);
    expect(behind.failures).toEqual([]);
  });

  it('every fault in the middle of a relist, without forgetting anything', async () => {
    const behind = await behindProxy(kit, hasty);
    await behind.start();
    for (const { fault } of faults) behind.proxy.inject({ match: list, fault, times: 1 });
    expect(await behind.reflector.relist()).toBe(true);
    await expectNothingMissed(behind);
    expect(behind.failures).toEqual(faults.map(({ noticedAs }) => noticedAs));
  });
});

describe('a server that is away', () => {
  it('is found again, and what happened meanwhile is told', async () => {
    const behind = await behindProxy(kit, hasty);
    await behind.start();
    await behind.proxy.refuse();
    await eventually(() => behind.failures.length > 5);
    await kit.make('meanwhile');
    await behind.proxy.accept();
    await eventually(() => behind.holds('meanwhile'));
    await expectNothingMissed(behind);
  });
});
