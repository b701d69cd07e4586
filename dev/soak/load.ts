/** People at their bindings: each change is made for as long as it takes, and those of one binding one after another. */
import { setTimeout as pause } from 'node:timers/promises';

import { REQUESTED_AT_ANNOTATION } from '../../src/api/types.ts';
import type { KubeApi } from '../stage/kube-api.ts';
import { bindingPath } from '../stage/objects.ts';
import { applyChange, type Change, firstDeclared, nextChange } from './changes.ts';
import type { FleetBinding } from './fleet.ts';
import { type Declared, type Model } from './model.ts';
import { bindingManifest } from './objects.ts';
import type { Random } from './random.ts';

interface Lane {
  readonly binding: FleetBinding;
  last: Promise<void>;
  /** It was deleted, and perhaps is still there. */
  wasDeleted: boolean;
}

/** More than this many changes that wait for the API server: people wait too. */
const MOST_AT_ONCE = 200;
const BETWEEN_LOOKS_MS = 500;

export class Load {
  readonly #model: Model;
  readonly #api: KubeApi;
  readonly #random: Random;
  readonly #lanes: ReadonlyMap<string, Lane>;
  /** What went wrong with changes, a line each. */
  readonly failures: string[] = [];
  #made = 0;
  #outstanding = 0;

  constructor(model: Model, api: KubeApi, random: Random) {
    this.#model = model;
    this.#api = api;
    this.#random = random;
    this.#lanes = new Map(
      model.bindings.map(({ binding }) => [binding.key, { binding, last: Promise.resolve(), wasDeleted: false }]),
    );
  }

  /** How many changes the API server has taken. */
  get made(): number {
    return this.#made;
  }

  get outstanding(): number {
    return this.#outstanding;
  }

  /** Creates every binding. */
  async createAll(): Promise<void> {
    for (const { binding } of this.#model.bindings)
      this.#begin({ kind: 'Declare', key: binding.key, declared: firstDeclared(binding, this.#random) });
    await this.drained();
  }

  /** Makes so many changes a second until told to stop. */
  async run(perSecond: number, ending: AbortSignal): Promise<void> {
    while (!ending.aborted) {
      if (this.#outstanding < MOST_AT_ONCE) this.#begin(nextChange(this.#model, this.#random));
      await pause(1000 / perSecond, undefined, { signal: ending }).catch(() => undefined);
    }
  }

  /** One change, now: resolves when the API server has taken it. */
  async make(change: Change): Promise<void> {
    this.#begin(change);
    await this.#lane(change.key).last;
  }

  /** Resolves when the API server has taken every change. */
  async drained(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map(({ last }) => last));
  }

  #begin(change: Change): void {
    applyChange(this.#model, change);
    const lane = this.#lane(change.key);
    this.#outstanding += 1;
    lane.last = lane.last
      .then(() => this.#carryOut(lane, change))
      .then(
        () => {
          this.#made += 1;
        },
        (error: unknown) => {
          this.failures.push(`${change.kind} ${change.key}: ${error instanceof Error ? error.message : String(error)}`);
        },
      )
      .finally(() => {
        this.#outstanding -= 1;
      });
  }

  async #carryOut(lane: Lane, change: Change): Promise<void> {
    const path = bindingPath(lane.binding);
    switch (change.kind) {
      case 'Declare':
        await this.#apply(lane, change.declared);
        return;
      case 'Delete':
        lane.wasDeleted = true;
        await this.#api.delete(path);
        return;
      case 'Recreate':
        lane.wasDeleted = true;
        await this.#api.delete(path);
        await this.#apply(lane, change.declared);
        return;
      case 'Request':
        // Times are not unique enough: two requests of one millisecond would be one.
        await this.#api.patch(path, {
          metadata: { annotations: { [REQUESTED_AT_ANNOTATION]: `request-${String(this.#made)}` } },
        });
    }
  }

  async #apply(lane: Lane, declared: Declared): Promise<void> {
    const path = bindingPath(lane.binding);
    // Applied to one that is on its way out, the change would go with it.
    while (lane.wasDeleted && (await this.#api.get(path)) !== undefined) await pause(BETWEEN_LOOKS_MS);
    lane.wasDeleted = false;
    await this.#api.apply(path, bindingManifest(lane.binding, declared));
  }

  #lane(key: string): Lane {
    const lane = this.#lanes.get(key);
    if (lane === undefined) throw new Error(`there is no binding ${key}`);
    return lane;
  }
}
