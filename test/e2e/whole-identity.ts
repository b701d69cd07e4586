/** Everything that Azure shows of a scale set's identity, to those who read it by a current api-version. */
import { viewScaleSet } from '../../dev/simulator/arm/scale-set-view.ts';
import { requireScaleSet } from '../../dev/simulator/control/lookup.ts';
import type { State } from '../../dev/simulator/state.ts';

const CURRENT = '2024-11-01';

export interface WholeIdentity {
  readonly type: string;
  /** Of the system-assigned identity. */
  readonly principalId?: string;
  readonly tenantId?: string;
  readonly userAssignedIdentities?: Readonly<
    Record<string, { readonly principalId: string; readonly clientId: string }>
  >;
}

/** Undefined where it has none. */
export function wholeIdentityOf(state: State, scaleSetId: string): WholeIdentity | undefined {
  return viewScaleSet(state, requireScaleSet(state, scaleSetId), CURRENT)['identity'] as WholeIdentity | undefined;
}
