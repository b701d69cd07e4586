import type { LimitSizes } from './throttling/limits.ts';

/** The ways in which Azure is known to behave differently from day to day, and the sizes that a test wants otherwise. */
export interface Settings {
  /** How long a write to a scale set takes; 0: it is answered `Succeeded` at once, without an operation. */
  operationMs: number;
  /**
   * How a PUT or PATCH that takes time is answered. `AsyncOperation`: 200 or 201, the target model, and a poll link in
   * `azure-asyncoperation`, as Compute does today. `Accepted`: 202 without a body, and a `location` beside it.
   * `AcceptedLocation`: 202 with a `location` alone. `Bare`: the target model and no link at all, so that only
   * `provisioningState` tells when it is done.
   */
  writeReply: 'AsyncOperation' | 'Accepted' | 'AcceptedLocation' | 'Bare';
  /** `retry-after` of that answer, in seconds; null: none, except that a DELETE asks for 10 s. */
  writeRetryAfterSeconds: number | null;
  /** `retry-after` of every poll of an operation that still runs, in seconds; null: none. */
  pollRetryAfterSeconds: number | null;
  /** How these two are written; ARM's rules know seconds only, HTTP knows both. */
  retryAfterForm: 'Seconds' | 'HttpDate';
  /** What an operation that still runs calls its status: providers name what is not over as they like. */
  runningStatus: string;
  /** How long the links of an operation answer after it has ended; then they are 404. */
  operationRetentionMs: number;
  /** A write while an operation runs: 409 Conflict, or it takes over and the older one ends with OperationPreempted. */
  concurrentWrites: 'Conflict' | 'Preempt';
  /** The status of an operation that was preempted. */
  preemptedStatus: 'Canceled' | 'Failed';
  /** Entries on one page of a list. */
  pageSize: number;
  /** How a scale set refuses an identity that does not exist. A missing right is always LinkedAuthorizationFailed. */
  missingIdentity: 'LinkedAuthorizationFailed' | 'FailedIdentityOperation';
  /** What a `null` for an identity that is not assigned leads to. */
  nullForUnassigned: 'Accepted' | 'Refused';
  /** What a `null` in a PUT leads to, where leaving the identity out is enough to take it off. */
  nullInPut: 'Accepted' | 'Refused';
  /** What a scale set shows for an identity that was deleted, or recreated under the same name: a dead one. */
  deletedIdentity: 'OldIds' | 'NullIds' | 'AbsentIds';
  /** How a scale set that has a dead identity refuses every change of identities that would keep it. */
  deadIdentityBlocksWrites: 'Never' | 'FailedIdentityOperation' | 'LinkedAuthorizationFailed';
  /** How a scale set that has no identity shows that. */
  noneIdentity: 'Absent' | 'TypeNone';
  /**
   * How ids and the keys of dictionaries are spelled in answers. `AsSent`: as their writers spelled them.
   * `LowerResourcegroups`: that segment in lower case, as Microsoft.ManagedIdentity writes its own. `UpperGroups`: the
   * names of resource groups in upper case.
   */
  idCasing: 'AsSent' | 'Lower' | 'LowerResourcegroups' | 'UpperGroups';
  /** `Real`: every scale set shows a whole model, 4 to 15 kB of it, around what was written. */
  bodySize: 'Small' | 'Real';
  /** How far lists of scale sets are behind the truth; a GET of one never is. */
  listLagMs: number;
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
  /** Refuse every api-version that is not known; otherwise one that is newer than all is read as the newest. */
  strictApiVersions: boolean;
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
  writeReply: 'AsyncOperation',
  writeRetryAfterSeconds: null,
  pollRetryAfterSeconds: null,
  retryAfterForm: 'Seconds',
  runningStatus: 'InProgress',
  operationRetentionMs: 24 * 60 * 60 * 1_000,
  concurrentWrites: 'Conflict',
  preemptedStatus: 'Canceled',
  pageSize: 100,
  missingIdentity: 'LinkedAuthorizationFailed',
  nullForUnassigned: 'Accepted',
  nullInPut: 'Accepted',
  deletedIdentity: 'OldIds',
  deadIdentityBlocksWrites: 'Never',
  noneIdentity: 'Absent',
  idCasing: 'AsSent',
  bodySize: 'Small',
  listLagMs: 0,
  listRights: 'Filter',
  withoutRole: 'AuthorizationFailed',
  permissionsRead: 'Always',
  revokedChallenge: 'InsufficientClaims',
  tokenSeconds: 86_399,
  armAudiences: ['https://management.azure.com', 'https://management.core.windows.net'],
  computeApiVersions: undefined,
  strictApiVersions: false,
  throttling: 'Off',
  throttlingRetryAfter: 'Header',
  identityThrottling: 'Refused',
  throttlingLimits: {},
  requestLogLimit: 100_000,
};
