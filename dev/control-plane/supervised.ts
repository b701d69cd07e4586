import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

import type { Command, Exit, ProcessSpec, Report } from './supervisor-protocol.ts';

export interface SupervisedProcess {
  readonly pid: number;
  /** How the process ended, or undefined while it runs. */
  readonly exit: Exit | undefined;
  /** Waits for the process to end. */
  wait(): Promise<Exit>;
  /** Sends a signal to the process and what it started; does nothing when it has ended. */
  signal(signal: NodeJS.Signals): void;
}

/** Processes and a temporary folder that go when this process does, however it ends. See `supervisor.ts`. */
export interface Supervisor {
  readonly pid: number;
  /** Readable by this user alone. */
  readonly folder: string;
  /** @throws Error when the command cannot be started. */
  start(spec: ProcessSpec): Promise<SupervisedProcess>;
  /** Ends all processes and removes the folder. May be called more than once. */
  close(): Promise<void>;
}

type SupervisorProcess = ChildProcessByStdio<Writable, Readable, null>;

interface Tracked {
  readonly started: PromiseWithResolvers<number>;
  readonly exited: PromiseWithResolvers<Exit>;
  pid: number | undefined;
  exit: Exit | undefined;
}

/**
 * Starts a supervisor with a folder whose path begins with `folderPrefix`.
 * It does not keep this process alive, except while something of it is awaited.
 */
export async function openSupervisor(folderPrefix: string): Promise<Supervisor> {
  const script = fileURLToPath(new URL('./supervisor.ts', import.meta.url));
  const environment = { ...process.env };
  delete environment['NODE_OPTIONS']; // a debugger or a loader of this process is not the supervisor's
  const child = spawn(process.execPath, [script, folderPrefix], {
    detached: true,
    env: environment,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const tracked = new Map<number, Tracked>();
  const ready = Promise.withResolvers<string>();
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });
  const hold = holder(child);

  child.stdin.on('error', () => undefined); // a supervisor that is gone is told by its exit
  createInterface({ input: child.stdout }).on('line', (line) => {
    settle(JSON.parse(line) as Report, ready, tracked);
  });
  child.once('error', ready.reject);
  void gone.then(() => {
    ready.reject(new Error('The supervisor ended before it was ready.'));
  });
  const folder = await hold(ready.promise);

  // A supervisor that was killed could clean up nothing: then it is done here.
  const cleaned = gone.then(() => {
    endOrphans(tracked);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  cleaned.catch(() => undefined); // `close` tells it
  const send = (command: Command): void => {
    child.stdin.write(`${JSON.stringify(command)}\n`);
  };
  let nextId = 0;
  return {
    pid: child.pid ?? -1,
    folder,
    async start(spec) {
      const id = nextId++;
      const record: Tracked = {
        started: Promise.withResolvers(),
        exited: Promise.withResolvers(),
        pid: undefined,
        exit: undefined,
      };
      tracked.set(id, record);
      send({ type: 'start', id, spec });
      const lost = gone.then(() => Promise.reject(new Error(`The supervisor ended while it started ${spec.command}.`)));
      const pid = await hold(Promise.race([record.started.promise, lost]));
      return {
        pid,
        get exit() {
          return record.exit;
        },
        wait: () => hold(record.exited.promise),
        signal: (signal) => {
          if (record.exit === undefined) signalGroup(pid, signal);
        },
      };
    },
    async close() {
      child.stdin.end();
      await hold(cleaned);
    },
  };
}

function settle(report: Report, ready: PromiseWithResolvers<string>, tracked: ReadonlyMap<number, Tracked>): void {
  if (report.type === 'ready') {
    ready.resolve(report.folder);
    return;
  }
  const record = tracked.get(report.id);
  if (record === undefined) return;
  switch (report.type) {
    case 'started':
      record.pid = report.pid;
      record.started.resolve(report.pid);
      break;
    case 'failed':
      record.started.reject(new Error(report.message));
      break;
    case 'exited':
      record.exit = { code: report.code, signal: report.signal };
      record.exited.resolve(record.exit);
      break;
  }
}

/** Ends what still runs, and tells who waits for it. */
function endOrphans(tracked: ReadonlyMap<number, Tracked>): void {
  for (const record of tracked.values()) {
    if (record.pid === undefined || record.exit !== undefined) continue;
    signalGroup(record.pid, 'SIGKILL');
    record.exit = { code: null, signal: 'SIGKILL' };
    record.exited.resolve(record.exit);
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended; that is being reported.
  }
}

/** Lets the supervisor keep the event loop alive only as long as one of the given promises is pending. */
function holder(child: SupervisorProcess): <T>(promise: Promise<T>) => Promise<T> {
  const handles = [child, child.stdin as unknown as Socket, child.stdout as unknown as Socket];
  let pending = 0;
  return async (promise) => {
    pending += 1;
    for (const handle of handles) handle.ref();
    try {
      return await promise;
    } finally {
      pending -= 1;
      if (pending === 0) for (const handle of handles) handle.unref();
    }
  };
}
