/** What one pass is about: gathered once, before anything is asked of Azure. */
import {
  ABANDON_ANNOTATION,
  ABANDON_VALUE,
  REQUESTED_AT_ANNOTATION,
  type VmssIdentityBinding,
  type VmssIdentityLedger,
  type VmssIdentityPolicySpec,
} from '../api/types.ts';
import { type ArmKey, armKey, type IdentityId, parseIdentityId, type ScaleSetId } from '../identity/arm-id.ts';
import type { Declaration } from '../identity/declaration.ts';
import { entriesByKey } from '../identity/ledger.ts';
import { grantsFor } from '../identity/permit.ts';
import type { ClusterPort } from './cluster-port.ts';
import type { SetMemory } from './memory.ts';

export interface BoundBinding {
  readonly binding: VmssIdentityBinding;
  readonly declaration: Declaration;
}

export interface Subject {
  readonly id: ScaleSetId;
  readonly bound: readonly BoundBinding[];
  readonly declarations: readonly Declaration[];
  readonly policies: readonly VmssIdentityPolicySpec[];
  readonly memory: SetMemory;
  /** The ledger as it is stored now; moves on with each write of the pass. */
  ledger: VmssIdentityLedger | undefined;
  /** Bindings that carry our finalizer, by uid; moves on with each write of the pass. */
  readonly finalized: Set<string>;
  /** When it was gathered, in epoch milliseconds. */
  readonly now: number;
}

export function gather(
  id: ScaleSetId,
  cluster: ClusterPort,
  memory: SetMemory,
  { finalizer, now }: { readonly finalizer: string; readonly now: number },
): Subject {
  const policies = cluster.policies();
  const bound = cluster
    .bindingsOf(id.key)
    .map((binding) => ({ binding, declaration: declarationOf(binding, policies, id.key) }));
  const finalized = bound.filter(({ binding }) => binding.metadata.finalizers?.includes(finalizer) === true);
  return {
    id,
    bound,
    declarations: bound.map(({ declaration }) => declaration),
    policies,
    memory,
    ledger: cluster.ledgerOf(id.key),
    finalized: new Set(finalized.map(({ binding }) => binding.metadata.uid)),
    now,
  };
}

function declarationOf(
  { metadata, spec }: VmssIdentityBinding,
  policies: readonly VmssIdentityPolicySpec[],
  scaleSet: ArmKey,
): Declaration {
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    uid: metadata.uid,
    deleting: metadata.deletionTimestamp !== undefined,
    retain: spec.deletionPolicy === 'Retain',
    abandoned: metadata.annotations?.[ABANDON_ANNOTATION] === ABANDON_VALUE,
    suspended: spec.suspend,
    observe: spec.managementPolicy === 'Observe',
    exclusive: spec.mode === 'Exclusive',
    reattach: spec.staleIdentities === 'Reattach',
    systemAssigned: spec.systemAssigned,
    userAssigned: new Map(
      spec.userAssigned.map(({ resourceId, adopt }) => [armKey(resourceId), { resourceId, adopt }]),
    ),
    grants: grantsFor(policies, metadata.namespace, scaleSet),
  };
}

/** Every binding that is to stay, and its version: another list after every change of what is declared. */
export function versionsOf(bound: readonly BoundBinding[]): readonly string[] {
  return bound
    .filter(({ declaration }) => !declaration.deleting)
    .map(({ binding: { metadata } }) => `${metadata.uid}/${String(metadata.generation)}`)
    .toSorted();
}

/** The identities that Azure may be asked about: those that a binding declares which is permitted to, and looks after. */
export function wantedIdentities({ declarations }: Subject): readonly ArmKey[] {
  return declarations
    .filter(({ deleting, suspended, grants }) => !deleting && !suspended && grants.scaleSet)
    .flatMap(({ userAssigned, grants }) => [...userAssigned.keys()].filter((key) => grants.identity(key)));
}

/** Whether Azure may be asked about the identity: nobody learns of what was not granted. */
export function isAskedAbout(subject: Subject, identity: ArmKey): boolean {
  return entriesByKey(subject.ledger?.spec).has(identity) || wantedIdentities(subject).includes(identity);
}

/** Of all bindings: another one after every change of a spec, a deletion, or a request to look again. */
export function fingerprintOf(bound: readonly BoundBinding[]): string {
  return bound
    .map(({ binding: { metadata } }) => {
      const requestedAt = metadata.annotations?.[REQUESTED_AT_ANNOTATION] ?? '';
      return [metadata.uid, metadata.generation, metadata.deletionTimestamp ?? '', requestedAt].join(' ');
    })
    .toSorted()
    .join('\n');
}

/** Of the bindings that declare the identity. */
export function identityFingerprint(bound: readonly BoundBinding[], identity: ArmKey): string {
  return fingerprintOf(bound.filter(({ declaration }) => declaration.userAssigned.has(identity)));
}

/** The id of an identity that a binding, the ledger or Azure named; undefined when it is not one. */
export function identityId(resourceId: string): IdentityId | undefined {
  const parsed = parseIdentityId(resourceId);
  return parsed.ok ? parsed.id : undefined;
}
