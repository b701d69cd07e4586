/** Looks at every status that the operator writes, and remembers the rules of conditions that it broke. */
import { isDeepStrictEqual } from 'node:util';

import { API_VERSION, type VmssIdentityBinding } from '../../src/api/types.ts';
import { brokenConditionInvariants } from '../unit/api/assert-condition-invariants.ts';
import { movedWithoutChange } from '../unit/api/transition-times.ts';
import type { ApiServer } from './api-server.ts';

export class ConditionWatch {
  readonly #statuses = new Map<string, VmssIdentityBinding['status']>();
  readonly #broken: string[] = [];
  #seen = 0;

  async start(api: ApiServer, namespaces: ReadonlySet<string>): Promise<void> {
    await api.watch<VmssIdentityBinding>(`/apis/${API_VERSION}/vmssidentitybindings`, ({ type, object }) => {
      if (namespaces.has(object.metadata.namespace) && type !== 'DELETED') this.#look(object);
    });
  }

  /** Statuses written so far. */
  get seen(): number {
    return this.#seen;
  }

  /** A line for each rule that a status broke. */
  get broken(): readonly string[] {
    return this.#broken;
  }

  #look({ metadata, status }: VmssIdentityBinding): void {
    const before = this.#statuses.get(metadata.uid);
    if (status.conditions === undefined || isDeepStrictEqual(before, status)) return;
    this.#statuses.set(metadata.uid, status);
    this.#seen += 1;
    // The spec may have changed between the operator's reading of it and the writing of this status.
    const generation = Math.min(metadata.generation, status.observedGeneration);
    const broken = [
      ...brokenConditionInvariants({ metadata: { ...metadata, generation }, status }),
      ...(before === undefined ? [] : movedWithoutChange(before, status)),
    ];
    for (const rule of broken) {
      this.#broken.push(`${metadata.namespace}/${metadata.name}: ${rule}: ${JSON.stringify({ before, status })}`);
    }
  }
}
