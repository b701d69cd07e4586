import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../../dev/demo/wait.ts';
import { type Replica, Replicas } from './replicas.ts';
import type { ScaleSet } from './scale-set.ts';
import { startWorld, type World } from './world.ts';

/** Longer than the lease of 15 s. */
const PAST_EXPIRY_MS = 20_000;
const preload = (file: string): string => `--import=${join(import.meta.dirname, 'preloads', file)}`;

let world: World;
let replicas: Replicas;
let first: Replica;
beforeAll(async () => {
  world = await startWorld({ name: 'leadership', clients: 9, operationMs: 200 });
  await world.allow();
  replicas = await Replicas.of(world);
  first = await replicas.leader();
});
afterAll(async () => {
  try {
    expect(replicas.strayWrites()).toEqual([]);
  } finally {
    await world.close();
  }
});

/** The clients that have written to the scale set, in order, repetitions left out. */
function writersOf(set: ScaleSet): readonly number[] {
  const writers = set.requests.filter(({ method }) => method === 'PATCH').map(({ principal }) => principal ?? '');
  return [...new Set(writers)].map((principal) => world.clientIds.indexOf(principal));
}

/** A scale set of which the leader is in the middle of a pass: it waits for what it reads. */
async function midPass(name: string, delayMs: number): Promise<ScaleSet> {
  const set = world.scaleSet(name, { foreign: ['theirs'] });
  set.fault('GET', { kind: 'delay', ms: delayMs }, null);
  await world.bind(set, { userAssigned: ['one'] });
  await set.until('is being read', ({ requests }) => requests.length > 0);
  return set;
}

/** The other replica leads now, has served the scale set, and all that the first one does later is known. */
async function servedBy(next: Replica, set: ScaleSet): Promise<void> {
  await replicas.untilLeads(next);
  world.control.clearFaults();
  await set.until('is served', (each) => each.has('one'));
}

describe('a standby', () => {
  it('is ready, and writes nothing', async () => {
    const standby = await replicas.start(1);
    const binding = await world.bind(world.scaleSet('standby'), { userAssigned: ['one'] });

    await binding.ready();

    expect(await fetch(`${standby.process.url}/readyz`).then(({ status }) => status)).toBe(200);
    expect(world.control.requests().filter(({ principal }) => principal === world.clientIds[1])).toEqual([]);
    expect(replicas.leads(first)).toBe(true);
  });

  it('takes over from a leader that ends in good order, without waiting for the lease to run out', async () => {
    const set = world.scaleSet('handed-over');
    expect(await first.process.stop()).toBe(0);
    expect(replicas.lease.holdings.at(-1)?.holder === '' || replicas.lease.holdings.at(-2)?.holder === '').toBe(true);

    await (await world.bind(set, { userAssigned: ['one'] })).ready();

    expect(writersOf(set)).toEqual([1]);
  });
});

describe('a leader that is killed', () => {
  it('is followed by another, which does what was declared meanwhile and repairs what drifted', async () => {
    const leader = await replicas.leader();
    const next = await replicas.start(2);
    const drifted = world.scaleSet('drifted');
    await (await world.bind(drifted, { userAssigned: ['one'] })).ready();

    await leader.process.stop('SIGKILL');
    drifted.othersStrip('one');
    const declared = world.scaleSet('declared-meanwhile');
    const binding = await world.bind(declared, { userAssigned: ['two'] });

    await binding.ready();
    await drifted.until('is repaired', (set) => set.has('one'));
    expect(replicas.leads(next)).toBe(true);
    expect(writersOf(declared)).toEqual([2]);
    expect(drifted.writes).toHaveLength(2);
  });
});

describe('a leader that is stopped past its lease', () => {
  it('finds another one leading when it goes on, writes nothing, and is a candidate again', async () => {
    const stopped = await replicas.leader();
    const next = await replicas.start(3);
    const set = await midPass('stopped', 3000);

    stopped.process.signal('SIGSTOP');
    await servedBy(next, set);
    stopped.process.signal('SIGCONT');

    await eventually('the one that was stopped to give up', () => stopped.process.log().includes('leads no more'));
    await replicas.lease.untilRenewed(3);
    expect(writersOf(set)).toEqual([3]);
    expect(replicas.leads(next)).toBe(true);

    await next.process.stop('SIGKILL');
    await replicas.untilLeads(stopped);
    await (await world.bind(world.scaleSet('again'), { userAssigned: ['one'] })).ready();
  });
});

describe('a leader whose event loop is blocked past its lease', () => {
  it('is followed by another, and writes nothing of what it had begun', async () => {
    const before = await replicas.leader();
    const environment = { NODE_OPTIONS: preload('blocked-loop.mjs'), BLOCK_MS: String(PAST_EXPIRY_MS) };
    const blocked = await replicas.start(4, { environment });
    expect(await before.process.stop()).toBe(0);
    await replicas.untilLeads(blocked);
    const next = await replicas.start(5);
    const set = await midPass('blocked', 3000);

    blocked.process.signal('SIGUSR2');
    await servedBy(next, set);

    await eventually('the blocked one to give up', () => blocked.process.log().includes('leads no more'));
    expect(writersOf(set)).toEqual([5]);
    expect(await blocked.process.stop()).toBe(0);
  });
});

describe('replicas whose clocks differ by hours', () => {
  it('agree on one leader for as long as it renews its lease, and follow it when it is gone', async () => {
    const leader = await replicas.leader();
    const skewed = (hours: number) => ({
      NODE_OPTIONS: preload('skewed-clock.mjs'),
      SKEW_MS: String(hours * 3_600_000),
    });
    const [ahead, behind] = [
      await replicas.start(6, { environment: skewed(5) }),
      await replicas.start(7, { environment: skewed(-5) }),
    ];
    const { transitions } = replicas.lease;
    // Two whole leases and more: each is renewed nine times.
    await replicas.lease.untilRenewed(20);
    expect(replicas.lease.transitions).toBe(transitions);
    expect(replicas.leads(leader)).toBe(true);

    await leader.process.stop('SIGKILL');
    const next = await replicas.leader();
    expect([ahead, behind]).toContain(next);
    await replicas.lease.untilRenewed(10);
    expect(replicas.leads(next)).toBe(true);

    await next.process.stop('SIGKILL');
    const last = await replicas.leader();
    expect([ahead, behind]).toContain(last);
    await (await world.bind(world.scaleSet('skewed'), { userAssigned: ['one'] })).ready();
  });
});
