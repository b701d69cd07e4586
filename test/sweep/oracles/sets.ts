/**
 * Who may have what, and who wants, holds and has given up what: design §3's sets, read anew from bindings, policies and
 * ledger entries, without a line of the operator's own.
 */
import type { LedgerEntry, VmssIdentityBinding, VmssIdentityPolicySpec } from '../../../src/api/types.ts';
import { fold, matchesId, matchesName } from './pattern.ts';

/** What is known of one scale set at one moment. */
export interface View {
  readonly scaleSetId: string;
  /** Of this scale set, those being deleted among them. */
  readonly bindings: readonly VmssIdentityBinding[];
  readonly policies: readonly VmssIdentityPolicySpec[];
}

/** For whom an entry stands. */
export type Members = LedgerEntry['for'];

const ABANDON = 'vmss-identity.dev/abandon';

export const nameOf = ({ metadata }: VmssIdentityBinding): string => `${metadata.namespace}/${metadata.name}`;

export const isLeaving = ({ metadata }: VmssIdentityBinding): boolean => metadata.deletionTimestamp !== undefined;

export const isFrozen = ({ spec }: VmssIdentityBinding): boolean => spec.suspend || spec.managementPolicy === 'Observe';

export const declares = ({ spec }: VmssIdentityBinding, id: string): boolean =>
  spec.userAssigned.some(({ resourceId }) => fold(resourceId) === fold(id));

export const isMember = ({ metadata }: VmssIdentityBinding, members: Members): boolean =>
  members.some(({ uid }) => uid === metadata.uid);

/** The policies that match namespace and scale set; each counts by itself. */
const policiesFor = ({ scaleSetId, policies }: View, { metadata }: VmssIdentityBinding) =>
  policies.filter(
    ({ namespaces, scaleSets }) =>
      namespaces.some((pattern) => matchesName(pattern, metadata.namespace)) &&
      scaleSets.some((pattern) => matchesId(pattern, scaleSetId)),
  );

/** The whole triple, by one policy. */
export const mayHave = (view: View, binding: VmssIdentityBinding, id: string): boolean =>
  policiesFor(view, binding).some(({ userAssigned }) => userAssigned.some((pattern) => matchesId(pattern, id)));

const mayAdopt = (view: View, binding: VmssIdentityBinding, id: string): boolean =>
  policiesFor(view, binding).some(
    ({ userAssigned, adopt }) => adopt === 'Allow' && userAssigned.some((pattern) => matchesId(pattern, id)),
  );

export const mayTurnOn = (view: View, binding: VmssIdentityBinding): boolean =>
  policiesFor(view, binding).some(({ systemAssigned }) => systemAssigned !== 'Deny');

export const mayTurnOff = (view: View, binding: VmssIdentityBinding): boolean =>
  policiesFor(view, binding).some(({ systemAssigned }) => systemAssigned === 'EnableAndDisable');

/** Exists, Manage, not suspended, and some policy allows it the scale set. */
export const isActive = (view: View, binding: VmssIdentityBinding): boolean =>
  !isLeaving(binding) && !isFrozen(binding) && policiesFor(view, binding).length > 0;

const isExclusive = (view: View, binding: VmssIdentityBinding): boolean =>
  isActive(view, binding) &&
  binding.spec.mode === 'Exclusive' &&
  policiesFor(view, binding).some(({ exclusive }) => exclusive === 'Allow');

export const exclusivesOf = (view: View): readonly VmssIdentityBinding[] =>
  view.bindings.filter((binding) => isExclusive(view, binding));

export const wantersOf = (view: View, id: string): readonly VmssIdentityBinding[] =>
  view.bindings.filter((binding) => declares(binding, id) && isActive(view, binding) && mayHave(view, binding, id));

export const adoptersOf = (view: View, id: string): readonly VmssIdentityBinding[] =>
  wantersOf(view, id).filter(
    (binding) =>
      mayAdopt(view, binding, id) &&
      binding.spec.userAssigned.some(({ resourceId, adopt }) => adopt && fold(resourceId) === fold(id)),
  );

/** Those for whose sake it stays without being wanted. @param members of its entry */
export const holdersOf = (view: View, id: string, members: Members): readonly VmssIdentityBinding[] =>
  view.bindings.filter((binding) => !isLeaving(binding) && holds(view, binding, id, members));

function holds(view: View, binding: VmssIdentityBinding, id: string, members: Members): boolean {
  const isPermitted = mayHave(view, binding, id);
  const isOnRecord = isMember(binding, members);
  if (isPermitted && isFrozen(binding) && (declares(binding, id) || isOnRecord)) return true;
  if (!isPermitted && isOnRecord) return true;
  return isExclusive(view, binding) && declares(binding, id);
}

export const isProtected = ({ policies }: View, id: string): boolean =>
  policies.some((policy) => policy.protected.some((pattern) => matchesId(pattern, id)));

/** Somebody it stands for was never let go in order, and is not there. */
export const isOrphan = ({ bindings }: View, members: Members): boolean =>
  members.length === 0 || members.some(({ uid }) => !bindings.some(({ metadata }) => metadata.uid === uid));

/** Those of the members that have left in a way that leaves Azure as it is. */
export const renouncersOf = ({ bindings }: View, members: Members): readonly VmssIdentityBinding[] =>
  bindings.filter(
    (binding) =>
      isMember(binding, members) &&
      isLeaving(binding) &&
      (binding.spec.deletionPolicy === 'Retain' ||
        isFrozen(binding) ||
        binding.metadata.annotations?.[ABANDON] === 'true'),
  );
