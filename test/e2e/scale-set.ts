/** One scale set of the simulated Azure, as a test speaks of it: by names, and by its true state. */
import { eventually } from '../../dev/demo/wait.ts';
import type { Control } from '../../dev/simulator/control/control.ts';
import type { Drift } from '../../dev/simulator/control/drift.ts';
import type { ScaleSetSnapshot } from '../../dev/simulator/control/snapshot.ts';
import type { FaultEffect } from '../../dev/simulator/faults.ts';
import type { LogEntry } from '../../dev/simulator/request-log.ts';
import type { Bystanders } from './bystanders.ts';
import { type IdentityWrite, identityWrite, isWrite, nameOf, requestsTo } from './identity-writes.ts';

export interface ScaleSetParts {
  readonly id: string;
  readonly control: Control;
  readonly bystanders: Bystanders;
  readonly identityId: (name: string) => string;
}

export class ScaleSet {
  readonly id: string;
  readonly name: string;
  readonly #parts: ScaleSetParts;

  constructor(parts: ScaleSetParts) {
    this.id = parts.id;
    this.name = nameOf(parts.id);
    this.#parts = parts;
  }

  /** As Azure has it. */
  get state(): ScaleSetSnapshot {
    return this.#parts.control.scaleSet(this.id);
  }

  /** Names of its user-assigned identities, in alphabetical order. */
  get identities(): readonly string[] {
    return this.state.userAssigned.map(({ id }) => nameOf(id)).toSorted();
  }

  get systemAssigned(): string | undefined {
    return this.state.systemAssigned?.principalId;
  }

  has(identity: string): boolean {
    return this.identities.includes(identity);
  }

  /** Every request about it, lists aside. */
  get requests(): readonly Readonly<LogEntry>[] {
    return requestsTo(this.#parts.control.requests(), this.id);
  }

  /** Every PATCH and PUT so far. */
  get writes(): readonly IdentityWrite[] {
    return this.requests.filter(isWrite).map(identityWrite);
  }

  async until(what: string, holds: (set: this) => boolean): Promise<void> {
    try {
      await eventually(`${this.name} ${what}`, () => holds(this));
    } catch (error) {
      const { name, state, writes } = this;
      throw new Error(`waited in vain until ${name} ${what}: ${JSON.stringify({ state, writes }, undefined, 1)}`, {
        cause: error,
      });
    }
  }

  /** Someone else attaches identities. */
  othersAttach(...names: readonly string[]): void {
    const { control, bystanders, identityId } = this.#parts;
    control.drift(this.id, { kind: 'Attach', identities: names.map(identityId) });
    for (const name of names) bystanders.watchIdentity(this.id, identityId(name));
  }

  /** Someone else takes identities off, none of which is watched over as somebody's. */
  othersStrip(...names: readonly string[]): void {
    const { control, bystanders, identityId } = this.#parts;
    control.drift(this.id, { kind: 'Strip', identities: names.map(identityId) });
    for (const name of names) bystanders.forget(this.id, identityId(name));
  }

  othersEnableSystemAssigned(): void {
    this.#parts.control.drift(this.id, { kind: 'EnableSystemAssigned' });
    this.#parts.bystanders.watchSystemAssigned(this.id);
  }

  /** Anything else that others do to it and that takes no identity away. */
  drift(change: Extract<Drift, { readonly kind: 'Recase' | 'ProvisioningState' | 'Scale' }>): void {
    this.#parts.control.drift(this.id, change);
  }

  /** A binding declares that these go: it is Exclusive, or takes them over. */
  mayLose(...names: readonly string[]): void {
    const { bystanders, identityId } = this.#parts;
    for (const name of names) bystanders.forget(this.id, identityId(name));
  }

  /** A binding declares that its system-assigned identity goes. */
  mayLoseSystemAssigned(): void {
    this.#parts.bystanders.forgetSystemAssigned(this.id);
  }

  /** Deleted, without an operation. */
  remove(): void {
    this.#parts.bystanders.forget(this.id);
    this.#parts.control.drift(this.id, { kind: 'Remove' });
  }

  /** Deleted and created again under the same name, with the same identities: all of them are somebody's now. */
  replace(): void {
    this.#parts.control.replaceScaleSet(this.id);
    this.#parts.bystanders.watch(this.id);
  }

  /** The next request of a kind goes wrong; `count: null`: all from now on. */
  fault(method: 'GET' | 'PATCH', effect: FaultEffect, count: number | null = 1): string {
    const path = `${this.id.replaceAll('.', String.raw`\.`)}$`;
    return this.#parts.control.addFault({ match: { method, path }, effect, count });
  }

  setOperationLength(ms: number): void {
    this.#parts.control.setOperationLength(this.id, ms);
  }
}
