/**
 * A lease that several processes hold together, under one identity that they all give. Whoever gives another one finds it
 * taken for as long as any of them renews it; and each of them may count only on what it has renewed itself, as with a
 * lease of its own.
 */
import type { LeaseRecord, LeaseStore, StoredLease } from './leader-election.ts';

export class SharedLease implements LeaseStore {
  readonly #store: LeaseStore;

  /** @param store where the lease is kept */
  constructor(store: LeaseStore) {
    this.#store = store;
  }

  read(signal: AbortSignal): Promise<StoredLease | undefined> {
    return this.#store.read(signal);
  }

  /** Writes also over what another holder of the same identity has written meanwhile, as often as that happens. */
  async write(next: LeaseRecord, current: StoredLease | undefined, signal: AbortSignal): Promise<StoredLease> {
    // Others may count on it: nobody gives it back, it runs out after the last of them.
    if (next.holder === '') return { ...next, version: current?.version ?? '' };
    let known = current;
    for (;;) {
      const found = await this.#store.read(signal);
      const isOurs = found?.holder === next.holder;
      if (!isOurs && found?.version !== known?.version) throw new Error('the lease has changed hands');
      // None of those who share it may count on it for longer than others wait for it.
      const durationMs = isOurs ? Math.max(next.durationMs, found.durationMs) : next.durationMs;
      try {
        return await this.#store.write({ ...next, durationMs }, found, signal);
      } catch (error) {
        known = await this.#store.read(signal);
        if (known?.version === found?.version || known?.holder !== next.holder) throw error;
      }
    }
  }
}
