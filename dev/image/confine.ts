/**
 * Runs a program as a Deployment's container runs: from its root file system alone, which it cannot change, as its own
 * user without any capability, and with a network in which there is nothing but the servers that it is given.
 *
 * What runs it is the kernel of this machine by itself, with the programs of util-linux and iproute2; who is not root does
 * it in a user namespace. Not as in a cluster: there are no filters of system calls and no limits of memory.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { type Confinement, NAMESPACES, type Order, publishedSocket, serverSocket } from './confinement.ts';
import { relay } from './relay.ts';

export interface Program {
  readonly command: readonly string[];
  /** All of it: nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface ConfinedProcess {
  /** A socket that leads to the published port. */
  readonly socketPath: string;
  /** What it has written to standard error so far. */
  log(): string;
  signal(name: NodeJS.Signals): void;
  /** Ends all at once. */
  kill(): void;
  readonly ended: Promise<{ readonly exitCode: number | undefined; readonly stdout: string }>;
}

const isRootless = (): boolean => process.getuid?.() !== 0;
/** `ip` is not in the path of people. */
const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
const ROOT_OF_ITS_OWN = ['--user', '--map-root-user'];
const CONFINED = fileURLToPath(new URL('./confined.ts', import.meta.url));
const UNSHARE = 'unshare';

function unshare(command: readonly string[]): readonly string[] {
  return [...NAMESPACES, ...(isRootless() ? ROOT_OF_ITS_OWN : []), ...command];
}

/** Why nothing can be confined here; undefined where it can. */
export async function obstacle(): Promise<string | undefined> {
  try {
    const probe = 'ip link set dev lo up && setpriv --no-new-privs unshare --mount true';
    await promisify(execFile)(UNSHARE, unshare(['sh', '-ec', probe]), { env: { PATH } });
    return undefined;
  } catch (error) {
    return `namespaces cannot be made here: ${error instanceof Error ? error.message : String(error)}`;
  }
}

export async function confine(confinement: Confinement, { command, environment }: Program): Promise<ConfinedProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'confined-'));
  const exchange = join(folder, 'sockets');
  await mkdir(exchange);
  const order: Order = {
    ...confinement,
    command,
    environment: { PATH, ...environment },
    exchange,
    isRootless: isRootless(),
  };
  const orderFile = join(folder, 'order.json');
  await writeFile(orderFile, JSON.stringify(order));
  const relays = await Promise.all(
    confinement.servers.map((port) => relay({ path: serverSocket(exchange, port) }, { host: '127.0.0.1', port })),
  );
  const child = spawn(UNSHARE, unshare([process.execPath, CONFINED, orderFile]), {
    env: { PATH },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    log += chunk;
  });
  // It may have ended before it was told to.
  child.stdin.on('error', () => undefined);
  const end = async (): Promise<{ readonly exitCode: number | undefined; readonly stdout: string }> => {
    const [stdout] = await Promise.all([text(child.stdout), once(child, 'close')]);
    await cleanUp(relays, folder);
    return { exitCode: child.exitCode ?? undefined, stdout };
  };
  return {
    socketPath: publishedSocket(exchange),
    log: () => log,
    signal: (name) => void child.stdin.write(`${name}\n`),
    kill: () => void child.kill('SIGKILL'),
    ended: end(),
  };
}

async function cleanUp(relays: readonly Server[], folder: string): Promise<void> {
  for (const server of relays) server.close();
  await rm(folder, { recursive: true, force: true });
}
