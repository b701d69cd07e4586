/** What the soak plays with: which scale sets there are, what others attached to them, and who binds them. */
import type { ResourceGroupSeed, SubscriptionSeed } from '../simulator/seed.ts';
import { guid, type Random } from './random.ts';

export interface FleetSize {
  readonly bindings: number;
  readonly scaleSets: number;
  readonly namespaces: number;
}

/** Identities are in three classes that never mix, so that whose each one is can always be told. */
export interface Pools {
  /** Bindings declare them; nobody else attaches them. */
  readonly declarable: readonly string[];
  /** Others attach them and take them off; no binding declares them. */
  readonly foreign: readonly string[];
  /** Others attached them before there was any binding, and never take them off; bindings declare them too. */
  readonly shared: readonly string[];
}

export interface FleetScaleSet {
  readonly id: string;
  readonly pools: Pools;
  /** Its only binding is Exclusive: what others attach to it goes. */
  readonly exclusive: boolean;
  readonly flexible: boolean;
  /** What others had attached before the first binding came. */
  readonly foreign: readonly string[];
  readonly systemAssigned: boolean;
}

export interface FleetBinding {
  /** `namespace/name`. */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly scaleSet: FleetScaleSet;
  /** It alone turns the scale set's system-assigned identity on and off. */
  readonly managesSystemAssigned: boolean;
  /** The policy of its namespace comes and goes. */
  readonly policyComesAndGoes: boolean;
}

export interface Fleet {
  readonly tenant: string;
  readonly subscriptions: readonly string[];
  readonly namespaces: readonly string[];
  /** The one whose policy comes and goes. */
  readonly unsteadyNamespace: string;
  readonly scaleSets: readonly FleetScaleSet[];
  readonly bindings: readonly FleetBinding[];
}

const SUBSCRIPTIONS = 3;
const DECLARABLE = 40;
const FOREIGN = 10;
const SHARED = 4;
const APPS = 'apps';
const IDENTITIES = 'identities';
const LOCATION = 'westeurope';

/** Names of the identities of a class begin with this. */
const PREFIX = { declarable: 'declared', foreign: 'foreign', shared: 'shared' } as const;

export function createFleet(size: FleetSize, random: Random): Fleet {
  const tenant = guid(random);
  const subscriptions = Array.from({ length: SUBSCRIPTIONS }, () => guid(random));
  const namespaces = Array.from({ length: size.namespaces }, (_, index) => `soak-${String(index)}`);
  const unsteadyNamespace = namespaces.at(-1) ?? '';
  const pools = new Map(subscriptions.map((subscription) => [subscription, poolsOf(subscription)]));
  const scaleSets = Array.from({ length: size.scaleSets }, (_, index) => {
    const subscription = subscriptions[index % SUBSCRIPTIONS] ?? '';
    return scaleSet(index, subscription, pools.get(subscription) ?? poolsOf(subscription), random);
  });
  const additive = scaleSets.filter(({ exclusive }) => !exclusive);
  const bindings = Array.from({ length: size.bindings }, (_, index): FleetBinding => {
    const first = scaleSets[index];
    const set = first ?? random.pick(additive);
    const namespace = random.pick(namespaces);
    const name = `binding-${String(index)}`;
    const policyComesAndGoes = namespace === unsteadyNamespace;
    const mayManage = first !== undefined && !set.flexible && !policyComesAndGoes;
    return {
      key: `${namespace}/${name}`,
      namespace,
      name,
      scaleSet: set,
      managesSystemAssigned: mayManage && random.chance(0.4),
      policyComesAndGoes,
    };
  });
  return { tenant, subscriptions, namespaces, unsteadyNamespace, scaleSets, bindings };
}

/** What the simulated Azure begins with. */
export function subscriptionSeeds({ tenant, subscriptions, scaleSets }: Fleet): readonly SubscriptionSeed[] {
  return subscriptions.map((id) => {
    const { declarable, foreign, shared } = poolsOf(id);
    const identities = [...declarable, ...foreign, ...shared].map((identity) => ({ name: nameOf(identity) }));
    const own = scaleSets.filter((set) => set.id.startsWith(`/subscriptions/${id}/`));
    const apps: ResourceGroupSeed = {
      name: APPS,
      location: LOCATION,
      scaleSets: own.map((set) => ({
        name: nameOf(set.id),
        orchestrationMode: set.flexible ? 'Flexible' : 'Uniform',
        identity: { systemAssigned: set.systemAssigned, userAssigned: set.foreign },
      })),
    };
    return { id, tenant, resourceGroups: [{ name: IDENTITIES, location: LOCATION, identities }, apps] };
  });
}

/** Whether others attached it, as far as its class tells. */
export function isOthers(identityId: string): boolean {
  const name = nameOf(identityId);
  return name.startsWith(PREFIX.foreign) || name.startsWith(PREFIX.shared);
}

/** In lower case, as Azure keeps changing it. */
function nameOf(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1).toLowerCase();
}

function scaleSet(index: number, subscription: string, pools: Pools, random: Random): FleetScaleSet {
  const flexible = random.chance(0.2);
  return {
    id: `/subscriptions/${subscription}/resourceGroups/${APPS}/providers/Microsoft.Compute/virtualMachineScaleSets/set-${String(index)}`,
    pools,
    exclusive: random.chance(0.05),
    flexible,
    foreign: [
      ...random.sample(pools.foreign, random.between(0, 2)),
      ...random.sample(pools.shared, random.between(0, 1)),
    ],
    systemAssigned: !flexible && random.chance(0.2),
  };
}

function poolsOf(subscription: string): Pools {
  const named = (prefix: string, count: number): readonly string[] =>
    Array.from(
      { length: count },
      (_, index) =>
        `/subscriptions/${subscription}/resourceGroups/${IDENTITIES}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${prefix}-${String(index)}`,
    );
  return {
    declarable: named(PREFIX.declarable, DECLARABLE),
    foreign: named(PREFIX.foreign, FOREIGN),
    shared: named(PREFIX.shared, SHARED),
  };
}
