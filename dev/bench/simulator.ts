/**
 * `npm run bench:simulator`: how many requests a second the simulated Azure serves over plain HTTP with keep-alive, itself
 * in a process of its own. The figure for one core divides by the CPU time that the server used, so that neither the
 * client nor whatever else runs on the machine counts.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism, cpus } from 'node:os';

import { Pool } from 'undici';

import type { Seed } from '../simulator/seed.ts';
import { startSimulator } from '../simulator/simulator.ts';

const subscriptionId = '11111111-1111-4111-8111-111111111111';
const tenant = '22222222-2222-4222-8222-222222222222';
const clientId = '33333333-3333-4333-8333-333333333333';
const group = `/subscriptions/${subscriptionId}/resourceGroups/bench`;
const sets = `/subscriptions/${subscriptionId}/providers/Microsoft.Compute/virtualMachineScaleSets`;
const version = 'api-version=2026-04-01';

const scaleSetCount = 10_000;
const connections = 16;
const measuredMs = 3_000;
const warmUpMs = 2_000;

/** What the server's process tells of itself. */
interface Address {
  readonly url: string;
  readonly token: string;
}

/** One line of the result. */
interface Figure {
  readonly what: string;
  readonly count: number;
  readonly wallMs: number;
  readonly serverCpuMs: number;
}

function seed(): Seed {
  const scaleSets = Array.from({ length: scaleSetCount }, (_, index) => ({
    name: `set-${index}`,
    identity: { systemAssigned: true, userAssigned: ['bench-1'] },
  }));
  const identities = [{ name: 'bench-1' }, { name: 'bench-2' }];
  return {
    settings: { operationMs: 0 },
    subscriptions: [
      {
        id: subscriptionId,
        tenant,
        resourceGroups: [{ name: 'bench', location: 'westeurope', identities, scaleSets }],
      },
    ],
    principals: [{ clientId, tenant }],
  };
}

/** The server's process: its address first, then its CPU time whenever it is asked. */
async function serve(): Promise<void> {
  const simulator = await startSimulator({ seed: seed() });
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.((user + system) / 1000);
  });
  process.on('disconnect', () => void simulator.stop());
  process.send?.({ url: simulator.httpUrl, token: simulator.control.token(clientId) } satisfies Address);
}

async function told(server: ChildProcess): Promise<unknown> {
  const [message] = (await once(server, 'message')) as [unknown];
  return message;
}

async function cpuMs(server: ChildProcess): Promise<number> {
  server.send('cpu');
  return Number(await told(server));
}

async function measure(server: ChildProcess, what: string, work: () => Promise<number>): Promise<Figure> {
  const cpuBefore = await cpuMs(server);
  const before = performance.now();
  const count = await work();
  const wallMs = performance.now() - before;
  return { what, count, wallMs, serverCpuMs: (await cpuMs(server)) - cpuBefore };
}

/** As many requests as fit into the time, a few of them at once. */
async function flood(request: (index: number) => Promise<void>, ms: number): Promise<number> {
  const end = performance.now() + ms;
  let count = 0;
  const lane = async (): Promise<void> => {
    while (performance.now() < end) await request(count++);
  };
  await Promise.all(Array.from({ length: connections }, lane));
  return count;
}

async function run(server: ChildProcess): Promise<readonly Figure[]> {
  const { url, token } = (await told(server)) as Address;
  const pool = new Pool(url, { connections });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const ask = async (method: 'GET' | 'PATCH', path: string, body?: string): Promise<string> => {
    const response = await pool.request({ method, path, headers, body: body ?? null });
    const text = await response.body.text();
    if (response.statusCode !== 200) throw new Error(`${method} ${path}: ${response.statusCode} ${text}`);
    return text;
  };
  const pathOf = (index: number): string =>
    `${group}/providers/Microsoft.Compute/virtualMachineScaleSets/set-${index % scaleSetCount}?${version}`;
  const get = async (index: number): Promise<void> => {
    await ask('GET', pathOf(index));
  };
  const identity = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/bench-2`;
  const type = 'SystemAssigned, UserAssigned';
  const attach = JSON.stringify({ identity: { type, userAssignedIdentities: { [identity]: {} } } });
  const patch = async (index: number): Promise<void> => {
    await ask('PATCH', pathOf(index), attach);
  };
  const list = async (): Promise<number> => {
    let listed = 0;
    for (let next: string | undefined = `${url}${sets}?${version}`; next !== undefined;) {
      const { pathname, search }: URL = new URL(next);
      const page = JSON.parse(await ask('GET', pathname + search)) as { value: unknown[]; nextLink?: string };
      listed += page.value.length;
      next = page.nextLink;
    }
    return listed;
  };

  const figures: Figure[] = [];
  await flood(get, warmUpMs);
  figures.push(await measure(server, 'GET of a scale set', () => flood(get, measuredMs)));
  await flood(patch, warmUpMs);
  figures.push(await measure(server, 'PATCH of an identity, operations of 0 ms', () => flood(patch, measuredMs)));
  await list();
  figures.push(await measure(server, `scale sets listed, ${scaleSetCount} in pages of 100`, list));
  await pool.close();
  return figures;
}

function show(figures: readonly Figure[]): string {
  const row = (...cells: readonly string[]): string => {
    const [what = '', ...numbers] = cells;
    return [what.padEnd(46), ...numbers.map((number) => number.padStart(14))].join('');
  };
  const whole = (value: number): string => Math.round(value).toLocaleString('en');
  const lines = figures.map(({ what, count, wallMs, serverCpuMs }) =>
    row(what, whole(count), whole(wallMs), whole((count / wallMs) * 1000), whole((count / serverCpuMs) * 1000)),
  );
  return [row('', 'count', 'ms', 'per second', 'per core·s'), ...lines].join('\n');
}

if (process.argv[2] === 'serve') {
  await serve();
} else {
  const server = fork(import.meta.filename, ['serve']);
  try {
    const figures = await run(server);
    const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores`;
    process.stdout.write(`${machine}, Node ${process.version}, ${connections} connections\n${show(figures)}\n`);
  } finally {
    server.disconnect();
    await once(server, 'exit');
  }
}
