/** The operator as it is shipped: one file, run by Node alone. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';

import { buildBundle } from '../../dev/build/build.ts';

/**
 * The bundle, built once a run: it lies with the run's control plane, and goes with it. `VMSS_TEST_BUNDLE` names one that
 * is to be tested instead.
 */
export async function bundleFor(kubeconfig: string): Promise<string> {
  const given = process.env['VMSS_TEST_BUNDLE'];
  if (given !== undefined) return given;
  const folder = join(dirname(kubeconfig), `operator-of-run-${String(process.ppid)}`);
  const path = join(folder, 'main.js');
  return existsSync(path) ? path : (await buildBundle(folder, { quiet: true })).path;
}

export interface Ended {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Launched {
  /** What it has written to standard error so far. */
  log(): string;
  signal(name: NodeJS.Signals): void;
  /** Nobody reads its standard error any more. */
  stopReading(): void;
  readonly ended: Promise<Ended>;
}

/** Starts the bundle with these arguments and nothing else, ready or not. */
export function launch(
  bundle: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Launched {
  const env = { PATH: process.env['PATH'], ...environment };
  const child = spawn(process.execPath, [bundle, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    log += chunk;
  });
  const end = async (): Promise<Ended> => {
    const [stdout] = await Promise.all([text(child.stdout), once(child, 'close')]);
    return { exitCode: child.exitCode ?? undefined, stdout, stderr: log };
  };
  const stopReading = (): void => {
    child.stderr.destroy();
  };
  return { log: () => log, signal: (name) => child.kill(name), stopReading, ended: end() };
}
