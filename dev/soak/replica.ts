/** One replica of the operator: process after process under one name, as a Deployment keeps them. */
import { randomUUID } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

import type { SupervisedProcess, Supervisor } from '../control-plane/supervised.ts';
import { eventually } from '../demo/wait.ts';
import { type Sample, sample } from '../stage/samples.ts';
import { OperatorLog } from './operator-log.ts';

/** One process of it. */
export interface Incarnation {
  /** `steady-1`: of which replica, and the how many-eth. */
  readonly name: string;
  readonly pid: number;
  /** It alone signs in to Azure with this one: that is how Azure's log tells the processes apart. */
  readonly clientId: string;
  readonly log: OperatorLog;
  readonly samples: readonly Sample[];
  /** How it ended; undefined while it runs. */
  readonly end: string | undefined;
  /** It was told to go, in one way or another. */
  readonly endsOnPurpose: boolean;
}

export interface ReplicaOptions {
  readonly name: string;
  readonly supervisor: Supervisor;
  readonly nodeFlags: readonly string[];
  readonly bundle: string;
  /** Flags without those of the place it runs in. */
  readonly flags: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Makes Azure know a client before it signs in. */
  readonly introduce: (clientId: string) => Promise<void>;
  /** Seconds since the beginning of the run. */
  readonly elapsed: () => number;
}

interface Running {
  readonly name: string;
  readonly clientId: string;
  readonly process: SupervisedProcess;
  readonly logFile: string;
  readonly log: OperatorLog;
  readonly samples: Sample[];
  readBytes: number;
  endsOnPurpose: boolean;
}

const READY_MS = 180_000;

export class Replica {
  readonly name: string;
  readonly #options: ReplicaOptions;
  readonly #all: Running[] = [];
  #reading = Promise.resolve();

  constructor(options: ReplicaOptions) {
    this.name = options.name;
    this.#options = options;
  }

  get incarnations(): readonly Incarnation[] {
    return this.#all.map(({ name, clientId, process, log, samples, endsOnPurpose }) => ({
      name,
      pid: process.pid,
      clientId,
      log,
      samples,
      end: process.exit && String(process.exit.signal ?? process.exit.code),
      endsOnPurpose,
    }));
  }

  get isRunning(): boolean {
    const last = this.#all.at(-1);
    return last !== undefined && last.process.exit === undefined;
  }

  /** By its own log: one that hangs, or was killed, has not logged that it leads no more. */
  get saysThatItLeads(): boolean {
    return this.isRunning && this.#all.at(-1)?.log.leads === true;
  }

  /** What the Lease counted when a process of this replica last became the leader; -1 if none did. */
  get latestTerm(): number {
    return Math.max(-1, ...this.#all.flatMap(({ log }) => log.terms.map(({ transitions }) => transitions)));
  }

  /** Resolves when the process runs; it is not ready by then. */
  async start(): Promise<void> {
    const { supervisor, nodeFlags, bundle, flags, environment, introduce } = this.#options;
    const name = `${this.name}-${String(this.#all.length + 1)}`;
    const clientId = randomUUID();
    await introduce(clientId);
    const logFile = join(supervisor.folder, `${name}.log`);
    const process_ = await supervisor.start({
      command: process.execPath,
      args: [...nodeFlags, bundle, ...flags],
      cwd: supervisor.folder,
      env: { PATH: process.env['PATH'] ?? '', ...environment, AZURE_CLIENT_ID: clientId },
      logFile,
    });
    const log = new OperatorLog();
    this.#all.push({
      name,
      clientId,
      process: process_,
      logFile,
      log,
      samples: [],
      readBytes: 0,
      endsOnPurpose: false,
    });
  }

  async untilReady(): Promise<void> {
    await eventually(
      `${this.name} to be ready`,
      async () => {
        await this.readLog();
        if (!this.isRunning) throw new Error(`${this.name} has ended`);
        const address = this.#all.at(-1)?.log.address;
        return address !== undefined && (await fetch(`http://${address}/readyz`)).ok;
      },
      READY_MS,
    );
  }

  signal(signal: NodeJS.Signals): void {
    this.#all.at(-1)?.process.signal(signal);
  }

  /** Ends the process. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const last = this.#all.at(-1);
    if (last === undefined) return;
    last.endsOnPurpose = true;
    last.process.signal(signal);
    await last.process.wait();
    await this.readLog();
  }

  /** Takes in what its processes have logged. Whoever asks meanwhile waits: each line is read once. */
  async readLog(): Promise<void> {
    this.#reading = this.#reading.then(() => this.#readLog());
    await this.#reading;
  }

  async #readLog(): Promise<void> {
    for (const running of this.#all) {
      const text = await readFrom(running.logFile, running.readBytes);
      running.readBytes += Buffer.byteLength(text);
      running.log.add(text);
    }
  }

  async measure(): Promise<void> {
    const last = this.#all.at(-1);
    if (last === undefined || !this.isRunning) return;
    const taken = await sample(last.process.pid, this.#options.elapsed());
    if (taken !== undefined) last.samples.push(taken);
  }
}

/** Up to the end of the last whole line, so that no character is cut in two. */
async function readFrom(path: string, position: number): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.max(0, size - position));
    await file.read(buffer, 0, buffer.length, position);
    return buffer.subarray(0, buffer.lastIndexOf(0x0a) + 1).toString('utf8');
  } finally {
    await file.close();
  }
}
