/** What a pass was told of identities that had to wait for its turn to ask on. */
import type { ArmKey } from '../identity/arm-id.ts';
import type { UserAssignedIdentity } from '../identity/scale-set.ts';
import type { Result } from './azure-port.ts';

/** What Azure said of an identity, and when it was asked, in epoch milliseconds. */
export interface Found {
  readonly look: Result<UserAssignedIdentity>;
  readonly at: number;
}

export interface Answered {
  readonly looks: ReadonlyMap<ArmKey, Found>;
  /** Whether the operator may assign them. */
  readonly rights: ReadonlyMap<ArmKey, Result<boolean>>;
}
