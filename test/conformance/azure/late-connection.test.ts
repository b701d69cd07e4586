/** A write that is held up while its connection is made: by the network, or because the process was stopped meanwhile. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { AzurePort } from '../../../src/reconcile/azure-port.ts';
import { type OddWorld, requests, startOddWorld, well } from './odd-server.ts';

const LIMIT_MS = 20_000;

let world: OddWorld;
let remainingMs: number;
let made: number;
let asked: number;
beforeAll(async () => {
  world = await startOddWorld();
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(() => {
  remainingMs = LIMIT_MS;
  made = world.azure.made;
  asked = world.azure.requests.length;
  world.azure.answer = well;
  world.azure.connections = 'hold';
});

const fenced = (): AzurePort =>
  world.port({ writeTimeoutMs: LIMIT_MS, fence: { remainingMs: () => remainingMs, retryMs: 5000 } });

const untilHeld = (): Promise<void> => expect.poll(() => world.azure.made, { timeout: 30_000 }).toBe(made + 1);

describe('a write whose connection is long in coming', () => {
  it('does not go out when the lease has run down meanwhile', async () => {
    const port = fenced();
    const writing = requests.write(port);
    await untilHeld();

    remainingMs = LIMIT_MS - 1;
    world.azure.letGo();

    expect(await writing).toMatchObject({ ok: false, failure: { kind: 'queued', code: 'LeaseNotRenewed' } });
    expect(world.azure.requests.length).toBe(asked);
  });

  it('goes out when the lease still lasts', async () => {
    const port = fenced();
    const writing = requests.write(port);
    await untilHeld();

    world.azure.letGo();

    expect(await writing).toMatchObject({ ok: true });
    expect(world.azure.requests.length).toBe(asked + 1);
  });

  it('leaves a port that works, over a new connection', async () => {
    const port = fenced();
    const writing = requests.write(port);
    await untilHeld();
    remainingMs = 0;
    world.azure.letGo();
    await writing;

    remainingMs = LIMIT_MS;
    world.azure.connections = 'forward';

    expect(await requests.write(port)).toMatchObject({ ok: true });
    await expect.poll(() => world.azure.open(made), { timeout: 30_000 }).toBeLessThanOrEqual(1);
  });
});

describe('a read whose connection is long in coming', () => {
  it('goes out, whatever has become of the lease', async () => {
    const port = fenced();
    const reading = requests.read(port);
    await untilHeld();

    remainingMs = 0;
    world.azure.letGo();

    expect(await reading).toMatchObject({ ok: true });
  });
});
