/**
 * What a program can do where it runs: `node image-probe.ts <folder> <host:port>…` tries to change everything below the
 * folder and to reach the addresses, and prints what came of it.
 */
import { mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

export interface Findings {
  /** Of `/proc/self/status`. */
  readonly status: Readonly<Record<string, string>>;
  /** Every folder, with what Linux said to a new one in it: a code, or `made`. */
  readonly folders: Readonly<Record<string, string>>;
  /** Every file, with what Linux said to its being opened for writing: a code, or `opened`. */
  readonly files: Readonly<Record<string, string>>;
  /** By address: a code, or `connected`. */
  readonly connections: Readonly<Record<string, string>>;
}

/** What a kernel shows of itself, and devices, are nobody's files. */
const NOT_FILES = ['/proc', '/dev', '/sys'];

/** No name of anything that is there. */
const MADE = 'made-by-probe';

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);

function outcomeOf(deed: string, run: () => void): string {
  try {
    run();
    return deed;
  } catch (error) {
    return codeOf(error);
  }
}

function look(folder: string, findings: { folders: Record<string, string>; files: Record<string, string> }): void {
  findings.folders[folder] = outcomeOf('made', () => mkdirSync(join(folder, MADE)));
  if (NOT_FILES.includes(folder)) return;
  for (const entry of readable(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) look(path, findings);
    else if (entry.isFile()) findings.files[path] = outcomeOf('opened', () => openSync(path, 'r+'));
  }
}

function readable(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true }).filter(({ name }) => name !== MADE);
  } catch {
    return [];
  }
}

async function reach(address: string): Promise<string> {
  const [host, port] = address.split(':');
  const socket = connect(Number(port), host);
  const outcome = await new Promise<string>((resolve) => {
    socket.once('connect', () => {
      resolve('connected');
    });
    socket.once('error', (error) => {
      resolve(codeOf(error));
    });
  });
  socket.destroy();
  return outcome;
}

if (import.meta.main) {
  const [folder = '', ...addresses] = process.argv.slice(2);
  const lines = readFileSync('/proc/self/status', 'utf8').split('\n');
  const status = Object.fromEntries(lines.map((line) => line.split(':\t') as [string, string]));
  const findings = { folders: {}, files: {} };
  look(folder, findings);
  const connections: Record<string, string> = {};
  for (const address of addresses) connections[address] = await reach(address);
  process.stdout.write(JSON.stringify({ status, ...findings, connections } satisfies Findings));
}
