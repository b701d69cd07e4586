/** The operator as a process that comes to its end, or does not: it reaches no API server here, and needs none. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../../dev/demo/wait.ts';
import { bundleFor, launch, type Launched } from './operator-bundle.ts';

const SIGN_IN = {
  AZURE_TENANT_ID: '6ba7b810-9dad-41d1-80b4-00c04fd430c8',
  AZURE_CLIENT_ID: '6ba7b811-9dad-41d1-80b4-00c04fd430c8',
  AZURE_FEDERATED_TOKEN_FILE: '/var/run/token',
};

let folder: string;
let bundle: string;
let kubeconfig: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'end-of-process-'));
  const shared = process.env['VMSS_TEST_KUBECONFIG'] ?? '';
  bundle = await bundleFor(shared);
  kubeconfig = join(folder, 'kubeconfig');
  const reachable = await readFile(shared, 'utf8');
  await writeFile(kubeconfig, reachable.replace(/https:\/\/127\.0\.0\.1:\d+/, 'https://127.0.0.1:1'), { mode: 0o600 });
});
afterAll(() => rm(folder, { recursive: true }));

const launched: Launched[] = [];
afterEach(async () => {
  for (const operator of launched.splice(0)) {
    operator.signal('SIGKILL');
    await operator.ended;
  }
});

const start = (flags: readonly string[] = [], environment: Readonly<Record<string, string>> = {}): Launched => {
  const listen = flags.some((flag) => flag.startsWith('--listen')) ? [] : ['--listen=127.0.0.1:0'];
  const operator = launch(bundle, [`--kubeconfig=${kubeconfig}`, ...listen, ...flags], { ...SIGN_IN, ...environment });
  launched.push(operator);
  return operator;
};

const addressOf = (operator: Launched): Promise<string> =>
  eventually('an address', () => /"address":"([^"]+)"/.exec(operator.log())?.[1]);

describe('an operator that never reached the API server', () => {
  it('is alive and not ready, and ends with 0 when it is told to', async () => {
    const operator = start();
    const address = await addressOf(operator);
    expect((await fetch(`http://${address}/healthz`)).status).toBe(200);
    const ready = await fetch(`http://${address}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.text()).toMatch(/\[-\]bindings failed/);
    operator.signal('SIGTERM');
    expect((await operator.ended).exitCode).toBe(0);
  });
});

describe('a port that is taken', () => {
  it('ends it with 1 and one line that says so', async () => {
    const address = await addressOf(start());
    const { exitCode, stderr } = await start([`--listen=${address}`]).ended;
    expect(exitCode).toBe(1);
    expect(stderr.trimEnd().split('\n')).toEqual([expect.stringContaining('"msg":"cannot start"')]);
    expect(stderr).toContain(`cannot listen on ${address}: another process has it`);
  });
});

describe.each(['rejection', 'exception'])('something that goes wrong and nobody handles (%s)', (what) => {
  it('is logged without its secrets, and ends it with 1', async () => {
    const planted = 's3cr3tPlantedInAnUnexpectedError';
    const preload = join(import.meta.dirname, 'preloads/unexpected-error.mjs');
    const operator = start([], { NODE_OPTIONS: `--import=${preload}`, UNEXPECTED: what, PLANTED: planted });
    await addressOf(operator);
    operator.signal('SIGUSR2');
    const { exitCode, stderr } = await operator.ended;
    expect(exitCode).toBe(1);
    const last = stderr.trimEnd().split('\n').at(-1) ?? '';
    expect(JSON.parse(last)).toMatchObject({
      level: 'error',
      msg: 'unexpected error',
      error: { name: 'Error', message: 'refused: Bearer [redacted]' },
    });
    expect(stderr).not.toContain(planted);
  });
});

// What docs/operations.md does through a port that is forwarded.
describe('/loglevel', () => {
  it('has a running operator say less, or more', async () => {
    const operator = start();
    const url = `http://${await addressOf(operator)}/loglevel`;
    expect(await (await fetch(url)).text()).toBe('info\n');
    expect((await fetch(url, { method: 'PUT', body: 'warn' })).status).toBe(200);
    expect(await (await fetch(url)).text()).toBe('warn\n');
    operator.signal('SIGTERM');
    await operator.ended;
    expect(operator.log()).toMatch(/"msg":"log level changed","from":"info","to":"warn"\}\n$/);
  });
});

describe('a log that nobody reads any more', () => {
  it('ends nothing: the operator goes on, and ends with 0 when it is told to', async () => {
    const operator = start(['--log-level=debug']);
    const address = await addressOf(operator);
    operator.stopReading();
    for (let line = 0; line < 20; line++) {
      const level = line % 2 === 0 ? 'info' : 'debug';
      expect((await fetch(`http://${address}/loglevel`, { method: 'PUT', body: level })).status).toBe(200);
    }
    expect((await fetch(`http://${address}/healthz`)).status).toBe(200);
    operator.signal('SIGTERM');
    expect((await operator.ended).exitCode).toBe(0);
  });
});
