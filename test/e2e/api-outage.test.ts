import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../../dev/demo/wait.ts';
import { type FaultProxy, startFaultProxy } from '../../dev/fault-proxy/index.ts';
import { Replicas } from './replicas.ts';
import { startWorld, type World } from './world.ts';

/** Behind it are the operators that this file is about; what tests do to objects goes past it. */
let proxy: FaultProxy;
let world: World;
beforeAll(async () => {
  world = await startWorld({ name: 'api-outage', clients: 4 });
  await world.allow();
  proxy = await startFaultProxy({ kubeconfigPath: world.account.kubeconfig });
});
afterAll(async () => {
  try {
    await world.close();
  } finally {
    await proxy.stop();
  }
});

/** How often it has said something. */
const timesSaid = (log: string, what: RegExp): number => log.split('\n').filter((line) => what.test(line)).length;

describe('an operator whose API server is away for longer than its lease', () => {
  it('stays, says so once, writes nothing meanwhile, leads again when it is back, and repairs what drifted', async () => {
    expect(await world.operator.stop()).toBe(0);
    const operator = await world.startOperator({ kubeconfig: proxy.kubeconfigPath });
    const set = world.scaleSet('outlived', { foreign: ['theirs'] });
    await (await world.bind(set, { userAssigned: ['one'] })).ready();

    await proxy.refuse();
    await eventually('its term to end', () => operator.log().includes('leads no more'));
    set.othersStrip('one');
    const writes = set.writes.length;
    expect((await fetch(`${operator.url}/healthz`)).status).toBe(200);
    await proxy.accept();

    await set.until('is repaired', (each) => each.has('one'));
    expect(set.writes).toHaveLength(writes + 1);
    expect(operator.isRunning()).toBe(true);
    expect(timesSaid(operator.log(), /"msg":"leads from now on"/)).toBe(2);
    expect(timesSaid(operator.log(), /"msg":"stands for election"/)).toBe(1);
    expect(timesSaid(operator.log(), /"level":"warn","msg":"the API server does not answer/)).toBe(1);
    await eventually('the end of it to be told', () => operator.log().includes('the API server answers again'));
    expect(timesSaid(operator.log(), /"level":"(?:warn|error)","msg":"lost touch"/)).toBe(0);
  });

  it('is ready again, and serves what was declared in the meantime', async () => {
    const set = world.scaleSet('declared');
    await proxy.refuse();
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await proxy.accept();

    await binding.ready();
    expect(set.writes).toHaveLength(1);
  });
});

describe('an operator that cannot list one of its kinds', () => {
  it('is not ready, asks Azure nothing, and writes no status', async () => {
    const set = world.scaleSet('unjudged');
    expect(await world.operator.stop()).toBe(0);
    const binding = await world.bind(set, { userAssigned: ['one'] });
    const before = await binding.read();
    const rule = proxy.inject({
      match: { method: 'GET', path: /vmssidentitypolicies$/ },
      fault: { type: 'status', status: 500 },
    });
    const since = world.control.requests().at(-1)?.sequence ?? 0;
    const starting = world.startOperator({ kubeconfig: proxy.kubeconfigPath });

    await eventually('three lists that failed', () => rule.struck() >= 3);
    const listed = proxy.requests.filter(({ path, status }) => /bindings$|ledgers$/.test(path) && status === 200);
    expect(listed.length).toBeGreaterThanOrEqual(2);
    expect(world.control.requests(since)).toEqual([]);
    expect((await binding.read())?.metadata.resourceVersion).toBe(before?.metadata.resourceVersion);
    proxy.clear();

    await starting;
    await binding.ready();
  });
});

describe('a standby whose watches have fallen silent', () => {
  it('acts on what is true when it takes over, and not on what it had heard', async () => {
    const leader = world.operator;
    const changed = world.scaleSet('changed', { foreign: ['theirs'] });
    const binding = await world.bind(changed, { userAssigned: ['one'] });
    const left = await world.bind(world.scaleSet('left'), { userAssigned: ['one'] });
    await Promise.all([binding.ready(), left.ready()]);
    const standbyProxy = await startFaultProxy({ kubeconfigPath: world.account.kubeconfig });
    try {
      const replicas = await Replicas.of(world);
      const standby = await replicas.start(1, { kubeconfig: standbyProxy.kubeconfigPath });
      await eventually('its watches', () => standbyProxy.strike({ kind: 'watch' }, { type: 'halfOpen' }) >= 3);

      await binding.apply({ userAssigned: ['two', 'three'] });
      await binding.ready();
      await left.delete();
      await left.untilGone();
      const writes = changed.writes.length;
      await leader.stop('SIGKILL');

      await replicas.untilLeads(standby);
      changed.othersStrip('three');
      await changed.until('is repaired by the next', (set) => set.has('three'));
      expect(changed.identities).toEqual(['theirs', 'three', 'two']);
      expect(changed.writes).toHaveLength(writes + 1);
      expect((await world.ledgerOf(changed))?.spec.entries).toHaveLength(2);
      expect(await standby.process.stop()).toBe(0);
      await world.startOperator();
    } finally {
      await standbyProxy.stop();
    }
  });
});
