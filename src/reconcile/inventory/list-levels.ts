/**
 * How a subscription is listed: as a whole, where the operator may not by resource groups, and where it may not do that
 * either not at all. What is refused is tried again an hour later.
 */
import type { ArmKey } from '../../identity/arm-id.ts';
import type { Clock, Random } from '../../runtime/clock.ts';
import type { Failure, ListCursor, ListPage, ListScope, Result } from '../azure-port.ts';
import { type Listed, type Walk, walkList } from './list-walk.ts';

/** What the operator may list of a subscription, from wide to narrow; `resource`: each by itself only. */
export type ListLevel = 'subscription' | 'resourceGroup' | 'resource';

/** What one round of lists brought. */
export interface Sweep<T> {
  readonly entries: ReadonlyMap<ArmKey, Listed<T>>;
  readonly pages: number;
  /** Lists that were neither read to their end nor refused. */
  readonly failures: readonly Failure[];
  /** Azure asked not to be asked again sooner, in epoch milliseconds. */
  readonly notBefore: number;
}

export interface SubscriptionListOptions<T extends { readonly key: ArmKey }> {
  readonly subscriptionId: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly page: (
    scope: ListScope,
    cursor: ListCursor | undefined,
    signal: AbortSignal,
  ) => Promise<Result<ListPage<T>>>;
  /** The resource groups of what is wanted, in lower case. */
  readonly groups: () => Iterable<string>;
  /** Called once for each change. */
  readonly changed: (level: ListLevel, failure: Failure | undefined) => void;
  /** Called after each page that came, and each list that was refused. */
  readonly moved: () => void;
}

/** After this long a list that was refused is tried again, in milliseconds: a grant may have come. */
export const TRY_WIDER_MS = 60 * 60_000;

export class SubscriptionList<T extends { readonly key: ArmKey }> {
  readonly #options: SubscriptionListOptions<T>;
  #refusedAt: number | undefined;
  readonly #refusedGroups = new Map<string, number>();
  #level: ListLevel = 'subscription';

  constructor(options: SubscriptionListOptions<T>) {
    this.#options = options;
  }

  get level(): ListLevel {
    return this.#level;
  }

  /** Lists once, as widely as the operator may. Throws only when the signal aborts. */
  async sweep(keep: (entry: T) => T | undefined, signal: AbortSignal): Promise<Sweep<T>> {
    const round: Round<T> = { keep, signal, collected: new Collected<T>() };
    if (!this.#isDue(this.#refusedAt)) return this.#byGroup(round, undefined);
    const walk = await this.#walk({}, round);
    switch (walk.state) {
      case 'whole':
        this.#refusedAt = undefined;
        this.#refusedGroups.clear();
        this.#enter('subscription', undefined);
        return round.collected;
      case 'refused':
        this.#refusedAt = this.#options.clock.now();
        return this.#byGroup(round, walk.failure);
      case 'givenUp':
        return this.#refusedAt === undefined ? round.collected : this.#byGroup(round, walk.failure);
    }
  }

  async #byGroup(round: Round<T>, why: Failure | undefined): Promise<Sweep<T>> {
    const groups = new Set(this.#options.groups());
    for (const known of this.#refusedGroups.keys()) if (!groups.has(known)) this.#refusedGroups.delete(known);
    let last = why;
    for (const resourceGroup of groups) {
      if (!this.#isDue(this.#refusedGroups.get(resourceGroup))) continue;
      const walk = await this.#walk({ resourceGroup }, round);
      if (walk.state === 'whole') this.#refusedGroups.delete(resourceGroup);
      if (walk.state !== 'refused') continue;
      this.#refusedGroups.set(resourceGroup, this.#options.clock.now());
      last = walk.failure;
    }
    this.#enter(groups.size > this.#refusedGroups.size ? 'resourceGroup' : 'resource', last);
    return round.collected;
  }

  async #walk(scope: Pick<ListScope, 'resourceGroup'>, { keep, signal, collected }: Round<T>): Promise<Walk<T>> {
    const { clock, random, subscriptionId, page, moved } = this.#options;
    const walk = await walkList<T>({
      clock,
      random,
      signal,
      page: (cursor) => page({ subscriptionId, ...scope }, cursor, signal),
      keep,
      moved,
    });
    if (walk.state === 'whole') {
      for (const [key, entry] of walk.entries) collected.entries.set(key, entry);
      collected.pages += walk.pages;
    } else if (walk.state === 'refused') {
      moved();
    } else {
      collected.failures.push(walk.failure);
      collected.notBefore = Math.max(collected.notBefore, walk.notBefore ?? 0);
    }
    return walk;
  }

  #isDue(refusedAt: number | undefined): boolean {
    return refusedAt === undefined || this.#options.clock.now() - refusedAt >= TRY_WIDER_MS;
  }

  #enter(level: ListLevel, failure: Failure | undefined): void {
    if (level === this.#level) return;
    this.#level = level;
    this.#options.changed(level, failure);
  }
}

interface Round<T> {
  readonly keep: (entry: T) => T | undefined;
  readonly signal: AbortSignal;
  readonly collected: Collected<T>;
}

class Collected<T> implements Sweep<T> {
  readonly entries = new Map<ArmKey, Listed<T>>();
  readonly failures: Failure[] = [];
  pages = 0;
  notBefore = 0;
}
