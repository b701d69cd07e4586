/** What Azure answers about identities, and what of it a pass keeps that has to wait for its turn to ask on. */
import type { ArmKey } from '../identity/arm-id.ts';
import type { UserAssignedIdentity } from '../identity/scale-set.ts';
import type { Result } from './azure-port.ts';

/** What Azure says of an identity. */
export type Look = Result<UserAssignedIdentity>;

/** What it said, and when it was asked, in epoch milliseconds. */
export interface Found {
  readonly look: Look;
  readonly at: number;
}

export interface Answered {
  readonly looks: ReadonlyMap<ArmKey, Found>;
  /** Whether the operator may assign them. */
  readonly rights: ReadonlyMap<ArmKey, Result<boolean>>;
}
