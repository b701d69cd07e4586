/** What must be so when everything is at rest: a model of design §3 that has only the outcome to tell of, not the way. */
import { FINALIZER, type VmssIdentityBinding } from '../../../src/api/types.ts';
import { scaleSetIdOf } from '../names.ts';
import type { World } from '../world.ts';
import { SCALE_SETS } from './cast.ts';
import { type Azure, expectedSystem } from './expected-reason.ts';
import { Moments } from './moments.ts';
import { ownedKey } from './ownership-history.ts';
import {
  type Declared,
  declares,
  type Entry,
  entryOf,
  exclusiveInForce,
  isActive,
  isHeld,
  isLeaving,
  isMember,
  isOrphan,
  isPermitted,
  isProtected,
  lower,
  policiesFor,
  wanting,
} from './standing.ts';
import { statusFlaws } from './status-at-rest.ts';

/** @param ours what the operator attached, by history */
export function flawsAtRest(world: World, ours: ReadonlySet<string>): readonly string[] {
  const moments = new Moments(world.kube.changes).upTo(world.kube.revision);
  const { scaleSets, identities } = world.azure.snapshot();
  const known = new Set(identities.map(({ id }) => lower(id)));
  return SCALE_SETS.flatMap((name) => {
    const scaleSet = scaleSets.find(({ id }) => lower(id) === lower(scaleSetIdOf(name)));
    const isAks = Object.keys(scaleSet?.tags ?? {}).some((tag) => tag.startsWith('aks-managed-'));
    const declared = moments.declared(scaleSetIdOf(name), scaleSet?.uniqueId, isAks);
    const azure: Azure = { scaleSet, identities: known };
    return [
      ...(scaleSet === undefined ? [] : identityFlaws(declared, azure, ours)),
      ...(scaleSet === undefined ? [] : systemFlaws(declared, azure)),
      ...(scaleSet === undefined ? [] : ledgerFlaws(declared, azure)),
      ...declared.bindings.flatMap((binding) => bindingFlaws(declared, binding, azure)),
    ].map((flaw) => `${name}: ${flaw}`);
  });
}

function identityFlaws(declared: Declared, { scaleSet, identities }: Azure, ours: ReadonlySet<string>) {
  const live = new Set(scaleSet?.userAssigned.map(({ id }) => lower(id)));
  const ids = new Set([
    ...identities,
    ...live,
    ...(declared.ledger?.entries ?? []).map((entry) => lower(entry.resourceId)),
  ]);
  return [...ids].flatMap((id): readonly string[] => {
    const isWanted = wanting(declared, id).length > 0;
    if (isWanted) return identities.has(id) ? wantedFlaws(declared, id, scaleSet) : [];
    if (!live.has(id) || isHeld(declared, id) || isProtected(declared, id)) return [];
    const entry = entryOf(declared, id);
    const isOrphaned = entry !== undefined && isOrphan(declared, entry);
    if (exclusiveInForce(declared).length > 0) return [`${id} is there, although Exclusive is in force`];
    if (isOrphaned) return [];
    if (entry !== undefined) return [`${id} is there, and the entry for it is not wanted, held or orphaned`];
    return ours.has(ownedKey(scaleSet?.uniqueId ?? '', id))
      ? [`${id} is there, was attached by us, and has no entry`]
      : [];
  });
}

function wantedFlaws(declared: Declared, id: string, scaleSet: Azure['scaleSet']): readonly string[] {
  const live = scaleSet?.userAssigned.find((each) => lower(each.id) === id);
  if (live === undefined) return [`${id} is wanted and not there`];
  return live.orphaned && isReattachable(declared, id) ? [`${id} is dead, and nothing stands against a reattach`] : [];
}

/** "only `owned`, not protected, GET 200; any declaring binding on Report vetoes; once per 24 h" */
function isReattachable(declared: Declared, id: string): boolean {
  const entry = entryOf(declared, id);
  const consenting = declared.bindings.filter(
    (binding) => !isLeaving(binding) && declares(binding, id) && isPermitted(declared, binding, id),
  );
  return (
    entry?.phase === 'Attached' &&
    entry.reattachedAt === undefined &&
    !isProtected(declared, id) &&
    consenting.every((binding) => isActive(declared, binding) && binding.spec.staleIdentities === 'Reattach')
  );
}

function systemFlaws(declared: Declared, { scaleSet }: Azure): readonly string[] {
  const isOn = scaleSet?.systemAssigned !== undefined;
  const expected = expectedSystem(declared);
  if (expected === 'on' && !isOn) return ['the system-assigned identity is off'];
  return expected === 'off' && isOn ? ['the system-assigned identity is on'] : [];
}

function ledgerFlaws(declared: Declared, { scaleSet, identities }: Azure): readonly string[] {
  const { ledger } = declared;
  if (ledger === undefined) return [];
  const live = new Set(scaleSet?.userAssigned.map(({ id }) => lower(id)));
  const isEmpty = ledger.entries.length === 0 && ledger.systemAssigned === undefined;
  return [
    ...(isEmpty && ledger.exclusive === undefined ? ['a ledger is left that holds nothing'] : []),
    ...(ledger.operation === undefined ? [] : ['an operation is remembered']),
    ...(ledger.exclusive === undefined ? [] : ['a wait of Exclusive is on record']),
    ...ledger.entries.flatMap((entry) => entryFlaws(declared, entry, live, identities)),
  ];
}

function entryFlaws(declared: Declared, entry: Entry, live: ReadonlySet<string>, identities: ReadonlySet<string>) {
  const id = lower(entry.resourceId);
  const uids = new Set(entry.for.map(({ uid }) => uid));
  const isGone = !live.has(id);
  const missed = wanting(declared, id).filter(({ metadata }) => !uids.has(metadata.uid));
  const stayed = declared.bindings.filter(
    (binding) =>
      isMember(entry, binding) &&
      (isLeaving(binding) ||
        (isActive(declared, binding) && isPermitted(declared, binding, id) && !declares(binding, id))),
  );
  const waits = wanting(declared, id).length > 0 && !identities.has(id);
  return [
    ...(entry.phase === 'Attached' || waits ? [] : [`the entry for ${id} is ${entry.phase}`]),
    ...(isGone && !waits && isLookedAt(declared) ? [`there is an entry for ${id}, which is not there`] : []),
    ...missed.map(({ metadata }) => `the entry for ${id} does not name ${metadata.namespace}/${metadata.name}`),
    ...stayed.map(({ metadata }) => `the entry for ${id} still names ${metadata.namespace}/${metadata.name}`),
  ];
}

/**
 * "Azure is not asked" for a namespace that no policy allows the scale set, nor for who is suspended: then nobody sees that
 * something of ours was taken off.
 */
const isLookedAt = (declared: Declared): boolean =>
  declared.bindings.some(
    (binding) => !isLeaving(binding) && !binding.spec.suspend && policiesFor(declared, binding).length > 0,
  );

function bindingFlaws(declared: Declared, binding: VmssIdentityBinding, azure: Azure): readonly string[] {
  const { namespace, name, finalizers = [] } = binding.metadata;
  const isNamed =
    azure.scaleSet !== undefined &&
    (declared.ledger?.entries.some((entry) => isMember(entry, binding)) === true ||
      isMember(declared.ledger?.systemAssigned, binding));
  const found = [
    ...(isLeaving(binding) ? ['it is deleted and still there'] : statusFlaws(declared, binding, azure)),
    ...(isNamed && !finalizers.includes(FINALIZER) ? ['the ledger names it, and it has no finalizer'] : []),
  ];
  return found.map((flaw) => `${namespace}/${name}: ${flaw}`);
}
