/**
 * What must be true in the end: what each binding declares, and what others attached. Where the order of two hands that
 * nobody can see decides, it says that both ends are right, and nothing more.
 */
import type { Fleet, FleetBinding, FleetScaleSet } from './fleet.ts';

export interface Declared {
  readonly userAssigned: readonly string[];
  readonly systemAssigned: 'Enabled' | 'Disabled' | 'Unmanaged';
  readonly deletionPolicy: 'Detach' | 'Retain';
  readonly suspend: boolean;
}

export interface BindingState {
  readonly binding: FleetBinding;
  /** Undefined: it is not there. */
  readonly declared: Declared | undefined;
}

export interface Expected {
  /** Ids of user-assigned identities, in lower case. */
  readonly must: ReadonlySet<string>;
  /** Those that may be there or not. */
  readonly may: ReadonlySet<string>;
  readonly systemAssigned: 'On' | 'Off' | 'Either';
}

interface BindingRecord extends BindingState {
  declared: Declared | undefined;
  /** All that it has declared since it was created. */
  readonly ever: Set<string>;
}

interface ScaleSetRecord {
  readonly set: FleetScaleSet;
  readonly bindings: BindingRecord[];
  readonly foreign: Set<string>;
  /** Left behind by bindings that went without taking back, or perhaps not attached by then. */
  readonly left: Set<string>;
  othersTurnedOn: boolean;
  /** A binding has asked to turn it off: whether it came to that cannot be known. */
  askedOff: boolean;
  /** A binding that had turned it on went without turning it off, or perhaps had not turned it on yet. */
  leftOn: boolean;
}

export class Model {
  readonly #bindings = new Map<string, BindingRecord>();
  readonly #sets = new Map<string, ScaleSetRecord>();
  readonly #stripped = new Map<string, number>();

  constructor(fleet: Fleet) {
    for (const set of fleet.scaleSets)
      this.#sets.set(fold(set.id), {
        set,
        bindings: [],
        foreign: new Set(set.foreign.map(fold)),
        left: new Set(),
        othersTurnedOn: set.systemAssigned,
        askedOff: false,
        leftOn: false,
      });
    for (const binding of fleet.bindings) {
      const record: BindingRecord = { binding, declared: undefined, ever: new Set() };
      this.#bindings.set(binding.key, record);
      this.#record(binding.scaleSet.id).bindings.push(record);
    }
  }

  get bindings(): readonly BindingState[] {
    return [...this.#bindings.values()];
  }

  get scaleSets(): readonly FleetScaleSet[] {
    return [...this.#sets.values()].map(({ set }) => set);
  }

  declaredBy(key: string): Declared | undefined {
    return this.#bindings.get(key)?.declared;
  }

  foreignOn(scaleSetId: string): ReadonlySet<string> {
    return this.#record(scaleSetId).foreign;
  }

  declare(key: string, declared: Declared): void {
    const record = this.#binding(key);
    record.declared = declared;
    for (const id of declared.userAssigned) record.ever.add(fold(id));
    if (declared.systemAssigned === 'Disabled') this.#record(record.binding.scaleSet.id).askedOff = true;
  }

  delete(key: string): void {
    const record = this.#binding(key);
    const { declared, binding } = record;
    if (declared === undefined) return;
    const set = this.#record(binding.scaleSet.id);
    const takesBack = declared.deletionPolicy === 'Detach' && !declared.suspend;
    if (!takesBack) for (const id of record.ever) set.left.add(id);
    // What a policy no longer allows is not turned off; what a frozen binding turned on stays on.
    if (!takesBack && binding.managesSystemAssigned) set.leftOn = true;
    record.declared = undefined;
    record.ever.clear();
  }

  /** Others attach an identity. */
  plant(scaleSetId: string, identityId: string): void {
    const record = this.#record(scaleSetId);
    if (!record.set.exclusive) record.foreign.add(fold(identityId));
  }

  /** Others take off what they attached. */
  uproot(scaleSetId: string, identityId: string): void {
    this.#record(scaleSetId).foreign.delete(fold(identityId));
  }

  /** Others take off what bindings declare: an identity, or `systemAssigned`. */
  strip(scaleSetId: string, what: string): void {
    this.#stripped.set(`${fold(scaleSetId)} ${fold(what)}`, this.timesStripped(scaleSetId, what) + 1);
  }

  /** How often they have done so. */
  timesStripped(scaleSetId: string, what: string): number {
    return this.#stripped.get(`${fold(scaleSetId)} ${fold(what)}`) ?? 0;
  }

  /** Others turn the system-assigned identity on where no binding does. */
  turnOn(scaleSetId: string): void {
    this.#record(scaleSetId).othersTurnedOn = true;
  }

  expected(scaleSetId: string): Expected {
    const record = this.#record(scaleSetId);
    const must = new Set(record.set.exclusive ? [] : record.foreign);
    const may = new Set(record.left);
    for (const { declared, ever } of record.bindings) {
      if (declared === undefined) continue;
      if (declared.suspend) for (const id of ever) may.add(id);
      else for (const id of declared.userAssigned) must.add(fold(id));
    }
    return { must, may, systemAssigned: systemAssignedOf(record) };
  }

  #binding(key: string): BindingRecord {
    const record = this.#bindings.get(key);
    if (record === undefined) throw new Error(`there is no binding ${key}`);
    return record;
  }

  #record(scaleSetId: string): ScaleSetRecord {
    const record = this.#sets.get(fold(scaleSetId));
    if (record === undefined) throw new Error(`there is no scale set ${scaleSetId}`);
    return record;
  }
}

function systemAssignedOf({ bindings, othersTurnedOn, askedOff, leftOn }: ScaleSetRecord): Expected['systemAssigned'] {
  const manager = bindings.find(({ binding }) => binding.managesSystemAssigned)?.declared;
  if (manager?.suspend === true) return 'Either';
  if (manager?.systemAssigned === 'Enabled') return 'On';
  if (manager?.systemAssigned === 'Disabled') return 'Off';
  if (leftOn || (askedOff && othersTurnedOn)) return 'Either';
  return othersTurnedOn ? 'On' : 'Off';
}

/** A–Z only, as ids are compared everywhere. */
export function fold(id: string): string {
  return id.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}
