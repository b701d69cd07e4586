/** What one pass found out about a scale set, for all of its bindings. */
import type { Reason } from '../api/reasons.ts';
import type { IdentityState } from '../api/types.ts';
import type { ArmKey } from './arm-id.ts';
import type { HeldBack } from './brakes.ts';
import type { SurplusIdentity } from './exclusive.ts';
import type { Ledger } from './ledger.ts';
import type { Delta } from './patch.ts';
import type { Preview } from './preview.ts';
import type { Obstacle } from './reattach-consent.ts';
import type { LiveScaleSet } from './scale-set.ts';
import type { SystemVerdict } from './system-assigned.ts';

/** One thing that keeps a binding from being Ready. */
export interface Complaint {
  readonly reason: Reason;
  readonly message: string;
}

/** How one user-assigned identity stands on the scale set, whoever declares it. */
export interface IdentityVerdict {
  readonly state: IdentityState;
  readonly reason?: Reason;
  readonly message?: string;
  readonly principalId?: string;
  readonly clientId?: string;
  /** Epoch milliseconds. */
  readonly nextAttemptAt?: number;
  /** Of one that is `Stale`: what keeps it from being reattached. */
  readonly obstacle?: Obstacle;
  /** The scale set is being changed, but nothing says that an identity that was assigned is not so any more. */
  readonly keepsAssigned?: boolean;
}

/** What one pass found out, for all bindings of the scale set. */
export interface View {
  /** Epoch milliseconds. */
  readonly now: number;
  /** Absent when the scale set was not read in this pass. */
  readonly scaleSet?: LiveScaleSet;
  readonly ledger: Ledger | undefined;
  /** By identity; absent for those of which nothing was found out. */
  readonly verdicts: ReadonlyMap<ArmKey, IdentityVerdict>;
  readonly system: SystemVerdict;
  /** A write of ours that Azure is working on; which identities it is about, `verdicts` tell. */
  readonly inFlight?: {
    readonly reason: 'Assigning' | 'Detaching';
    readonly systemAssigned: Delta['systemAssigned'];
  };
  /** What keeps the whole scale set from being served; a passing one leaves bindings that are Ready alone. */
  readonly stop?: Complaint & {
    readonly passing: boolean;
    /** It only waits for its turn under Azure's limits: `soon`, and nobody is told; `later`, and who is Ready stays so. */
    readonly turn?: 'soon' | 'later';
  };
  readonly foreignCount?: number;
  /** What Azure accepted to take away or to turn on or off and shows as before, and when it is sent again (epoch milliseconds). */
  readonly shownStill?: ReadonlyMap<ArmKey | 'systemAssigned', number>;
  /** What the operator's own brakes hold back. */
  readonly heldBack?: HeldBack;
  /** Why the system-assigned identity is not turned on again yet. */
  readonly systemContested?: Complaint;
  /** By uid: what would be done for each binding that observes; absent when the scale set was not read in this pass. */
  readonly previews?: ReadonlyMap<string, Preview>;
  /** What `mode: Exclusive` is about to detach, and when, in epoch milliseconds; never, when there are too many bindings. */
  readonly exclusive?: { readonly surplus: readonly SurplusIdentity[]; readonly goesAt?: number };
}
