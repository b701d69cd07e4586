/**
 * What Azure says of the identities that bindings declare: listed once an interval, and what a list lacks read by itself,
 * spread over the interval. Absence from a list proves nothing.
 */
import type { ArmKey } from '../../identity/arm-id.ts';
import type { UserAssignedIdentity } from '../../identity/scale-set.ts';
import type { Clock, Random } from '../../runtime/clock.ts';
import type { AzurePort, Failure } from '../azure-port.ts';
import { aroundInterval } from '../backoff.ts';
import { identityId } from '../subject.ts';
import type { IdentityRoster } from './identity-roster.ts';
import { type ListLevel, SubscriptionList } from './list-levels.ts';

export interface IdentityInventoryOptions {
  readonly azure: Pick<AzurePort, 'listIdentities' | 'getIdentity'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly intervalMs: number;
  readonly roster: IdentityRoster;
  /** A list was neither read to its end nor refused. */
  readonly failed: (subscriptionId: string, failure: Failure) => void;
  readonly levelChanged: (subscriptionId: string, level: ListLevel, failure: Failure | undefined) => void;
}

/** Before the first list, in milliseconds: until then the first passes have told which identities are wanted. */
const FIRST_LIST_MS = 5000;
/** The part of the interval over which identities are read one by one that no list shows. */
const SPREAD = 0.8;

export class IdentityInventory {
  readonly #options: IdentityInventoryOptions;
  readonly #signal: AbortSignal;
  readonly #followed = new Map<
    string,
    { readonly list: SubscriptionList<UserAssignedIdentity>; readonly running: Promise<void> }
  >();

  /** @param signal ends everything when it aborts */
  constructor(options: IdentityInventoryOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  /** Asks about the subscription's wanted identities from now on, for as long as there are any. */
  follow(subscriptionId: string): void {
    if (this.#followed.has(subscriptionId) || this.#signal.aborted) return;
    const { azure, clock, random, roster, levelChanged } = this.#options;
    const list = new SubscriptionList<UserAssignedIdentity>({
      subscriptionId,
      clock,
      random,
      page: (scope, cursor, signal) => azure.listIdentities(scope, cursor, signal),
      groups: () => roster.groupsIn(subscriptionId),
      changed: (level, failure) => levelChanged(subscriptionId, level, failure),
      moved: () => undefined,
    });
    this.#followed.set(subscriptionId, { list, running: this.#run(subscriptionId, list) });
  }

  /** How each subscription is listed. */
  levels(): readonly ListLevel[] {
    return [...this.#followed.values()].map(({ list }) => list.level);
  }

  /** Resolves when everything has ended; the signal must have aborted. */
  async ended(): Promise<void> {
    await Promise.all([...this.#followed.values()].map(({ running }) => running));
  }

  async #run(subscriptionId: string, list: SubscriptionList<UserAssignedIdentity>): Promise<void> {
    const { clock, random, intervalMs, roster } = this.#options;
    try {
      await clock.sleep(aroundInterval(FIRST_LIST_MS, random), this.#signal);
      while (roster.wantedIn(subscriptionId).length > 0) {
        const { seen, notBefore } = await this.#list(subscriptionId, list);
        const nextAt = Math.max(notBefore, clock.now() + aroundInterval(intervalMs, random));
        await this.#readUnseen(subscriptionId, seen, nextAt);
        await clock.sleep(nextAt - clock.now(), this.#signal);
      }
    } catch (error) {
      if (!this.#signal.aborted) throw error;
    } finally {
      this.#followed.delete(subscriptionId);
    }
  }

  async #list(
    subscriptionId: string,
    list: SubscriptionList<UserAssignedIdentity>,
  ): Promise<{ readonly seen: ReadonlySet<ArmKey>; readonly notBefore: number }> {
    const { roster, failed } = this.#options;
    const { entries, failures, notBefore } = await list.sweep(
      (identity) => (roster.isWanted(identity.key) ? identity : undefined),
      this.#signal,
    );
    const believed = [...entries].filter(([, { value, at }]) => roster.noteListed(value, at));
    for (const failure of failures) failed(subscriptionId, failure);
    return { seen: new Set(believed.map(([key]) => key)), notBefore };
  }

  async #readUnseen(subscriptionId: string, seen: ReadonlySet<ArmKey>, untilMs: number): Promise<void> {
    const { clock, random, roster, intervalMs } = this.#options;
    const unseen = roster.wantedIn(subscriptionId).filter((key) => !seen.has(key));
    const shareMs = (intervalMs * SPREAD) / Math.max(1, unseen.length);
    const begunAt = clock.now();
    for (const [index, key] of unseen.entries()) {
      const dueAt = begunAt + (index + random.next()) * shareMs;
      if (dueAt > untilMs) return;
      await clock.sleep(dueAt - clock.now(), this.#signal);
      await this.#read(key, untilMs);
    }
  }

  /** Reads one identity; once more when Azure asks to wait. */
  async #read(key: ArmKey, untilMs: number): Promise<void> {
    const { azure, clock, roster } = this.#options;
    for (let tries = 0; tries < 2 && roster.isWanted(key); tries += 1) {
      const id = identityId(key);
      if (id === undefined) return;
      const at = clock.now();
      const look = await azure.getIdentity(id, this.#signal);
      roster.note(key, look, at);
      const waitMs = look.ok ? undefined : look.failure.retryAfterMs;
      if (waitMs === undefined) return;
      await clock.sleep(Math.min(waitMs, Math.max(0, untilMs - clock.now())), this.#signal);
    }
  }
}
