/** Requests to one side, counted in all and within each second. */

export interface Rate {
  readonly total: number;
  /** Within the second in which there were most. */
  readonly peakPerSecond: number;
}

export class Traffic {
  readonly #elapsedMs: () => number;
  readonly #rates = { read: new RateCounter(), write: new RateCounter() };

  /** @param elapsedMs since the beginning */
  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs;
  }

  get reads(): Rate {
    return this.#rates.read.rate;
  }

  get writes(): Rate {
    return this.#rates.write.rate;
  }

  note(kind: 'read' | 'write'): void {
    this.#rates[kind].note(Math.floor(this.#elapsedMs() / 1000));
  }
}

class RateCounter {
  #total = 0;
  #peakPerSecond = 0;
  #second = 0;
  #inSecond = 0;

  get rate(): Rate {
    return { total: this.#total, peakPerSecond: this.#peakPerSecond };
  }

  note(second: number): void {
    this.#total += 1;
    this.#inSecond = second === this.#second ? this.#inSecond + 1 : 1;
    this.#second = second;
    this.#peakPerSecond = Math.max(this.#peakPerSecond, this.#inSecond);
  }
}
