/**
 * Runs in namespaces of its own (see `confine.ts`), as root of them: makes the network and the mounts, and starts the
 * program with none of these rights. Signals for it come by standard input, one name a line; with the input's end all ends.
 *
 * `node dev/image/confined.ts <order.json>`; ends with the program's exit code.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

import { NAMESPACES, type Order, publishedSocket, serverSocket } from './confinement.ts';
import { relay } from './relay.ts';
import { withinRoot } from './within-root.ts';

/** What container runtimes have in /dev, as far as programs look for it. */
const DEVICES = ['null', 'zero', 'full', 'random', 'urandom'];
const READ_ONLY = 'remount,bind,ro,nosuid,nodev';

const order = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Order;

function mount(...args: readonly string[]): void {
  execFileSync('mount', args);
}

/** Puts something of the host where it is to be seen, over a file or folder that is made for it. */
function bind(from: string, to: string): void {
  const isFolder = statSync(from).isDirectory();
  mkdirSync(isFolder ? to : dirname(to), { recursive: true });
  if (!isFolder) writeFileSync(to, '', { flag: 'a' });
  mount('--bind', from, to);
}

function layMounts({ root, volumes }: Order): void {
  mount('--bind', root, root);
  for (const device of DEVICES) bind(`/dev/${device}`, join(root, 'dev', device));
  for (const { from, to } of volumes) {
    const place = withinRoot(root, to);
    bind(from, place);
    mount('-o', READ_ONLY, place);
  }
  mount('-o', READ_ONLY, root);
}

async function openNetwork({ exchange, servers, published }: Order): Promise<void> {
  execFileSync('ip', ['link', 'set', 'dev', 'lo', 'up']);
  for (const port of servers) await relay({ host: '127.0.0.1', port }, { path: serverSocket(exchange, port) });
  if (published !== undefined) {
    await relay({ path: publishedSocket(exchange) }, { host: '127.0.0.1', port: published });
  }
}

/**
 * As in a container, the program is the first process of its tree. When it starts, it has no capability, and with
 * `--no-new-privs` no program that it could start has one either.
 */
function commandOf({ root, uid, gid, workdir, command, isRootless }: Order): readonly string[] {
  // Who is root of nothing but a user namespace can become somebody else in one more.
  const user = isRootless
    ? ['--user', `--map-user=${String(uid)}`, `--map-group=${String(gid)}`]
    : [`--setuid=${String(uid)}`, `--setgid=${String(gid)}`];
  const namespaces = NAMESPACES.filter((each) => each !== '--net');
  return [
    'setpriv',
    '--no-new-privs',
    'unshare',
    ...namespaces,
    `--root=${root}`,
    `--wd=${workdir}`,
    ...user,
    ...command,
  ];
}

layMounts(order);
await openNetwork(order);
const [program = '', ...args] = commandOf(order);
// The programs on the way are found by the host's path; the last one stands there with its whole path.
const child = spawn(program, args, { env: order.environment, stdio: ['ignore', 'inherit', 'inherit'] });
child.once('exit', (code) => process.exit(code ?? 1));

/** `unshare` passes no signals on. */
function signal(name: NodeJS.Signals): void {
  const isChild = (pid: string): boolean => {
    try {
      return readFileSync(`/proc/${pid}/status`, 'utf8').includes(`\nPPid:\t${String(child.pid)}\n`);
    } catch {
      return false;
    }
  };
  for (const pid of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
    if (isChild(pid)) process.kill(Number(pid), name);
  }
}

createInterface({ input: process.stdin })
  .on('line', (line) => signal(line as NodeJS.Signals))
  .once('close', () => process.exit(1));
