/**
 * Who wants, holds and may have what: design §2 (policies) and §3 (the sets), read once more and by nobody who wrote the
 * operator's own sets. Ids are in lower case throughout.
 */
import type { VmssIdentityBinding, VmssIdentityLedger, VmssIdentityPolicySpec } from '../../../src/api/types.ts';
import { ABANDON_ANNOTATION, ABANDON_VALUE } from '../../../src/api/types.ts';

export type Entry = VmssIdentityLedger['spec']['entries'][0];

/** All that is declared about one scale set. */
export interface Declared {
  readonly scaleSetId: string;
  /** Of this scale set, those that are being deleted among them. */
  readonly bindings: readonly VmssIdentityBinding[];
  readonly policies: readonly VmssIdentityPolicySpec[];
  readonly ledger: VmssIdentityLedger['spec'] | undefined;
  /** AKS manages it: nobody's Exclusive is in force. */
  readonly isAks: boolean;
}

export const lower = (text: string): string => text.toLowerCase();

/** `*` within a segment, `**` for all that follows. */
function matches(pattern: string, text: string): boolean {
  const [, head = '', open = ''] = /^(.*?)(\/\*\*)?$/.exec(pattern) ?? [];
  const source = head
    .split('*')
    .map((part) => part.replace(/[.()\\+?^$[\]{}|]/g, '\\$&'))
    .join('[^/]*');
  return new RegExp(`^${source}${open === '' ? '' : '/.+'}$`, 'i').test(text);
}

const matchesAny = (patterns: readonly string[], text: string): boolean => patterns.some((each) => matches(each, text));

/** The policies that speak of a binding's namespace and scale set; each counts by itself. */
export const policiesFor = ({ policies, scaleSetId }: Declared, { metadata }: VmssIdentityBinding) =>
  policies.filter(
    ({ namespaces, scaleSets }) => matchesAny(namespaces, metadata.namespace) && matchesAny(scaleSets, scaleSetId),
  );

export const isPermitted = (declared: Declared, binding: VmssIdentityBinding, id: string): boolean =>
  policiesFor(declared, binding).some(({ userAssigned }) => matchesAny(userAssigned, id));

export const mayAdopt = (declared: Declared, binding: VmssIdentityBinding, id: string): boolean =>
  policiesFor(declared, binding).some(({ userAssigned, adopt }) => adopt === 'Allow' && matchesAny(userAssigned, id));

/** Whatever the namespaces of the policy. */
export const isProtected = ({ policies }: Declared, id: string): boolean =>
  policies.some((policy) => matchesAny(policy.protected, id));

export const isLeaving = ({ metadata }: VmssIdentityBinding): boolean => metadata.deletionTimestamp !== undefined;
export const isFrozenByChoice = ({ spec }: VmssIdentityBinding): boolean =>
  spec.suspend || spec.managementPolicy === 'Observe';

export const isActive = (declared: Declared, binding: VmssIdentityBinding): boolean =>
  !isLeaving(binding) && !isFrozenByChoice(binding) && policiesFor(declared, binding).length > 0;

export const declares = ({ spec }: VmssIdentityBinding, id: string): boolean =>
  spec.userAssigned.some(({ resourceId }) => lower(resourceId) === id);

export const adopts = ({ spec }: VmssIdentityBinding, id: string): boolean =>
  spec.userAssigned.some(({ resourceId, adopt }) => adopt && lower(resourceId) === id);

/** "declared by active bindings (they exist, are not being deleted, are permitted for that identity, Manage, not suspended)". */
export const wanting = (declared: Declared, id: string): readonly VmssIdentityBinding[] =>
  declared.bindings.filter(
    (binding) => isActive(declared, binding) && declares(binding, id) && isPermitted(declared, binding, id),
  );

export const entryOf = ({ ledger }: Declared, id: string): Entry | undefined =>
  ledger?.entries.find(({ resourceId }) => lower(resourceId) === id);

export const isMember = (entry: Pick<Entry, 'for'> | undefined, { metadata }: VmssIdentityBinding): boolean =>
  entry?.for.some(({ uid }) => uid === metadata.uid) === true;

export const exclusiveInForce = (declared: Declared): readonly VmssIdentityBinding[] =>
  declared.isAks
    ? []
    : declared.bindings.filter(
        (binding) =>
          isActive(declared, binding) &&
          binding.spec.mode === 'Exclusive' &&
          policiesFor(declared, binding).some(({ exclusive }) => exclusive === 'Allow'),
      );

/** By (a), (b) or (c) of design §3. */
export function isHeld(declared: Declared, id: string, entry = entryOf(declared, id)): boolean {
  const exclusive = exclusiveInForce(declared);
  return declared.bindings.some((binding) => {
    if (isLeaving(binding)) return false;
    const [declaresIt, permitted] = [declares(binding, id), isPermitted(declared, binding, id)];
    if (isFrozenByChoice(binding) && permitted && declaresIt) return true;
    if (exclusive.includes(binding) && declaresIt) return true;
    const isFrozen = isFrozenByChoice(binding) || !permitted;
    return isFrozen && isMember(entry, binding);
  });
}

/** A member of the entry is not there any more, and nobody has taken it over. */
export function isOrphan(declared: Declared, { for: members, resourceId }: Entry): boolean {
  const uids = new Set(declared.bindings.map(({ metadata }) => metadata.uid));
  const isUnseen = members.length === 0 || members.some(({ uid }) => !uids.has(uid));
  return isUnseen && wanting(declared, lower(resourceId)).length === 0;
}

export const leavesItThere = (binding: VmssIdentityBinding): boolean =>
  isFrozenByChoice(binding) ||
  binding.spec.deletionPolicy === 'Retain' ||
  binding.metadata.annotations?.[ABANDON_ANNOTATION] === ABANDON_VALUE;
