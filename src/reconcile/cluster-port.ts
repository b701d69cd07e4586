/**
 * What a pass needs of Kubernetes. Reads are from caches that are synced before the first pass and never older than our
 * own writes; writes throw what the API server refuses, and the pass is then begun again with fresh reads.
 */
import type { EventReason, EventType } from '../api/event-reasons.ts';
import type {
  VmssIdentityBinding,
  VmssIdentityBindingStatus,
  VmssIdentityLedger,
  VmssIdentityPolicySpec,
} from '../api/types.ts';
import type { ArmKey } from '../identity/arm-id.ts';
import type { Ledger } from '../identity/ledger.ts';

export interface Announcement {
  readonly type: EventType;
  readonly reason: EventReason;
  /** Where in a pass it was found: as the binding is judged, or as what was attached is settled. */
  readonly action: 'Reconcile' | 'Settle';
  readonly note: string;
  /** Told in the operator's own namespace as well, where it outlives the binding and its namespace. */
  readonly forOperators?: boolean;
}

export interface ClusterPort {
  /** Every existing binding of the scale set, also those being deleted. */
  bindingsOf(scaleSet: ArmKey): readonly VmssIdentityBinding[];
  policies(): readonly VmssIdentityPolicySpec[];
  ledgerOf(scaleSet: ArmKey): VmssIdentityLedger | undefined;

  /** Creates the ledger, or replaces the one that was read, under its resourceVersion. */
  saveLedger(
    scaleSet: ArmKey,
    current: VmssIdentityLedger | undefined,
    ledger: Ledger,
    signal: AbortSignal,
  ): Promise<VmssIdentityLedger>;
  /** Deletes the ledger that was read, under its uid and resourceVersion. */
  deleteLedger(current: VmssIdentityLedger, signal: AbortSignal): Promise<void>;

  addFinalizer(binding: VmssIdentityBinding, signal: AbortSignal): Promise<void>;
  /** Removes ours and nobody else's. The binding may be gone already. */
  removeFinalizer(binding: VmssIdentityBinding, signal: AbortSignal): Promise<void>;
  /** Writes the status of exactly this object (uid) and spec (generation); one that is gone or changed meanwhile is no error. */
  writeStatus(binding: VmssIdentityBinding, status: VmssIdentityBindingStatus, signal: AbortSignal): Promise<void>;

  /**
   * How far what a write of one object threw is about that object alone. `lasting`: the server refuses it as it is.
   * `passing`: it may be the server's own trouble. Undefined: it says nothing of the object.
   */
  refusalOf(error: unknown): 'lasting' | 'passing' | undefined;

  /** Records an event; never fails and never waits. */
  announce(about: VmssIdentityBinding | VmssIdentityLedger, announcement: Announcement): void;
}
