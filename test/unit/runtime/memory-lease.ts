/** A lease in memory that several electors share, each through a connection of its own that can be cut or slow. */
import type { LeaseRecord, LeaseStore, StoredLease } from '../../../src/runtime/leader-election.ts';
import type { VirtualClock } from './virtual-clock.ts';

export class MemoryLease {
  readonly #clock: VirtualClock;
  #stored: StoredLease | undefined;
  #version = 0;
  /** Every record that was written, in order. */
  readonly history: LeaseRecord[] = [];

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  get record(): StoredLease | undefined {
    return this.#stored;
  }

  /** A connection to it. */
  connect(): LeaseConnection {
    return new LeaseConnection(this, this.#clock);
  }

  write(next: LeaseRecord, current: StoredLease | undefined): StoredLease {
    if (current?.version !== this.#stored?.version) throw new Error('conflict');
    this.#version += 1;
    this.#stored = { ...next, version: String(this.#version) };
    this.history.push(next);
    return this.#stored;
  }
}

/** What happens to requests on the way. */
export type Weather = 'fair' | 'cut' | 'hanging' | 'answersLost';

export class LeaseConnection implements LeaseStore {
  readonly #lease: MemoryLease;
  readonly #clock: VirtualClock;
  weather: Weather = 'fair';
  /** How long a request takes on the way there, and its answer on the way back. */
  latencyMs = 0;

  constructor(lease: MemoryLease, clock: VirtualClock) {
    this.#lease = lease;
    this.#clock = clock;
  }

  async read(signal: AbortSignal): Promise<StoredLease | undefined> {
    return this.#exchange(signal, () => this.#lease.record);
  }

  async write(next: LeaseRecord, current: StoredLease | undefined, signal: AbortSignal): Promise<StoredLease> {
    return this.#exchange(signal, () => this.#lease.write(next, current));
  }

  async #exchange<T>(signal: AbortSignal, act: () => T): Promise<T> {
    const { weather } = this;
    await this.#travel(signal);
    if (weather === 'cut') throw new Error('no connection');
    if (weather === 'hanging') await this.#clock.sleep(3_600_000, signal);
    const result = act();
    if (weather === 'answersLost') await this.#clock.sleep(3_600_000, signal);
    await this.#travel(signal);
    return result;
  }

  async #travel(signal: AbortSignal): Promise<void> {
    if (this.latencyMs > 0) await this.#clock.sleep(this.latencyMs, signal);
  }
}
