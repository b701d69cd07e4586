/** The least that has to be asked of Azure so that a fleet of scale sets has what is wanted, each scale set by one write. */
import { type Charge, chargeOf, chargeOfWrite, type Known } from '../../../src/azure/budgets/charge.ts';
import type { ArmUrl } from '../../../src/azure/urls.ts';
import { armKey } from '../../../src/identity/arm-id.ts';
import { MOST_POLLED } from '../../../src/reconcile/inventory/operations-in-flight.ts';

/** Scale sets of one subscription in one region. */
export interface FleetPart {
  readonly subscription: string;
  /** As programs call it: `westeurope`. */
  readonly location: string;
  readonly scaleSets: number;
  /** That each of them lacks: its write takes so many assignments. */
  readonly identitiesPerSet: number;
}

export interface LeastRequestsOptions {
  readonly fleet: readonly FleetPart[];
  /** Scale sets on a page of a list. */
  readonly pageSize: number;
  /** Whether a write is over only after its reply, so that somebody has to look. */
  readonly asynchronous: boolean;
  /** Whether lists look at the operations, or one poll at each. Default: as the operator does, by how many there are. */
  readonly watchedByList?: boolean;
}

/** Requests that are alike. */
export interface Alike {
  readonly what: 'list' | 'identities' | 'write' | 'look';
  readonly count: number;
  /** What one of them draws. */
  readonly charge: Charge;
}

/** Requests by subscription, each with the pages that its list of scale sets has. */
export interface OfSubscription {
  readonly pages: number;
  readonly requests: readonly Alike[];
}

/**
 * Of each subscription: a list of its scale sets, a list of its identities, which is one page, a PATCH for each scale
 * set, and where those are asynchronous one more list, or a poll for each. A GET of a scale set is never needed.
 */
export function leastRequests(options: LeastRequestsOptions): readonly OfSubscription[] {
  const { fleet, pageSize } = options;
  return [...Map.groupBy(fleet, ({ subscription }) => subscription)].map(([subscription, parts]) => {
    const scaleSets = parts.reduce((sum, part) => sum + part.scaleSets, 0);
    const pages = Math.max(1, Math.ceil(scaleSets / pageSize));
    const list = { count: pages, charge: reading(`/subscriptions/${subscription}/providers/${SCALE_SETS}`) };
    const identities = reading(`/subscriptions/${subscription}/providers/${IDENTITIES}`);
    return {
      pages,
      requests: [
        { what: 'list', ...list },
        { what: 'identities', count: 1, charge: identities },
        ...parts.map(writesOf),
        ...(options.asynchronous ? looksAt(parts, scaleSets, list, options) : []),
      ],
    };
  });
}

const SCALE_SETS = 'Microsoft.Compute/virtualMachineScaleSets';
const IDENTITIES = 'Microsoft.ManagedIdentity/userAssignedIdentities';

function writesOf({ subscription, location, scaleSets, identitiesPerSet }: FleetPart): Alike {
  const id = armKey(`/subscriptions/${subscription}/resourceGroups/any/providers/${SCALE_SETS}/any`);
  return { what: 'write', count: scaleSets, charge: chargeOfWrite(id, identitiesPerSet, location) };
}

function looksAt(
  parts: readonly FleetPart[],
  scaleSets: number,
  list: Pick<Alike, 'count' | 'charge'>,
  { watchedByList = scaleSets > MOST_POLLED }: LeastRequestsOptions,
): readonly Alike[] {
  if (watchedByList) return [{ what: 'look', ...list }];
  return parts.map(({ subscription, location, scaleSets: count }) => {
    const operation = `/subscriptions/${subscription}/providers/Microsoft.Compute/locations/${location}/operations/any`;
    return { what: 'look', count, charge: reading(operation) };
  });
}

function reading(path: string): Charge {
  // Nothing is sent there.
  const url = `https://management.azure.com${path}` as ArmUrl;
  return chargeOf({ method: 'GET', url, body: undefined }, NOTHING_KNOWN);
}

const NOTHING_KNOWN: Known = {
  locationOf: () => undefined,
  guessFor: () => undefined,
  scaleSetOf: () => undefined,
};
