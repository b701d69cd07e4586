import type { LimitSizes } from './throttling/limits.ts';

/** The ways in which Azure is known to behave differently from day to day, and the sizes that a test wants otherwise. */
export interface Settings {
  /** How long a write to a scale set takes; 0: it is answered `Succeeded` at once, without an operation. */
  operationMs: number;
  /** Entries on one page of a list. */
  pageSize: number;
  /** How a scale set refuses an identity that does not exist. A missing right is always LinkedAuthorizationFailed. */
  missingIdentity: 'LinkedAuthorizationFailed' | 'FailedIdentityOperation';
  /** What a `null` for an identity that is not assigned leads to. */
  nullForUnassigned: 'Accepted' | 'Refused';
  /** What a scale set shows for an identity that was deleted, or recreated under the same name. */
  deletedIdentity: 'OldIds' | 'NullIds';
  /** What a list is to a caller who may not read all of it: less to see, or 403 AuthorizationFailed. */
  listRights: 'Filter' | 'Refuse';
  /** What a caller without any role in a subscription is told. */
  withoutRole: 'AuthorizationFailed' | 'SubscriptionNotFound';
  /** Who may ask what they are permitted: everyone, or those with Microsoft.Authorization/permissions/read. */
  permissionsRead: 'Always' | 'ByRole';
  /** How ARM words the challenge for a revoked token: as continuous access evaluation is documented, or as ARM has done it. */
  revokedChallenge: 'InsufficientClaims' | 'SessionRevoked';
  /** Life of an access token. */
  tokenSeconds: number;
  /** Audiences whose tokens ARM accepts. */
  armAudiences: readonly string[];
  /** The Compute api-versions on offer; undefined: all that Azure has, and newer ones are read as the newest. */
  computeApiVersions: readonly string[] | undefined;
  /** Off: nothing is counted, and the headers of an answer tell of full buckets. */
  throttling: 'Off' | 'On';
  /** Whether a 429 of Resource Manager or Compute has the header; the latter tells no time without it. */
  throttlingRetryAfter: 'Header' | 'None';
  /** How the identity service turns away a write: at once, or when the operation has been accepted. */
  identityThrottling: 'Refused' | 'FailedOperation';
  /** Sizes of buckets other than Azure's. */
  throttlingLimits: LimitSizes;
  /** Requests kept in the log; the oldest go first. */
  requestLogLimit: number;
}

export const defaultSettings: Settings = {
  operationMs: 5_000,
  pageSize: 100,
  missingIdentity: 'LinkedAuthorizationFailed',
  nullForUnassigned: 'Accepted',
  deletedIdentity: 'OldIds',
  listRights: 'Filter',
  withoutRole: 'AuthorizationFailed',
  permissionsRead: 'Always',
  revokedChallenge: 'InsufficientClaims',
  tokenSeconds: 86_399,
  armAudiences: ['https://management.azure.com', 'https://management.core.windows.net'],
  computeApiVersions: undefined,
  throttling: 'Off',
  throttlingRetryAfter: 'Header',
  identityThrottling: 'Refused',
  throttlingLimits: {},
  requestLogLimit: 100_000,
};
