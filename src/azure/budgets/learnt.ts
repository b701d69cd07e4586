/** What replies have told that later requests are charged by: where scale sets lie, and what operations are about. */
import { type ArmKey, armKey } from '../../identity/arm-id.ts';
import type { ArmCall } from '../call.ts';
import { member, textOf } from '../json.ts';
import type { ArmReply } from '../request.ts';
import { BoundedMap } from './bounded-map.ts';
import { type Charge, type Known, operationPath, regionName, subscriptionOf } from './charge.ts';

const REMEMBERED = 100_000;

export class Learnt implements Known {
  readonly #locations = new BoundedMap<ArmKey, string>(REMEMBERED);
  /** Of each subscription, where a scale set lies that was seen last. */
  readonly #seenLast = new BoundedMap<string, string>(REMEMBERED);
  readonly #operations = new BoundedMap<string, ArmKey>(REMEMBERED);
  readonly #heldKey: (scaleSet: ArmKey) => ArmKey;

  /** @param heldKey an equal key that somebody holds anyway: no copy of it is kept */
  constructor(heldKey: (scaleSet: ArmKey) => ArmKey = (scaleSet) => scaleSet) {
    this.#heldKey = heldKey;
  }

  locationOf(scaleSet: ArmKey): string | undefined {
    return this.#locations.get(scaleSet);
  }

  guessFor(scaleSet: ArmKey): string | undefined {
    return this.#seenLast.get(subscriptionOf(scaleSet));
  }

  scaleSetOf(path: string): ArmKey | undefined {
    return this.#operations.get(path);
  }

  learn({ scaleSet }: Charge, call: ArmCall, reply: ArmReply): void {
    const body = reply.body.is === 'json' ? reply.body.value : undefined;
    const entries = member(body, 'value');
    const shown: readonly unknown[] = Array.isArray(entries) ? entries : [body];
    // Only what is about scale sets: identities lie somewhere, too.
    if (scaleSet !== undefined || call.operation === 'list_scale_sets') for (const one of shown) this.#place(one);
    if (scaleSet === undefined || call.method !== 'PATCH') return;
    for (const header of ['azure-asyncoperation', 'location']) {
      const path = operationPath(reply.headers.get(header) ?? '');
      if (path !== undefined) this.#operations.set(path, scaleSet);
    }
  }

  #place(scaleSet: unknown): void {
    const id = textOf(member(scaleSet, 'id'));
    const location = textOf(member(scaleSet, 'location'));
    if (id === undefined || location === undefined) return;
    const key = this.#heldKey(armKey(id));
    this.#locations.set(key, regionName(location));
    this.#seenLast.set(subscriptionOf(key), regionName(location));
  }
}
