/** The built operator as a process of its own, as it runs in a pod. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

import { eventually } from './wait.ts';

export interface OperatorOptions {
  /** The bundle. */
  readonly bundle: string;
  readonly kubeconfig: string;
  /** Base URL of the simulated Azure, ARM and Entra alike. */
  readonly azureUrl: string;
  /** File with the certificate that the simulated Azure is verified by. */
  readonly caFile: string;
  readonly tenantId: string;
  readonly clientId: string;
  /** File with the service account's token. */
  readonly tokenFile: string;
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export interface OperatorProcess {
  readonly pid: number;
  /** Base URL of health and metrics. */
  readonly url: string;
  /** Everything it has logged so far. */
  log(): string;
  isRunning(): boolean;
  /** Whether it was told to end, so that it is no surprise when it does. */
  wasStopped(): boolean;
  /** Sends it a signal, and waits for nothing. */
  signal(signal: NodeJS.Signals): void;
  /** Ends it: SIGTERM unless said otherwise. Returns its exit code; undefined when a signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | undefined>;
}

/** One that has been started, ready or not. */
export interface StartedOperator extends Omit<OperatorProcess, 'url'> {
  /** Base URL of health and metrics, once it is ready. @throws Error when it has ended */
  readonly readyAt: () => Promise<string | undefined>;
}

/** Starts the operator, and resolves when it is ready. */
export async function startOperator(options: OperatorOptions): Promise<OperatorProcess> {
  const { readyAt, ...operator } = launchOperator(options);
  try {
    return { ...operator, url: await eventually('the operator to be ready', readyAt) };
  } catch (error) {
    await operator.stop('SIGKILL');
    throw new Error(`the operator did not become ready:\n${operator.log()}`, { cause: error });
  }
}

/** Starts the operator, and waits for nothing. */
export function launchOperator(options: OperatorOptions): StartedOperator {
  const child = spawn(process.execPath, [options.bundle, ...flagsOf(options)], {
    env: { PATH: process.env['PATH'], ...environmentOf(options) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  let stopped = false;
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  return {
    pid: child.pid ?? 0,
    log: () => log,
    isRunning,
    wasStopped: () => stopped,
    signal: (name) => void child.kill(name),
    stop(signal = 'SIGTERM') {
      stopped = true;
      return end(child, signal);
    },
    readyAt: async () => {
      if (!isRunning()) throw new Error(`the operator ended with ${String(child.exitCode)}:\n${log}`);
      const address = /"address":"([^"]+)"/.exec(log)?.[1];
      if (address === undefined) return undefined;
      const { ok } = await fetch(`http://${address}/readyz`);
      return ok ? `http://${address}` : undefined;
    },
  };
}

/** Beside the path. */
export function environmentOf(options: OperatorOptions): Readonly<Record<string, string>> {
  return {
    NODE_EXTRA_CA_CERTS: options.caFile,
    AZURE_TENANT_ID: options.tenantId,
    AZURE_CLIENT_ID: options.clientId,
    AZURE_FEDERATED_TOKEN_FILE: options.tokenFile,
    ...options.environment,
  };
}

export function flagsOf({ kubeconfig, azureUrl, flags }: OperatorOptions): readonly string[] {
  const own = {
    kubeconfig,
    'arm-endpoint': azureUrl,
    'authority-host': azureUrl,
    listen: '127.0.0.1:0',
    'log-format': 'json',
  };
  return [
    ...Object.entries(own).map(([name, value]) => `--${name}=${value}`),
    '--disable-instance-discovery',
    ...(flags ?? []),
  ];
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | undefined> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
  return child.exitCode ?? undefined;
}
