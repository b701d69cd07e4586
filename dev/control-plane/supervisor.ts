/**
 * A process of its own that runs other processes and owns their temporary folder, so that both go when its starter goes,
 * however that ends: the starter holds the other end of standard input, and the kernel closes it even after `kill -9`.
 * It leads its own session, so neither Ctrl-C in the terminal nor a kill of the starter's process group reaches it first.
 *
 * Argument: the beginning of the path of the folder to make. Commands and reports: `supervisor-protocol.ts`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';

import type { Command, ProcessSpec, Report } from './supervisor-protocol.ts';

const folderPrefix = process.argv[2];
if (folderPrefix === undefined) throw new Error('usage: supervisor.ts <beginning of the path of the folder>');

const folder = mkdtempSync(folderPrefix);
const running = new Map<number, ChildProcess>();
let ending = false;

function report(message: Report): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function start(id: number, spec: ProcessSpec): void {
  const log = openSync(spec.logFile, 'a', 0o600);
  // A group of its own, so that what the process starts (the compilers of `go build`) can be ended with it.
  const child = spawn(spec.command, spec.args, {
    cwd: spec.cwd,
    env: spec.env,
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  if (child.pid === undefined) {
    child.once('error', (error) => {
      report({ type: 'failed', id, message: error.message });
    });
    return;
  }
  running.set(id, child);
  report({ type: 'started', id, pid: child.pid });
  child.once('exit', (code, signal) => {
    running.delete(id);
    report({ type: 'exited', id, code, signal });
    if (ending) void finish();
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The group is gone already.
  }
}

/** Everything in the folder is thrown away, so nothing is gained by asking the processes to end in good order. */
function end(): void {
  if (ending) return;
  ending = true;
  for (const child of running.values()) killGroup(child);
  void finish();
}

async function finish(): Promise<void> {
  if (running.size > 0) return;
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  process.exit(0);
}

function obey(line: string): void {
  if (ending) return;
  const command = JSON.parse(line) as Command;
  start(command.id, command.spec);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
process.stdout.on('error', end); // the starter is gone and reads no more
createInterface({ input: process.stdin }).on('line', obey).on('close', end);
report({ type: 'ready', folder });
