/**
 * Leases of which a test says in what order requests take effect, and in what order their answers come: every request waits
 * for its turn twice. One that its sender has given up may take effect all the same, at any time later.
 */
import type { LeaseStore, StoredLease } from '../../../src/runtime/leader-election.ts';

interface Waiting {
  /** The process, and the lease that it asks for. */
  readonly about: readonly [string, string];
  go(): void;
}

export class InterleavedLeases {
  readonly #records = new Map<string, StoredLease>();
  readonly #waiting: Waiting[] = [];
  readonly #cutOff = new Set<string>();
  #version = 0;

  /** The lease of this name, as this process sees it. */
  store(by: string, name: string): LeaseStore {
    return {
      read: (signal) => this.#request([by, name], signal, () => this.#records.get(name)),
      write: (next, current, signal) =>
        this.#request([by, name], signal, () => {
          if (current?.version !== this.#records.get(name)?.version) throw new Error('conflict');
          this.#version += 1;
          const stored = { ...next, version: String(this.#version) };
          this.#records.set(name, stored);
          return stored;
        }),
    };
  }

  recordOf(name: string): StoredLease | undefined {
    return this.#records.get(name);
  }

  /** How many requests and answers wait for their turn. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Lets one of them go on. */
  proceed(index: number): void {
    const [next] = this.#waiting.splice(index, 1);
    if (next !== undefined && !this.#isCutOff(next)) next.go();
  }

  /** From now on nothing arrives that this process asks or is told of any lease, or of one; it does not know. */
  cutOff(by: string, name?: string): void {
    this.#cutOff.add(name === undefined ? by : `${by} ${name}`);
  }

  #isCutOff({ about: [by, name] }: Waiting): boolean {
    return this.#cutOff.has(by) || this.#cutOff.has(`${by} ${name}`);
  }

  #request<T>(about: Waiting['about'], signal: AbortSignal, act: () => T): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    const answer = (go: () => void): unknown => this.#waiting.push({ about, go });
    const go = (): void => {
      try {
        const result = act();
        answer(() => resolve(result));
      } catch (error) {
        answer(() => reject(error));
      }
    };
    this.#waiting.push({ about, go });
    return promise;
  }
}
