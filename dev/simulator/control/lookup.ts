import { findScaleSet, fold, parseResourceId, scaleSetType } from '../resource-id.ts';
import type { Principal, ScaleSet, State } from '../state.ts';

/** Something that the control API was asked about is not there, or cannot be done. */
export class ControlError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ControlError';
  }
}

export function requireScaleSet(state: State, id: string): ScaleSet {
  const parsed = parseResourceId(id);
  const set = parsed?.type === fold(scaleSetType) ? findScaleSet(state, parsed) : undefined;
  if (set === undefined) throw new ControlError(`there is no scale set ${id}`);
  return set;
}

export function requirePrincipal(state: State, clientId: string): Principal {
  const principal = state.principals.get(fold(clientId));
  if (principal === undefined) throw new ControlError(`there is no principal with client id ${clientId}`);
  return principal;
}
