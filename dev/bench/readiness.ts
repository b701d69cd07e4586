/** Which bindings are Ready, and since when, as whoever watches them sees it. */
import type { VmssIdentityBinding } from '../../src/api/types.ts';
import type { KubeApi } from '../stage/kube-api.ts';
import { BINDINGS } from './fleet.ts';

interface Seen {
  readonly generation: number;
  /** Ready, of this generation. */
  readonly isReady: boolean;
  /** Epoch milliseconds. */
  readonly at: number;
}

export class Readiness {
  readonly #seen = new Map<string, Seen>();
  readonly #ending = new AbortController();
  readonly #watching: Promise<void>;
  #ready = 0;
  #changed = Promise.withResolvers<undefined>();

  constructor(api: KubeApi) {
    this.#watching = api.watch<VmssIdentityBinding>(BINDINGS, (change) => this.#hear(change), this.#ending.signal);
    this.#watching.catch(() => undefined);
  }

  /** When the last of so many bindings became Ready, in epoch milliseconds; waits until they are. */
  async allReady(count: number, limitMs: number): Promise<number> {
    await this.#until(
      () => this.#ready >= count,
      limitMs,
      () => `${String(this.#ready)} of ${String(count)} are Ready`,
    );
    return Math.max(...[...this.#seen.values()].map(({ at }) => at));
  }

  /** When the binding became Ready in this generation or a later one, in epoch milliseconds; waits until it is. */
  async ready(name: string, generation: number, limitMs = 120_000): Promise<number> {
    const seen = (): Seen | undefined => this.#seen.get(name);
    const isThere = (): boolean => seen()?.isReady === true && (seen()?.generation ?? 0) >= generation;
    await this.#until(isThere, limitMs, () => `${name} is not Ready`);
    return seen()?.at ?? Number.NaN;
  }

  /** When the last of them was gone, in epoch milliseconds; waits until there is none. */
  async allGone(limitMs: number): Promise<number> {
    await this.#until(
      () => this.#seen.size === 0,
      limitMs,
      () => `${String(this.#seen.size)} are left`,
    );
    return Date.now();
  }

  /** How many are not Ready, of those there are. */
  get unready(): number {
    return this.#seen.size - this.#ready;
  }

  async end(): Promise<void> {
    this.#ending.abort();
    await this.#watching.catch(() => undefined);
  }

  #hear({ type, object }: { readonly type: string; readonly object: VmssIdentityBinding }): void {
    const { name, generation } = object.metadata;
    const conditions = 'status' in object ? object.status.conditions : [];
    const isReady = conditions?.some(
      (one) => one.type === 'Ready' && one.status === 'True' && one.observedGeneration === generation,
    );
    const before = this.#seen.get(name);
    if (type === 'DELETED') this.#seen.delete(name);
    else if (before?.isReady !== isReady || before?.generation !== generation) {
      this.#seen.set(name, { generation, isReady: isReady === true, at: Date.now() });
    }
    this.#ready += Number(type !== 'DELETED' && isReady === true) - Number(before?.isReady === true);
    this.#changed.resolve(undefined);
  }

  /** @param state ends the sentence of the error */
  async #until(isOver: () => boolean, limitMs: number, state: () => string): Promise<void> {
    const limit = AbortSignal.timeout(limitMs);
    const timedOut = new Promise<never>((_, reject) => {
      limit.addEventListener('abort', () => reject(new Error(`waited ${String(limitMs)} ms in vain: ${state()}`)));
    });
    timedOut.catch(() => undefined);
    // A watch ends with an error, or when it is told to.
    const ended = this.#watching.then(() => Promise.reject(new Error('nothing is watched any more')));
    ended.catch(() => undefined);
    while (!isOver()) {
      this.#changed = Promise.withResolvers();
      await Promise.race([this.#changed.promise, timedOut, ended]);
    }
  }
}
