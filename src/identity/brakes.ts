/**
 * The operator's own brakes: what a decision asks for and is not sent all the same, because the operator runs with
 * `--read-only`, or has detached as much as `--detach-limit` allows for now. What is held back is not put on record either.
 */
import type { Delta, IdentityRef } from './patch.ts';
import { type Facts, type Step, transition } from './transition.ts';

/** How far the operator lets itself go. */
export interface Brakes {
  /** Nothing at all is written. */
  readonly readOnly: boolean;
  /** How many identities may still be detached now; turning the system-assigned one off is one. */
  readonly detaches: number;
}

/** Nothing is held back. */
export const RELEASED: Brakes = { readOnly: false, detaches: Number.POSITIVE_INFINITY };

/** What a decision held back, and why. */
export interface HeldBack extends Delta {
  readonly reason: 'ReadOnly' | 'DetachLimitReached';
  /** When it goes on, in epoch milliseconds; absent: not before the operator runs with other flags. */
  readonly goesOnAt?: number;
}

/** Lets the writes of one decision pass, or holds them back, in the order in which it is asked. */
export class Brake {
  readonly #brakes: Brakes;
  #detaches: number;
  readonly #attach: IdentityRef[] = [];
  readonly #detach: IdentityRef[] = [];
  #systemAssigned: Delta['systemAssigned'] = 'asLive';

  constructor(brakes: Brakes) {
    this.#brakes = brakes;
    this.#detaches = brakes.detaches;
  }

  /**
   * What the table says of an identity, or, where its write is held back, what is left of that.
   * @param stepOn the table
   */
  onIdentity<S extends Pick<Step, 'write'>>(facts: Facts, ref: IdentityRef, stepOn: (facts: Facts) => S): S {
    const step = stepOn(facts);
    if (step.write === 'none' || this.#lets(step.write)) return step;
    (step.write === 'attach' ? this.#attach : this.#detach).push(ref);
    return stepOn(unwritable(facts));
  }

  /** The same of the system-assigned identity. */
  onSystemAssigned(facts: Facts): Step {
    const step = transition(facts);
    if (step.write === 'none' || this.#lets(step.write)) return step;
    this.#systemAssigned = step.write === 'attach' ? 'on' : 'off';
    return transition(unwritable(facts));
  }

  /** Whether the system-assigned identity may be turned off for a binding that says so, whoever turned it on. */
  letsTurnOff(): boolean {
    const passes = this.#lets('detach');
    if (!passes) this.#systemAssigned = 'off';
    return passes;
  }

  /** Of what `mode: Exclusive` detaches, that which may go. */
  onSurplus<T extends IdentityRef>(surplus: readonly T[]): readonly T[] {
    return surplus.filter((ref) => {
      const passes = this.#lets('detach');
      if (!passes) this.#detach.push(ref);
      return passes;
    });
  }

  /** What was held back so far; undefined when nothing was. */
  get heldBack(): HeldBack | undefined {
    const [attach, detach, systemAssigned] = [this.#attach, this.#detach, this.#systemAssigned];
    if (attach.length + detach.length === 0 && systemAssigned === 'asLive') return undefined;
    return { reason: this.#brakes.readOnly ? 'ReadOnly' : 'DetachLimitReached', attach, detach, systemAssigned };
  }

  #lets(write: 'attach' | 'detach'): boolean {
    if (this.#brakes.readOnly) return false;
    if (write === 'attach') return true;
    if (this.#detaches < 1) return false;
    this.#detaches -= 1;
    return true;
  }
}

function unwritable(facts: Facts): Facts {
  return { ...facts, writable: false };
}
