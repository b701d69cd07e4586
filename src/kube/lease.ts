/** A Lease of coordination.k8s.io, as leader election wants it. */
import type { LeaseRecord, LeaseStore, StoredLease } from '../runtime/leader-election.ts';
import { isKubeError } from './errors.ts';
import type { KubeObject, ResourceDescriptor } from './object.ts';
import type { ResourceClient, Stored } from './resource-client.ts';

export const leaseDescriptor: ResourceDescriptor = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
  namespaced: true,
};

export interface LeaseObject extends KubeObject {
  readonly spec?: {
    readonly holderIdentity?: string | null;
    readonly leaseDurationSeconds?: number | null;
    /** RFC 3339 with microseconds. */
    readonly acquireTime?: string | null;
    readonly renewTime?: string | null;
    readonly leaseTransitions?: number | null;
  };
}

/** The lease of this name; labels, annotations and whatever else others put on it stay as they are. */
export class KubeLease implements LeaseStore {
  readonly #client: ResourceClient<LeaseObject>;
  readonly #ref: { readonly namespace: string; readonly name: string };
  readonly #forbidden: (error: unknown) => void;
  #object: Stored<LeaseObject> | undefined;
  #isForbidden = false;

  /** @param forbidden hears of it when the operator has no right to this Lease, once until it has */
  constructor(
    client: ResourceClient<LeaseObject>,
    ref: { readonly namespace: string; readonly name: string },
    forbidden: (error: unknown) => void = () => undefined,
  ) {
    this.#client = client;
    this.#ref = ref;
    this.#forbidden = forbidden;
  }

  async read(signal: AbortSignal): Promise<StoredLease | undefined> {
    try {
      this.#object = await this.#allowed(this.#client.get(this.#ref, { signal }));
      return storedLease(this.#object);
    } catch (error) {
      if (!isKubeError(error, 'notFound')) throw error;
      this.#object = undefined;
      return undefined;
    }
  }

  async write(next: LeaseRecord, current: StoredLease | undefined, signal: AbortSignal): Promise<StoredLease> {
    const { name, namespace } = this.#ref;
    const spec = specOf(next);
    if (current === undefined) {
      this.#object = await this.#allowed(this.#client.create({ metadata: { name, namespace }, spec }, { signal }));
    } else {
      const metadata = { ...this.#object?.metadata, name, namespace, resourceVersion: current.version };
      this.#object = await this.#allowed(this.#client.replace({ ...this.#object, metadata, spec }, { signal }));
    }
    return storedLease(this.#object);
  }

  async #allowed<T>(asked: Promise<T>): Promise<T> {
    try {
      const answer = await asked;
      this.#isForbidden = false;
      return answer;
    } catch (error) {
      const isForbidden = isKubeError(error, 'forbidden');
      if (isForbidden && !this.#isForbidden) this.#forbidden(error);
      this.#isForbidden ||= isForbidden;
      throw error;
    }
  }
}

function specOf({
  holder,
  durationMs,
  acquiredAt,
  renewedAt,
  transitions,
}: LeaseRecord): NonNullable<LeaseObject['spec']> {
  return {
    holderIdentity: holder,
    leaseDurationSeconds: Math.ceil(durationMs / 1000),
    acquireTime: microTime(acquiredAt),
    renewTime: microTime(renewedAt),
    leaseTransitions: transitions,
  };
}

/** The server wants six digits behind the second, and JavaScript has three of them. */
function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}

function storedLease({ metadata, spec = {} }: Stored<LeaseObject>): StoredLease {
  return {
    holder: spec.holderIdentity ?? '',
    durationMs: (spec.leaseDurationSeconds ?? 0) * 1000,
    acquiredAt: timeOf(spec.acquireTime),
    renewedAt: timeOf(spec.renewTime),
    transitions: spec.leaseTransitions ?? 0,
    version: metadata.resourceVersion,
  };
}

function timeOf(text: string | null | undefined): number {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? 0 : ms;
}
