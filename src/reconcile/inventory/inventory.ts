/**
 * What lists show of the bound scale sets, subscription by subscription. An entry may prove that nothing is to be done, or
 * feed a plan that only attaches. Absence from a list proves nothing.
 */
import type { ScaleSetId } from '../../identity/arm-id.ts';
import type { OperationInFlight } from '../memory.ts';
import type { ListLevel } from './list-levels.ts';
import { type InventoryOptions, type ListedScaleSet, SubscriptionInventory } from './subscription-inventory.ts';

type Ref = Pick<ScaleSetId, 'key' | 'subscriptionId'>;

export class Inventory {
  readonly #options: InventoryOptions;
  readonly #signal: AbortSignal;
  readonly #followed = new Map<
    string,
    { readonly inventory: SubscriptionInventory; readonly running: Promise<void> }
  >();

  /** @param signal ends all lists when it aborts */
  constructor(options: InventoryOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  /** Lists the subscription from now on, for as long as passes ask for it. The first list comes after one interval. */
  follow(subscriptionId: string): void {
    if (this.#signal.aborted) return;
    const known = this.#followed.get(subscriptionId);
    if (known !== undefined) {
      known.inventory.need();
      return;
    }
    const inventory = new SubscriptionInventory(subscriptionId, this.#options);
    this.#followed.set(subscriptionId, { inventory, running: this.#run(subscriptionId, inventory) });
  }

  entry({ key, subscriptionId }: Ref): ListedScaleSet | undefined {
    return this.#of(subscriptionId)?.entry(key);
  }

  /** See {@link SubscriptionInventory.waitMs}. */
  waitMs({ key, subscriptionId }: Ref, hasWaited: boolean): number | undefined {
    return this.#of(subscriptionId)?.waitMs(key, hasWaited);
  }

  /**
   * Takes down how a pass left a scale set.
   * @param operation of ours in flight; undefined: there is none
   * @param isBusy others are at work on it
   */
  noteOperation({ key, subscriptionId }: Ref, operation: OperationInFlight | undefined, isBusy = false): void {
    this.#of(subscriptionId)?.noteOperation(key, operation, isBusy);
  }

  /** Whether lists, and not polls, watch over the operations in flight in the subscription. */
  watches(subscriptionId: string): boolean {
    return this.#of(subscriptionId)?.watches === true;
  }

  /** How each subscription is listed. */
  levels(): readonly ListLevel[] {
    return [...this.#followed.values()].map(({ inventory }) => inventory.level);
  }

  /** Resolves when every list has ended; the signal must have aborted. */
  async ended(): Promise<void> {
    await Promise.all([...this.#followed.values()].map(({ running }) => running));
  }

  #of(subscriptionId: string): SubscriptionInventory | undefined {
    return this.#followed.get(subscriptionId)?.inventory;
  }

  async #run(subscriptionId: string, inventory: SubscriptionInventory): Promise<void> {
    try {
      await inventory.run(this.#signal);
    } catch (error) {
      if (!this.#signal.aborted) throw error;
    } finally {
      this.#followed.delete(subscriptionId);
    }
  }
}
