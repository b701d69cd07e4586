import { noteChange } from './arm/lagging-lists.ts';
import { normalLocation } from './arm/management/regions.ts';
import { builtInRoles } from './arm/rights/roles.ts';
import { preciseTime } from './arm/times.ts';
import { createIdentity } from './arm/user-assigned.ts';
import { nextGuid } from './guids.ts';
import type { JsonObject } from './http.ts';
import { findIdentity, fold, groupKey, parseIdentityId } from './resource-id.ts';
import { addRestrictions } from './restrictions.ts';
import {
  type GrantSeed,
  type PrincipalSeed,
  type ResourceGroupSeed,
  type ScaleSetSeed,
  type Seed,
  SeedError,
  type SubscriptionSeed,
} from './seed.ts';
import { checkSeed } from './seed-check.ts';
import { assignedTo, findInconsistencies } from './seed-consistency.ts';
import type {
  AssignedIdentity,
  Grant,
  ManagedIdentityKind,
  Principal,
  ScaleSet,
  State,
  Subscription,
} from './state.ts';

const everything: readonly Grant[] = [{ scope: '/', actions: ['*'], notActions: [] }];
const defaultAudience = 'api://AzureADTokenExchange';

/**
 * Adds what a seed describes to what is there already. Subscriptions and groups may be named again; resources and
 * principals may not.
 * @throws SeedError, with nothing added
 */
export function applySeed(state: State, seed: Seed, nowMs: number): void {
  const problems = checkSeed(seed);
  if (problems.length > 0) throw new SeedError(problems);
  const inconsistencies = findInconsistencies(seed, state);
  if (inconsistencies.length > 0) throw new SeedError(inconsistencies);
  Object.assign(state.settings, seed.settings);
  const subscriptions = seed.subscriptions ?? [];
  // Identities first: a scale set may name one of a group, or a subscription, that comes later.
  for (const each of subscriptions) addIdentities(state, each);
  for (const each of subscriptions) addScaleSets(state, each, nowMs);
  for (const each of seed.principals ?? []) addPrincipal(state, each);
  state.restrictions = addRestrictions(state.restrictions, seed.restrictions ?? {});
}

function addIdentities(state: State, seed: SubscriptionSeed): void {
  const subscription = subscriptionOf(state, seed);
  for (const group of seed.resourceGroups ?? []) {
    if (!subscription.resourceGroups.has(fold(group.name))) {
      subscription.resourceGroups.set(fold(group.name), {
        name: group.name,
        location: normalLocation(group.location),
      });
    }
    for (const identity of group.identities ?? []) {
      const { assignmentRestrictions, ...rest } = identity;
      createIdentity(state, {
        ...rest,
        assignableTo: assignmentRestrictions?.providers,
        location: normalLocation(identity.location ?? group.location),
        subscriptionId: seed.id,
        resourceGroup: group.name,
      });
    }
  }
}

function subscriptionOf(state: State, seed: SubscriptionSeed): Subscription {
  const existing = state.subscriptions.get(fold(seed.id));
  if (existing !== undefined) return existing;
  const subscription: Subscription = {
    id: seed.id,
    tenantId: seed.tenant,
    name: seed.name,
    resourceGroups: new Map(),
    scaleSets: new Map(),
    identities: new Map(),
  };
  state.subscriptions.set(fold(seed.id), subscription);
  return subscription;
}

function addScaleSets(state: State, seed: SubscriptionSeed, nowMs: number): void {
  const subscription = subscriptionOf(state, seed);
  for (const group of seed.resourceGroups ?? []) {
    for (const scaleSet of group.scaleSets ?? []) {
      const set = buildScaleSet(state, subscription, group, scaleSet, nowMs);
      subscription.scaleSets.set(groupKey(set), set);
      noteChange(state, set, nowMs);
    }
  }
}

function buildScaleSet(
  state: State,
  subscription: Subscription,
  group: ResourceGroupSeed,
  seed: ScaleSetSeed,
  nowMs: number,
): ScaleSet {
  const within = { subscriptionId: subscription.id, resourceGroup: group.name };
  const assigned = assignedTo(seed, within).map((key) => assignedIdentity(state, key));
  return {
    ...within,
    name: seed.name,
    location: normalLocation(seed.location ?? group.location),
    orchestrationMode: seed.orchestrationMode ?? 'Uniform',
    uniqueId: nextGuid(state.guids),
    timeCreated: preciseTime(nowMs),
    etag: 1,
    provisioningState: 'Succeeded',
    operationId: undefined,
    operationMs: seed.operationMs,
    tags: seed.tags,
    sku: { name: 'Standard_D2s_v3', tier: 'Standard', capacity: seed.capacity ?? 1 },
    properties: { upgradePolicy: { mode: 'Manual' } },
    identity: {
      systemAssigned: seed.identity?.systemAssigned === true ? { principalId: nextGuid(state.guids) } : undefined,
      userAssigned: new Map(assigned.map((entry) => [fold(entry.key), entry])),
    },
  };
}

function assignedIdentity(state: State, key: string): AssignedIdentity {
  const parsed = parseIdentityId(key);
  const identity = parsed === undefined ? undefined : findIdentity(state, parsed);
  if (identity === undefined) throw new Error(`a seed with ${key}, which is nowhere, was let through`);
  return { key, ids: { principalId: identity.principalId, clientId: identity.clientId }, orphaned: false };
}

function addPrincipal(state: State, seed: PrincipalSeed): void {
  const principal: Principal = {
    name: seed.name ?? seed.clientId,
    clientId: seed.clientId,
    objectId: seed.objectId ?? nextGuid(state.guids),
    tenantId: seed.tenant,
    secret: seed.secret,
    federated: (seed.federated ?? []).map(({ issuer, subject, audience, jwks }) => ({
      issuer,
      subject,
      audience: audience ?? defaultAudience,
      keys: jwks?.keys as readonly JsonObject[] | undefined,
    })),
    managedIdentity: managedIdentityKind(seed),
    application: 'Enabled',
    revocation: undefined,
    permissions: seed.permissions === undefined ? everything : grants(seed.permissions),
    denials: grants(seed.denials ?? []),
  };
  state.principals.set(fold(seed.clientId), principal);
}

function managedIdentityKind({ managedIdentity = false }: PrincipalSeed): ManagedIdentityKind | undefined {
  if (typeof managedIdentity === 'string') return managedIdentity;
  return managedIdentity ? 'UserAssigned' : undefined;
}

export function grants(seeds: readonly GrantSeed[]): readonly Grant[] {
  return seeds.map((seed) => {
    const { actions, notActions = [] } = 'role' in seed ? builtInRoles[seed.role] : seed;
    return { scope: seed.scope, actions, notActions };
  });
}
