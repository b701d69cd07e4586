interface Waiter {
  readonly isMet: () => boolean;
  readonly settle: (met: boolean) => void;
}

/** Those who wait for a condition to hold. Whoever changes what conditions look at calls {@link check}. */
export class Waiters {
  readonly #waiting = new Set<Waiter>();
  #closed = false;

  /** True as soon as the condition holds; false when the signal aborts or {@link close} is called before. Never rejects. */
  async wait(isMet: () => boolean, signal?: AbortSignal): Promise<boolean> {
    if (isMet()) return true;
    if (this.#closed || signal?.aborted === true) return false;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const waiter: Waiter = { isMet, settle: resolve };
    const giveUp = (): void => resolve(false);
    this.#waiting.add(waiter);
    signal?.addEventListener('abort', giveUp, { once: true });
    const met = await promise;
    this.#waiting.delete(waiter);
    signal?.removeEventListener('abort', giveUp);
    return met;
  }

  check(): void {
    for (const { isMet, settle } of this.#waiting) if (isMet()) settle(true);
  }

  close(): void {
    this.#closed = true;
    for (const { settle } of this.#waiting) settle(false);
  }
}
