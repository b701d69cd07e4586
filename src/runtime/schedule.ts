export interface Scheduled<K, V> {
  readonly key: K;
  readonly atMs: number;
  readonly value: V;
}

interface Entry<K, V> extends Scheduled<K, V> {
  /** Breaks ties: first scheduled, first due. */
  readonly order: number;
}

/** Which key is due when, and with what: one time for each key, in a binary heap that knows where each key is. */
export class Schedule<K, V> {
  readonly #heap: Entry<K, V>[] = [];
  readonly #index = new Map<K, number>();
  #order = 0;

  get(key: K): Scheduled<K, V> | undefined {
    const index = this.#index.get(key);
    return index === undefined ? undefined : this.#entry(index);
  }

  /** The earliest time of all. */
  earliestMs(): number | undefined {
    return this.#heap[0]?.atMs;
  }

  /** Gives a key its time, in place of the one that it may have. */
  set(scheduled: Scheduled<K, V>): void {
    this.delete(scheduled.key);
    this.#settle(this.#heap.length, { ...scheduled, order: this.#order++ });
  }

  delete(key: K): void {
    const index = this.#index.get(key);
    const last = this.#heap.at(-1);
    if (index === undefined || last === undefined) return;
    this.#heap.pop();
    this.#index.delete(key);
    if (last.key !== key) this.#settle(index, last);
  }

  clear(): void {
    this.#heap.length = 0;
    this.#index.clear();
  }

  /** Takes out the key that is due first, if it is due at `nowMs`. */
  takeDue(nowMs: number): Scheduled<K, V> | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.atMs > nowMs) return undefined;
    this.delete(first.key);
    return first;
  }

  /** Puts an entry where a place has become free, and moves it up or down from there. */
  #settle(free: number, entry: Entry<K, V>): void {
    let index = free;
    while (index > 0 && isBefore(entry, this.#entry(parentOf(index)))) {
      this.#place(index, this.#entry(parentOf(index)));
      index = parentOf(index);
    }
    for (let child = this.#earlierChild(index); child !== undefined; child = this.#earlierChild(index)) {
      if (!isBefore(this.#entry(child), entry)) break;
      this.#place(index, this.#entry(child));
      index = child;
    }
    this.#place(index, entry);
  }

  #earlierChild(index: number): number | undefined {
    const left = 2 * index + 1;
    const right = left + 1;
    if (left >= this.#heap.length) return undefined;
    return right < this.#heap.length && isBefore(this.#entry(right), this.#entry(left)) ? right : left;
  }

  #place(index: number, entry: Entry<K, V>): void {
    this.#heap[index] = entry;
    this.#index.set(entry.key, index);
  }

  #entry(index: number): Entry<K, V> {
    const entry = this.#heap[index];
    if (entry === undefined) throw new RangeError(`no entry at ${index}`);
    return entry;
  }
}

const parentOf = (index: number): number => (index - 1) >> 1;

const isBefore = <K, V>(a: Entry<K, V>, b: Entry<K, V>): boolean =>
  a.atMs === b.atMs ? a.order < b.order : a.atMs < b.atMs;
