/** All buckets there are; one that is as good as new is not kept. */
import { Bucket } from './bucket.ts';
import type { ChargedLimit } from './charge.ts';
import { budgetOf } from './limits.ts';

/** What tells one of Azure's limits from all others. */
export type Scope = Pick<ChargedLimit, 'policy' | 'subscription' | 'location' | 'resource'>;

/** How the limits of the tenant are divided among those who draw on them in different processes. */
export interface TenantParts {
  /** How many equal parts there are. */
  readonly count: number;
  /** The part that requests for a subscription draw on. */
  of(subscriptionId: string): number;
}

/** Whoever is alone has the whole. */
const UNDIVIDED: TenantParts = { count: 1, of: () => 0 };

const SWEEP_EVERY_MS = 60_000;
/** Three for each of 30,000 scale sets, all of them in use within the same minutes. */
const MOST = 100_000;

interface Entry {
  scope: Scope;
  readonly bucket: Bucket;
}

export class Buckets {
  readonly #share: number;
  readonly #tenant: TenantParts;
  readonly #entries = new Map<string, Entry>();
  #sweptAt = Number.NEGATIVE_INFINITY;

  /** @param share see `budgetOf` */
  constructor(share: number, tenant: TenantParts = UNDIVIDED) {
    this.#share = share;
    this.#tenant = tenant;
  }

  of(limit: ChargedLimit, now: number): Bucket {
    const { policy, subscription, location, resource, region, drawnFor } = limit;
    const scope = { policy, subscription, location, ...(resource === undefined ? {} : { resource }) };
    // A resource has one bucket, also when its region becomes known only later.
    const name = resource === undefined ? `${policy} ${this.#owner(limit)} ${location}` : `${policy} ${resource}`;
    const found = this.#entries.get(name);
    if (found !== undefined) {
      if (found.scope.location !== location) found.scope = scope;
      return found.bucket;
    }
    this.#sweep(now);
    const isKnown = resource !== undefined || region !== 'unknown';
    const share = drawnFor === undefined ? this.#share : this.#share / this.#tenant.count;
    const bucket = new Bucket(budgetOf(policy, share, isKnown), now);
    this.#entries.set(name, { scope, bucket });
    return bucket;
  }

  /** Whose bucket it is: a subscription's, or that of a part of the tenant. */
  #owner({ subscription, drawnFor }: ChargedLimit): string {
    return drawnFor === undefined ? subscription : String(this.#tenant.of(drawnFor));
  }

  all(): Iterable<Readonly<Entry>> {
    return this.#entries.values();
  }

  #sweep(now: number): void {
    const isCrowded = this.#entries.size >= MOST;
    if (now - this.#sweptAt < SWEEP_EVERY_MS && !isCrowded) return;
    this.#sweptAt = now;
    for (const [name, { bucket }] of this.#entries) if (bucket.isAtRest(now)) this.#entries.delete(name);
    for (const name of this.#entries.keys()) {
      if (this.#entries.size < MOST) break;
      this.#entries.delete(name);
    }
  }
}
