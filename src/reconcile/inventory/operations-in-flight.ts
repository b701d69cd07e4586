/** The operations in flight of one subscription: when they are too many, lists watch over them instead of polls. */
import type { ArmKey } from '../../identity/arm-id.ts';
import type { OperationInFlight } from '../memory.ts';

/** More than this many are watched by list: reads are what runs out first. */
export const MOST_POLLED = 50;
/** So few are looked at one by one again. */
const FEW = 10;

export class OperationsInFlight {
  readonly #keys = new Set<ArmKey>();
  readonly #timedOut = new Set<ArmKey>();
  #isWatching = false;

  /**
   * Takes down how a pass left the operation on a scale set; undefined: there is none.
   * @returns whether lists have just ceased to watch over those that are left
   */
  note(key: ArmKey, operation: OperationInFlight | undefined): boolean {
    const wereWatched = this.#isWatching;
    if (operation === undefined) this.#keys.delete(key);
    else this.#keys.add(key);
    if (operation?.timedOut === true) this.#timedOut.add(key);
    else this.#timedOut.delete(key);
    if (this.#keys.size > MOST_POLLED) this.#isWatching = true;
    if (this.#keys.size <= FEW) this.#isWatching = false;
    return wereWatched && !this.#isWatching;
  }

  /** Whether lists watch over them; from too many until there are few. */
  get areWatched(): boolean {
    return this.#isWatching;
  }

  /** Whether one takes so long that it is looked at by list alone. */
  get haveTimedOut(): boolean {
    return this.#timedOut.size > 0;
  }

  keys(): Iterable<ArmKey> {
    return this.#keys;
  }
}
