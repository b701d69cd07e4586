/** What belongs to others, and must be as it was when a test file ends: judged by the simulated Azure's own state. */
import type { Control } from '../../dev/simulator/control/control.ts';
import { detachedBy } from './identity-writes.ts';

interface Bystander {
  readonly scaleSetId: string;
  /** Undefined: the system-assigned identity. */
  readonly identityId: string | undefined;
  readonly principalId: string | undefined;
  /** Sequence number of the last request before it came under watch. */
  readonly since: number;
}

export class Bystanders {
  readonly #control: Control;
  readonly #watched = new Map<string, Bystander>();

  constructor(control: Control) {
    this.#control = control;
  }

  /** Takes everything that is on the scale set now for somebody else's. */
  watch(scaleSetId: string): void {
    this.forget(scaleSetId);
    const { systemAssigned, userAssigned } = this.#control.scaleSet(scaleSetId);
    for (const { id, principalId } of userAssigned) this.#add(scaleSetId, id, principalId);
    if (systemAssigned !== undefined) this.#add(scaleSetId, undefined, systemAssigned.principalId);
  }

  watchIdentity(scaleSetId: string, identityId: string): void {
    this.#add(scaleSetId, identityId, this.#control.identity(identityId).principalId);
  }

  watchSystemAssigned(scaleSetId: string): void {
    this.#add(scaleSetId, undefined, this.#control.scaleSet(scaleSetId).systemAssigned?.principalId);
  }

  /** A test takes it away itself; without an identity: the whole scale set. */
  forget(scaleSetId: string, identityId?: string): void {
    if (identityId !== undefined) this.#watched.delete(keyOf(scaleSetId, identityId));
    else
      for (const [key, bystander] of this.#watched)
        if (same(bystander.scaleSetId, scaleSetId)) this.#watched.delete(key);
  }

  /** A binding declares that it goes. */
  forgetSystemAssigned(scaleSetId: string): void {
    this.#watched.delete(keyOf(scaleSetId, undefined));
  }

  /** Those that are gone, have another principal, or were detached and attached again: a line each. */
  harmed(): readonly string[] {
    return [...this.#watched.values()].flatMap((bystander) => this.#harmTo(bystander));
  }

  #harmTo({ scaleSetId, identityId, principalId, since }: Bystander): readonly string[] {
    const { systemAssigned, userAssigned } = this.#control.scaleSet(scaleSetId);
    if (identityId === undefined) {
      const now = systemAssigned?.principalId;
      return now === principalId
        ? []
        : [`${scaleSetId}: the system-assigned identity was ${String(principalId)}, is ${String(now)}`];
    }
    const now = userAssigned.find(({ id }) => same(id, identityId));
    const detached = detachedBy(this.#control.requests(since), scaleSetId, identityId);
    return [
      ...(now?.principalId === principalId
        ? []
        : [`${scaleSetId}: ${identityId} was ${String(principalId)}, is ${String(now?.principalId)}`]),
      ...detached.map(({ sequence }) => `${scaleSetId}: request ${String(sequence)} detaches ${identityId}`),
    ];
  }

  #add(scaleSetId: string, identityId: string | undefined, principalId: string | undefined): void {
    const since = this.#control.requests().at(-1)?.sequence ?? 0;
    this.#watched.set(keyOf(scaleSetId, identityId), { scaleSetId, identityId, principalId, since });
  }
}

function keyOf(scaleSetId: string, identityId: string | undefined): string {
  return `${scaleSetId} ${identityId ?? ''}`.toLowerCase();
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
