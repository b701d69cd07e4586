/** What keeps one binding waiting by itself, while its neighbours are served: no finalizer, or no room in the ledger. */
import { isCrowded, MAX_MEMBERS } from './bounds.ts';
import { type Declaration, isActive, isExclusiveInForce, type SetAside } from './declaration.ts';
import type { Complaint, View } from './view.ts';

interface Case {
  readonly declaration: Declaration;
  readonly view: View;
}

const SET_ASIDE: Readonly<Record<SetAside, Complaint>> = {
  finalizerRefused: {
    reason: 'FinalizerRefused',
    message:
      'Kubernetes does not take the finalizer of the operator on this binding: nothing is attached or detached for it ' +
      'until it does. An admission webhook or policy may be in the way.',
  },
  ledgerFull: {
    reason: 'LedgerFull',
    message:
      'The ledger of the scale set has no room for all that this binding declares: older bindings came first, and ' +
      'nothing more is attached or detached for this one until some of them go, or it declares less.',
  },
};

export function isSetAside({ declaration: { setAside, deleting } }: Case): readonly Complaint[] {
  return setAside === undefined || deleting ? [] : [SET_ASIDE[setAside]];
}

/** Of user-assigned identities, the status of each tells. */
export function lacksRoomForSystemAssigned({ declaration, view }: Case): readonly Complaint[] {
  const { systemAssigned, grants, uid } = declaration;
  const isAsked = isActive(declaration) && systemAssigned === 'Enabled' && grants.enableSystemAssigned;
  if (!isAsked || !isCrowded(view.ledger?.systemAssigned?.for ?? [], uid)) return [];
  const message =
    `The system-assigned identity is on for ${String(MAX_MEMBERS)} bindings that came first, and the ledger of the ` +
    'scale set takes no more: it is on for as long as one of them asks for it.';
  return [{ reason: 'LedgerFull', message }];
}

/** So many bindings that no wait of theirs could be put on record: nothing is ever detached by Exclusive then. */
export function isTooCrowdedForExclusive({ declaration, view: { exclusive } }: Case): readonly Complaint[] {
  if (exclusive === undefined || exclusive.goesAt !== undefined || !isExclusiveInForce(declaration)) return [];
  const message =
    `More than ${String(MAX_MEMBERS)} bindings are of this scale set, more than the wait of mode: Exclusive can be ` +
    'recorded for: it acts as Additive until there are fewer.';
  return [{ reason: 'LedgerFull', message }];
}
