/** The scale sets of one subscription that others are at work on: when they are many, one list looks at all of them. */
import type { ArmKey } from '../../identity/arm-id.ts';

/** More than this many are looked at by list. */
const MANY = 50;

export class BusyScaleSets {
  readonly #keys = new Set<ArmKey>();

  /** Takes down how a pass found a scale set. */
  note(key: ArmKey, isBusy: boolean): void {
    if (isBusy) this.#keys.add(key);
    else this.#keys.delete(key);
  }

  get areMany(): boolean {
    return this.#keys.size > MANY;
  }

  keys(): Iterable<ArmKey> {
    return this.#keys;
  }
}
