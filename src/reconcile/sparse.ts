/**
 * Maps and sets that are nearly always empty: a `Map` takes 200 bytes with nothing in it, and there is a score of them for
 * each of thousands of scale sets. These take 32 until something is put in, and again when the last of it has gone. They have
 * no private methods: those take a word of each object, to tell that it has them.
 */

const NO_MAP: ReadonlyMap<never, never> = new Map<never, never>();
const NO_SET: ReadonlySet<never> = new Set<never>();

export class SparseMap<K, V> implements Iterable<readonly [K, V]> {
  #held: Map<K, V> | undefined;

  get size(): number {
    return this.#held?.size ?? 0;
  }

  get(key: K): V | undefined {
    return this.#held?.get(key);
  }

  has(key: K): boolean {
    return this.#held?.has(key) ?? false;
  }

  set(key: K, value: V): this {
    this.#held ??= new Map();
    this.#held.set(key, value);
    return this;
  }

  delete(key: K): boolean {
    const had = this.#held?.delete(key) ?? false;
    if (this.#held?.size === 0) this.#held = undefined;
    return had;
  }

  clear(): void {
    this.#held = undefined;
  }

  keys(): MapIterator<K> {
    return (this.#held ?? NO_MAP).keys();
  }

  values(): MapIterator<V> {
    return (this.#held ?? NO_MAP).values();
  }

  entries(): MapIterator<[K, V]> {
    return (this.#held ?? NO_MAP).entries();
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }
}

export class SparseSet<T> implements Iterable<T> {
  #held: Set<T> | undefined;

  get size(): number {
    return this.#held?.size ?? 0;
  }

  has(value: T): boolean {
    return this.#held?.has(value) ?? false;
  }

  add(value: T): this {
    this.#held ??= new Set();
    this.#held.add(value);
    return this;
  }

  delete(value: T): boolean {
    const had = this.#held?.delete(value) ?? false;
    if (this.#held?.size === 0) this.#held = undefined;
    return had;
  }

  clear(): void {
    this.#held = undefined;
  }

  [Symbol.iterator](): SetIterator<T> {
    return (this.#held ?? NO_SET).values();
  }
}
