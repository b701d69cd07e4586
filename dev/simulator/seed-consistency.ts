import {
  findIdentity,
  findScaleSet,
  fold,
  identityId,
  parseIdentityId,
  type ResourceId,
  scaleSetId,
} from './resource-id.ts';
import type { ResourceGroupSeed, ScaleSetSeed, Seed, SeedProblem, SubscriptionSeed } from './seed.ts';
import type { State } from './state.ts';

type Path = SeedProblem['path'];
type Place<T> = readonly [seed: T, path: Path];

/**
 * What is wrong with a seed beyond its shape: what is named twice, or was there before, and identities that are nowhere.
 * @param state what it would be added to
 */
export function findInconsistencies(seed: Seed, state: State): readonly SeedProblem[] {
  const names = new Names();
  const subscriptions = (seed.subscriptions ?? []).map((each, index) => [each, ['subscriptions', index]] as const);
  const problems = subscriptions.flatMap((place) => [
    ...checkTenant(place, state, names),
    ...groupsOf(place).flatMap((group) => checkNames(place[0], group, state, names)),
  ]);
  // Last: a scale set may name an identity of a group, or a subscription, that comes later.
  const assigned = subscriptions.flatMap((place) =>
    groupsOf(place).flatMap((group) => checkAssigned(place[0], group, state, names)),
  );
  return [...problems, ...assigned, ...checkPrincipals(seed, state, names)];
}

/** What the seed itself has named so far; of some, what was said of them. */
class Names {
  readonly #known = new Map<string, string>();

  has(name: string): boolean {
    return this.#known.has(fold(name));
  }

  /** @returns what was said of it before, or what is said now if it is new */
  add(name: string, said = ''): string {
    const before = this.#known.get(fold(name));
    if (before === undefined) this.#known.set(fold(name), said);
    return before ?? said;
  }
}

function groupsOf([subscription, path]: Place<SubscriptionSeed>): readonly Place<ResourceGroupSeed>[] {
  return (subscription.resourceGroups ?? []).map(
    (group, index) => [group, [...path, 'resourceGroups', index]] as const,
  );
}

function checkTenant(
  [{ id, tenant }, path]: Place<SubscriptionSeed>,
  state: State,
  names: Names,
): readonly SeedProblem[] {
  const before = state.subscriptions.get(fold(id))?.tenantId ?? names.add(`/subscriptions/${id}`, tenant);
  if (fold(before) === fold(tenant)) return [];
  return [{ path: [...path, 'tenant'], message: `subscription ${id} belongs to tenant ${before} already` }];
}

function checkNames(
  { id: subscriptionId }: SubscriptionSeed,
  [group, path]: Place<ResourceGroupSeed>,
  state: State,
  names: Names,
): readonly SeedProblem[] {
  const within = { subscriptionId, resourceGroup: group.name };
  const problems: SeedProblem[] = [];
  const claim = (id: string, exists: boolean, at: Path): void => {
    if (exists || names.has(id)) problems.push({ path: at, message: 'is there already' });
    names.add(id);
  };
  group.identities?.forEach(({ name }, index) => {
    const id = { ...within, name };
    claim(identityId(id), findIdentity(state, id) !== undefined, [...path, 'identities', index]);
  });
  group.scaleSets?.forEach(({ name }, index) => {
    const id = { ...within, name };
    claim(scaleSetId(id), findScaleSet(state, id) !== undefined, [...path, 'scaleSets', index]);
  });
  return problems;
}

function checkAssigned(
  { id: subscriptionId }: SubscriptionSeed,
  [group, path]: Place<ResourceGroupSeed>,
  state: State,
  names: Names,
): readonly SeedProblem[] {
  const exists = (id: ResourceId): boolean => findIdentity(state, id) !== undefined || names.has(identityId(id));
  return (group.scaleSets ?? []).flatMap((set, setIndex) => {
    const at = [...path, 'scaleSets', setIndex, 'identity', 'userAssigned'];
    const ids = assignedTo(set, { subscriptionId, resourceGroup: group.name });
    return ids.flatMap((id, index): readonly SeedProblem[] => {
      const parsed = parseIdentityId(id);
      if (parsed === undefined || !exists(parsed)) {
        return [{ path: [...at, index], message: `there is no user-assigned identity ${id}` }];
      }
      const isRepeated = ids.slice(0, index).some((other) => fold(other) === fold(id));
      return isRepeated ? [{ path: [...at, index], message: `${id} is there already` }] : [];
    });
  });
}

/** The whole ids of the identities that a scale set is seeded with. */
export function assignedTo(
  { identity }: ScaleSetSeed,
  within: { readonly subscriptionId: string; readonly resourceGroup: string },
): readonly string[] {
  return (identity?.userAssigned ?? []).map((name) => (name.startsWith('/') ? name : identityId({ ...within, name })));
}

function checkPrincipals(seed: Seed, state: State, names: Names): readonly SeedProblem[] {
  return (seed.principals ?? []).flatMap(({ clientId }, index) => {
    const isKnown = state.principals.has(fold(clientId)) || names.has(`principal ${clientId}`);
    names.add(`principal ${clientId}`);
    return isKnown ? [{ path: ['principals', index], message: `client id ${clientId} is there already` }] : [];
  });
}
