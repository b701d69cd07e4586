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
  #object: Stored<LeaseObject> | undefined;

  constructor(client: ResourceClient<LeaseObject>, ref: { readonly namespace: string; readonly name: string }) {
    this.#client = client;
    this.#ref = ref;
  }

  async read(signal: AbortSignal): Promise<StoredLease | undefined> {
    try {
      this.#object = await this.#client.get(this.#ref, { signal });
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
      this.#object = await this.#client.create({ metadata: { name, namespace }, spec }, { signal });
    } else {
      const metadata = { ...this.#object?.metadata, name, namespace, resourceVersion: current.version };
      this.#object = await this.#client.replace({ ...this.#object, metadata, spec }, { signal });
    }
    return storedLease(this.#object);
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
