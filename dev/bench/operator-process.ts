/** The operator as it is shipped, in a process of its own, and what it says and takes. */
import { readFile } from 'node:fs/promises';

import type { SupervisedProcess } from '../control-plane/supervised.ts';
import { eventually } from '../demo/wait.ts';
import { type Metrics, metricsFrom } from '../stage/metrics.ts';
import { cpuSeconds, sample } from '../stage/samples.ts';

/** A line of the log that tells when. */
interface Line {
  readonly time: string;
  readonly msg: string;
  readonly address?: string;
}

/** What a process has used, and holds. */
export interface Usage {
  readonly cpuSeconds: number;
  readonly rssMib: number;
}

const START_MS = 180_000;

export class OperatorProcess {
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly #process: SupervisedProcess;
  readonly #logFile: string;

  constructor(process_: SupervisedProcess, logFile: string, startedAt: number) {
    this.#process = process_;
    this.#logFile = logFile;
    this.startedAt = startedAt;
  }

  /** When it logged this for the first time, in epoch milliseconds; waits until it has. */
  async said(message: string, limitMs = START_MS): Promise<number> {
    const line = await eventually(`the operator to say "${message}"`, () => this.#find(message), limitMs);
    return Date.parse(line.time);
  }

  /** When `/readyz` answered that it is ready, in epoch milliseconds. */
  async ready(): Promise<number> {
    const url = await this.#url();
    for (;;) {
      const answer = await fetch(`${url}/readyz`);
      await answer.text();
      if (answer.ok) return Date.now();
    }
  }

  /** @throws Error when it has ended */
  async metrics(): Promise<Metrics> {
    const url = `${await this.#url()}/metrics`;
    // A connection that was kept may be closed by the other end just as it is used again.
    const answer = await fetch(url).catch(() => fetch(url));
    return metricsFrom(await answer.text());
  }

  /** The longest that its event loop stood still since this was last asked, in milliseconds. */
  async stallMs(): Promise<number> {
    return (await this.metrics()).sum('nodejs_eventloop_lag_max_seconds') * 1000;
  }

  /** @throws Error when it has ended */
  async usage(): Promise<Usage> {
    const taken = await sample(this.#process.pid, 0);
    if (taken === undefined) throw new Error(`the operator has ended:\n${(await this.#log()).slice(-4000)}`);
    return { rssMib: taken.rssMib, cpuSeconds: await cpuSeconds(this.#process.pid) };
  }

  async end(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    this.#process.signal(signal);
    await this.#process.wait();
  }

  /** Warnings and errors, as it wrote them. */
  async troubles(): Promise<readonly string[]> {
    return (await this.#log()).split('\n').filter((line) => /"level":"(warn|error)"/.test(line));
  }

  async #url(): Promise<string> {
    const line = await eventually('the operator to serve', () => this.#find('serving health and metrics'), START_MS);
    return `http://${line.address ?? ''}`;
  }

  async #find(message: string): Promise<Line | undefined> {
    if (this.#process.exit !== undefined) throw new Error(`the operator has ended:\n${await this.#log()}`);
    const line = (await this.#log()).split('\n').find((text) => text.includes(`"msg":${JSON.stringify(message)}`));
    return line === undefined ? undefined : (JSON.parse(line) as Line);
  }

  async #log(): Promise<string> {
    return readFile(this.#logFile, 'utf8').catch(() => '');
  }
}
