/** A change of a scale set, with all that it is judged by but the view. */
import type { VmssIdentityLedgerSpec } from '../../../src/api/types.ts';
import type { AzureChange, ScaleSetModel } from '../azure-model.ts';
import type { Run } from '../run.ts';
import type { Origins } from './foreign.ts';

export type Judged = Pick<Run, 'firstModel' | 'azureChanges' | 'kubeChanges' | 'knownAtWrite' | 'exclusiveDelayMs'>;

/** The operator's. */
export interface Deed {
  readonly before: ScaleSetModel;
  readonly after: ScaleSetModel;
  readonly change: AzureChange;
  /** As it was recorded when the change had its effect. */
  readonly ledger: VmssIdentityLedgerSpec | undefined;
  /** As it was when the pass began. */
  readonly ledgerBefore: VmssIdentityLedgerSpec | undefined;
  readonly foreign: Origins;
  readonly run: Judged;
}
