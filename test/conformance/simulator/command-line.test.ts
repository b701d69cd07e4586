import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { controlRoutes } from '../../../dev/simulator/control/routes.ts';

let folder: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simulated-azure-'));
});
afterAll(() => rm(folder, { recursive: true }));

// Whatever a failed test left running.
afterEach(() => {
  for (const child of children.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
});

interface Run {
  readonly process: ChildProcess;
  readonly output: () => string;
}

function run(...args: readonly string[]): Run {
  const started = spawn(process.execPath, ['dev/simulator/main.ts', ...args]);
  children.push(started);
  let output = '';
  const gather = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  started.stdout.on('data', gather);
  started.stderr.on('data', gather);
  return { process: started, output: () => output };
}

async function ended({ process: started, output }: Run): Promise<{ readonly code: unknown; readonly output: string }> {
  const [code] = (await once(started, 'close')) as [unknown];
  return { code, output: output() };
}

describe('the command line of the simulated Azure', () => {
  it('tells every flag, examples, and the control API', async () => {
    const { code, output } = await ended(run('--help'));

    expect(code).toBe(0);
    const flags = ['--seed', '--https-port', '--http-port', '--operation-seconds', '--latency-ms', '--ca-file'];
    for (const flag of [...flags, '--api-version']) expect(output).toMatch(new RegExp(`^ {2}${flag} <`, 'm'));
    for (const flag of ['--strict-api-versions', '--throttling']) expect(output).toContain(`  ${flag} `);
    expect(output).toContain('\n  npm run simulator -- --seed dev/simulator/seed.example.yaml --ca-file ca.pem\n');
    for (const { method, path } of controlRoutes) expect(output).toContain(`${method.padEnd(6)} /_control/${path}`);
  });

  it.each([
    [['--frob'], "error: unknown option '--frob'\n"],
    [['--seed'], "error: option '--seed <file>' argument missing\n"],
    [['more'], 'error: too many arguments. Expected 0 arguments but got 1: more.\n'],
    [
      ['--https-port', '65536'],
      "error: option '--https-port <port>' argument '65536' is invalid. It must be a port, 0 to 65535.\n",
    ],
    [
      ['--http-port', 'http'],
      "error: option '--http-port <port>' argument 'http' is invalid. It must be a port, 0 to 65535.\n",
    ],
    [
      ['--operation-seconds', '-1'],
      "error: option '--operation-seconds <seconds>' argument '-1' is invalid. It must be a number of seconds, 0 or more.\n",
    ],
    [
      ['--latency-ms', '1.5'],
      "error: option '--latency-ms <ms>' argument '1.5' is invalid. It must be a whole number, 0 or more.\n",
    ],
    [
      ['--api-version', '2017-12-01', '2018-12-01'],
      "error: option '--api-version <versions...>' argument '2018-12-01' is invalid. Microsoft.Compute has no such api-version.\n",
    ],
  ])('refuses %j with exit code 2, and says why', async (args, message) => {
    const { code, output } = await ended(run(...args));

    expect(code).toBe(2);
    expect(output).toBe(`${message}(--help tells all flags)\n`);
  });

  it('refuses a seed that cannot be read', async () => {
    const { code, output } = await ended(run('--seed', join(folder, 'nowhere.yaml')));

    expect(code).toBe(2);
    expect(output).toMatch(/^simulator: --seed \S+nowhere\.yaml cannot be read: ENOENT: /);
  });

  it('offers only the api-versions that it is told', async () => {
    const running = run('--api-version', '2017-12-01', '2018-06-01');
    await expect.poll(running.output, { timeout: 60_000 }).toContain('HTTP  ');
    const http = /^HTTP {3}(\S+)$/m.exec(running.output())?.[1] ?? '';

    const settings: unknown = await fetch(`${http}/_control/settings`).then((response) => response.json());
    running.process.kill('SIGTERM');
    await ended(running);

    expect(settings).toMatchObject({ computeApiVersions: ['2017-12-01', '2018-06-01'] });
  });

  it('runs on a seed, prints where, and ends in order when it is interrupted', async () => {
    const caFile = join(folder, 'ca.pem');
    const running = run('--seed', 'dev/simulator/seed.example.yaml', '--ca-file', caFile, '--operation-seconds', '0');
    await expect
      .poll(running.output, { timeout: 60_000 })
      .toMatch(/^HTTPS {2}https:\S+\nHTTP {3}http:\S+\nCA {5}\S+\n$/);
    const http = /^HTTP {3}(\S+)$/m.exec(running.output())?.[1] ?? '';

    const state: unknown = await fetch(`${http}/_control/state`).then((response) => response.json());
    const settings: unknown = await fetch(`${http}/_control/settings`).then((response) => response.json());
    running.process.kill('SIGINT');

    expect(state).toMatchObject({ scaleSets: [{ location: 'westeurope' }, { orchestrationMode: 'Flexible' }] });
    expect(settings).toMatchObject({ operationMs: 0 });
    expect((await ended(running)).code).toBe(0);
  });

  it('throttles when it is told to', async () => {
    const running = run('--throttling');
    await expect.poll(running.output, { timeout: 60_000 }).toContain('HTTP  ');
    const http = /^HTTP {3}(\S+)$/m.exec(running.output())?.[1] ?? '';

    const settings: unknown = await fetch(`${http}/_control/settings`).then((response) => response.json());
    running.process.kill('SIGINT');

    expect(settings).toMatchObject({ throttling: 'On' });
    expect((await ended(running)).code).toBe(0);
  });

  it('refuses a seed that is wrong, with the line', async () => {
    const file = join(folder, 'wrong.yaml');
    await writeFile(file, 'principals:\n  - clientId: contoso\n');

    expect(await ended(run('--seed', file))).toEqual({
      code: 2,
      output:
        'simulator: wrong.yaml:2: principals[0].tenant: is missing\n' +
        'wrong.yaml:2: principals[0].clientId: must be a GUID, not "contoso"\n',
    });
  });

  it('says when a port is taken', async () => {
    const first = run();
    await expect.poll(first.output, { timeout: 60_000 }).toContain('HTTP  ');
    const port = /:(\d+)\n/.exec(first.output())?.[1] ?? '';

    const { code, output } = await ended(run('--https-port', port));
    first.process.kill('SIGTERM');
    await ended(first);

    expect(code).toBe(1);
    expect(output).toContain('EADDRINUSE');
  });
});
