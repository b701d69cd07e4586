/** A binding as the domain sees it: what it declares, and how far that counts. */
import type { ArmKey } from './arm-id.ts';
import type { Grants } from './permit.ts';

export interface DeclaredIdentity {
  /** The id as the binding spells it. */
  readonly resourceId: string;
  readonly adopt: boolean;
}

/**
 * Why a binding has to wait by itself. `finalizerRefused`: Kubernetes does not take the finalizer, without which nothing may
 * be attached for it. `ledgerFull`: the ledger has no room for it.
 */
export type SetAside = 'finalizerRefused' | 'ledgerFull';

/** One existing binding of a scale set. */
export interface Declaration {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** It has a deletionTimestamp. */
  readonly deleting: boolean;
  /** `deletionPolicy: Retain`. */
  readonly retain: boolean;
  /** Annotated to be let go without Azure's consent. */
  readonly abandoned: boolean;
  readonly suspended: boolean;
  /** `managementPolicy: Observe`. */
  readonly observe: boolean;
  /** `mode: Exclusive`. */
  readonly exclusive: boolean;
  /** `staleIdentities: Reattach`. */
  readonly reattach: boolean;
  readonly systemAssigned: 'Enabled' | 'Disabled' | 'Unmanaged';
  readonly userAssigned: ReadonlyMap<ArmKey, DeclaredIdentity>;
  readonly grants: Grants;
  /** Nothing it says is acted on for now, and no entry may come to name it. */
  readonly setAside?: SetAside;
}

/** Suspended or Observe: it writes nothing, and what it declares stays as it is. */
export function isFrozenByChoice(declaration: Declaration): boolean {
  return declaration.suspended || declaration.observe;
}

/** Permitted on the scale set, Observe, not suspended, not being deleted: it is told what would be done for it. */
export function isObserving({ observe, suspended, deleting, grants }: Declaration): boolean {
  return observe && !suspended && !deleting && grants.scaleSet;
}

/** The same binding as `managementPolicy: Manage`. */
export function asManaged(declaration: Declaration): Declaration {
  return { ...declaration, observe: false };
}

/** Permitted on the scale set, managed, not suspended, not being deleted, not set aside. */
export function isActive(declaration: Declaration): boolean {
  const { deleting, grants, setAside } = declaration;
  return !deleting && setAside === undefined && !isFrozenByChoice(declaration) && grants.scaleSet;
}

/** A policy allows it the identity on this scale set, whatever becomes of what it declares. */
export function isPermittedFor({ grants }: Declaration, identity: ArmKey): boolean {
  return grants.scaleSet && grants.identity(identity);
}

/** Active, and permitted for this identity: what it says of the identity is acted on. */
export function isActiveFor(declaration: Declaration, identity: ArmKey): boolean {
  return isActive(declaration) && declaration.grants.identity(identity);
}

/** Exists, but nothing it says of the identity is acted on: not even that it no longer declares it. */
export function isFrozenFor(declaration: Declaration, identity: ArmKey): boolean {
  return !declaration.deleting && !isActiveFor(declaration, identity);
}

/** Active, permitted to, and asking for the scale set's identities to be those declared and no others. */
export function isExclusiveInForce(declaration: Declaration): boolean {
  return isActive(declaration) && declaration.exclusive && declaration.grants.exclusive;
}

/** Deleted in a way that leaves Azure as it is. */
export function renouncesOnDeletion(declaration: Declaration): boolean {
  return declaration.retain || declaration.abandoned || isFrozenByChoice(declaration);
}
