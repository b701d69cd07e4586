/** What lists show of Azure, put together: scale sets, and the identities that bindings declare. */
import type { ArmKey, ScaleSetId } from '../../identity/arm-id.ts';
import type { Clock, Random } from '../../runtime/clock.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { AzurePort, Failure } from '../azure-port.ts';
import { IdentityInventory } from './identity-inventory.ts';
import { IdentityRoster } from './identity-roster.ts';
import { Inventory } from './inventory.ts';
import type { ListLevel } from './list-levels.ts';

export interface InventoriesOptions {
  readonly azure: Pick<AzurePort, 'listScaleSets' | 'listIdentities' | 'getIdentity'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly intervalMs: number;
  readonly cluster: {
    /** The bound scale sets of a subscription. */
    inSubscription(subscriptionId: string): readonly ArmKey[];
    /** A bound scale set by texts that are held anyway; undefined: it is not bound. */
    held(scaleSet: ArmKey): Pick<ScaleSetId, 'key' | 'resourceId'> | undefined;
  };
  /** A pass over the scale set is due in so many milliseconds. */
  readonly due: (scaleSet: ArmKey, inMs: number) => void;
}

/** What is listed. */
export type ListedKind = 'scale_sets' | 'identities';

export interface Inventories {
  readonly inventory: Inventory;
  readonly roster: IdentityRoster;
  /** How each subscription is listed, by kind. */
  levels(): Readonly<Record<ListedKind, readonly ListLevel[]>>;
  /** Resolves when every list has ended; the signal must have aborted. */
  ended(): Promise<void>;
}

/** @param signal ends all lists when it aborts */
export function createInventories(options: InventoriesOptions, signal: AbortSignal): Inventories {
  const { azure, clock, random, logger, intervalMs, cluster, due } = options;
  const roster = new IdentityRoster({
    now: () => clock.now(),
    wanted: (subscriptionId) => identities.follow(subscriptionId),
    contradicted: (scaleSet) => due(scaleSet, 0),
  });
  const identities = new IdentityInventory(
    { azure, clock, random, intervalMs, roster, ...tellingOf('identities', logger) },
    signal,
  );
  const inventory = new Inventory(
    {
      azure,
      clock,
      random,
      intervalMs,
      scaleSetsOf: (subscriptionId) => cluster.inSubscription(subscriptionId),
      held: (scaleSet) => cluster.held(scaleSet),
      due,
      ...tellingOf('scale_sets', logger),
    },
    signal,
  );
  return {
    inventory,
    roster,
    levels: () => ({ scale_sets: inventory.levels(), identities: identities.levels() }),
    ended: async () => {
      await Promise.all([inventory.ended(), identities.ended()]);
    },
  };
}

const NAMES: Readonly<Record<ListedKind, string>> = { scale_sets: 'scale sets', identities: 'identities' };
const WAYS: Readonly<Record<ListLevel, string>> = {
  subscription: 'as a whole',
  resourceGroup: 'by resource group',
  resource: 'one by one',
};

function tellingOf(
  kind: ListedKind,
  logger: Logger,
): {
  failed(subscriptionId: string, failure: Failure): void;
  levelChanged(subscriptionId: string, level: ListLevel, failure: Failure | undefined): void;
} {
  return {
    failed: (subscriptionId, { code, message }) =>
      logger.warn(`cannot list the ${NAMES[kind]} of a subscription: each is read by itself until the next list`, {
        subscriptionId,
        code,
        reason: message,
      }),
    levelChanged: (subscriptionId, level, failure) =>
      logger.info(`the ${NAMES[kind]} of a subscription are read ${WAYS[level]} from now on`, {
        subscriptionId,
        ...(failure === undefined ? {} : { code: failure.code, reason: failure.message }),
      }),
  };
}
