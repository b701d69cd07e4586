/**
 * One list a subscription and interval, for all bindings in it. An entry may prove that nothing is to be done, or feed a
 * plan that only attaches. Absence from a list proves nothing.
 */
import type { ArmKey } from '../identity/arm-id.ts';
import type { LiveScaleSet } from '../identity/scale-set.ts';
import type { Clock, Random } from '../runtime/clock.ts';
import type { AzurePort, Failure } from './azure-port.ts';

export interface ListedScaleSet {
  readonly scaleSet: LiveScaleSet;
  /** When the list was asked for, in epoch milliseconds. */
  readonly at: number;
}

export interface InventoryOptions {
  readonly azure: Pick<AzurePort, 'listScaleSets'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly intervalMs: number;
  /** The bound scale sets of a subscription; empty when nobody needs its list any more. */
  scaleSetsOf(subscriptionId: string): readonly ArmKey[];
  /** Called for every bound scale set after each list, also after one that failed. */
  due(scaleSet: ArmKey): void;
  failed(subscriptionId: string, failure: Failure): void;
}

export class Inventory {
  readonly #options: InventoryOptions;
  readonly #signal: AbortSignal;
  readonly #entries = new Map<ArmKey, ListedScaleSet>();
  readonly #followed = new Map<string, Promise<void>>();

  /** @param signal ends all lists when it aborts */
  constructor(options: InventoryOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  /** Lists the subscription from now on, for as long as a binding needs it. The first list comes after one interval. */
  follow(subscriptionId: string): void {
    if (this.#followed.has(subscriptionId) || this.#signal.aborted) return;
    this.#followed.set(subscriptionId, this.#run(subscriptionId));
  }

  entry(scaleSet: ArmKey): ListedScaleSet | undefined {
    return this.#entries.get(scaleSet);
  }

  forget(scaleSet: ArmKey): void {
    this.#entries.delete(scaleSet);
  }

  /** Resolves when every list has ended; the signal must have aborted. */
  async ended(): Promise<void> {
    await Promise.all(this.#followed.values());
  }

  async #run(subscriptionId: string): Promise<void> {
    const { clock, random, intervalMs } = this.#options;
    try {
      for (;;) {
        await clock.sleep(intervalMs * (0.9 + random.next() / 5), this.#signal);
        if (this.#options.scaleSetsOf(subscriptionId).length === 0) break;
        await this.#list(subscriptionId);
      }
    } catch (error) {
      if (!this.#signal.aborted) throw error;
    } finally {
      this.#followed.delete(subscriptionId);
    }
  }

  async #list(subscriptionId: string): Promise<void> {
    const { azure, clock } = this.#options;
    let at = clock.now();
    let list = await azure.listScaleSets(subscriptionId, this.#signal);
    while (!list.ok && list.failure.kind === 'queued') {
      await clock.sleep(list.failure.retryAfterMs ?? 0, this.#signal);
      at = clock.now();
      list = await azure.listScaleSets(subscriptionId, this.#signal);
    }
    const bound = this.#options.scaleSetsOf(subscriptionId);
    for (const key of bound) this.#entries.delete(key);
    if (list.ok) {
      const wanted = new Set(bound);
      for (const scaleSet of list.value) {
        if (wanted.has(scaleSet.key)) this.#entries.set(scaleSet.key, { scaleSet, at });
      }
    } else {
      this.#options.failed(subscriptionId, list.failure);
    }
    for (const key of bound) this.#options.due(key);
  }
}
