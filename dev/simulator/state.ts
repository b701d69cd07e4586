import type { FaultRule } from './faults.ts';
import type { GuidSequence } from './guids.ts';
import type { JsonObject } from './http.ts';
import type { RequestLog } from './request-log.ts';
import { noRestrictions, type Restrictions } from './restrictions.ts';
import { defaultSettings, type Settings } from './settings.ts';
import { noBucketsUsed, type UsedBuckets } from './throttling/used-buckets.ts';

/**
 * Everything the simulated Azure knows. Plain data, so that `structuredClone` is a snapshot.
 * Keys of maps are folded to lower case; spellings are kept in the values.
 */
export interface State {
  settings: Settings;
  readonly guids: GuidSequence;
  /** Signs access tokens and poll links. */
  readonly signingKey: string;
  readonly subscriptions: Map<string, Subscription>;
  /** By client id. */
  readonly principals: Map<string, Principal>;
  restrictions: Restrictions;
  readonly operations: Map<string, Operation>;
  /** Running operations that will end by themselves, the next one first. */
  readonly due: DueOperation[];
  /** By the token of their poll links; those that are done stay. */
  readonly groupDeletions: Map<string, GroupDeletion>;
  readonly plannedOutcomes: PlannedOutcome[];
  /** Undefined while lists show the truth. */
  laggingLists: LaggingLists | undefined;
  readonly faults: FaultRule[];
  readonly usedBuckets: UsedBuckets;
  readonly log: RequestLog;
}

export interface Subscription {
  readonly id: string;
  readonly tenantId: string;
  /** What people call it. Default: its id. */
  readonly name?: string | undefined;
  /** By namespace: since when a provider that was once unregistered is registered again (ms); Infinity while it is not. */
  registrations?: Map<string, number>;
  readonly resourceGroups: Map<string, ResourceGroup>;
  /** By `<group>/<name>`; in the order of creation, which is the order of lists. */
  readonly scaleSets: Map<string, ScaleSet>;
  readonly identities: Map<string, UserAssignedIdentity>;
}

export interface ResourceGroup {
  readonly name: string;
  readonly location: string;
  tags?: JsonObject | undefined;
  managedBy?: string;
  /** While it is being deleted: the token of the poll link. */
  deletion?: string;
}

export interface GroupDeletion {
  readonly subscriptionId: string;
  readonly group: string;
  readonly dueMs: number;
  done: boolean;
}

export type ProvisioningState = 'Creating' | 'Updating' | 'Succeeded' | 'Failed' | 'Canceled' | 'Deleting';
export type OrchestrationMode = 'Uniform' | 'Flexible';

export interface ScaleSet {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
  readonly location: string;
  readonly orchestrationMode: OrchestrationMode;
  readonly uniqueId: string;
  /** As it is shown. */
  readonly timeCreated: string;
  /** +1 with every accepted write. */
  etag: number;
  provisioningState: ProvisioningState;
  /** The operation that has it in hand, if any. */
  operationId: string | undefined;
  /** Overrides `settings.operationMs`. */
  operationMs: number | undefined;
  tags: JsonObject | undefined;
  sku: JsonObject;
  /** What the writer sent, without what the service itself fills in. */
  properties: JsonObject;
  identity: ScaleSetIdentity;
  /** Undefined until someone looks at them, or the model leaves them behind. */
  instances?: ScaleSetInstances | undefined;
}

export interface ScaleSetInstances {
  /** What a new instance gets. The very object that `model` of an up-to-date instance is. */
  latest: InstanceModel;
  readonly all: Instance[];
  nextNumber: number;
}

export interface Instance {
  /** A number in a Uniform scale set, the virtual machine's name in a Flexible one. */
  readonly id: string;
  readonly number: number;
  readonly vmId: string;
  /** As it is shown. */
  readonly timeCreated: string;
  model: InstanceModel;
}

/** The part of a scale set's model that its virtual machines are made from. */
export interface InstanceModel {
  readonly profile: JsonObject;
  /** Without the capacity. */
  readonly sku: JsonObject;
}

export interface ScaleSetIdentity {
  readonly systemAssigned: { readonly principalId: string } | undefined;
  /** By folded resource id. */
  readonly userAssigned: Map<string, AssignedIdentity>;
}

export interface AssignedIdentity {
  /** The resource id as it was spelled when it was assigned. */
  key: string;
  /** Undefined until the operation that attached it has succeeded. */
  ids: { readonly principalId: string; readonly clientId: string } | undefined;
  /** The identity was deleted after it was assigned; recreating it does not mend this. */
  orphaned: boolean;
}

export type IsolationScope = 'None' | 'Regional';

export interface UserAssignedIdentity {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
  readonly location: string;
  readonly tenantId: string;
  readonly principalId: string;
  readonly clientId: string;
  isolationScope: IsolationScope;
  /** Providers or types of resources that it may be put on; empty: all. */
  assignableTo: readonly string[];
  tags: JsonObject | undefined;
}

/** Actions at a scope and below; `*` in an action stands for anything. */
export interface Grant {
  readonly scope: string;
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
}

export interface FederatedCredential {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
  /** Public keys of the issuer (JWKS). Without them an assertion's signature is not looked at. */
  readonly keys: readonly JsonObject[] | undefined;
}

/** The system-assigned identity of a node is the one that IMDS gives to whoever asks for none. */
export type ManagedIdentityKind = 'SystemAssigned' | 'UserAssigned';

/** Entra gives no more tokens to one that is disabled or deleted; those it gave are good until they expire or are revoked. */
export type ApplicationState = 'Enabled' | 'Disabled' | 'Deleted';

export interface Revocation {
  readonly atMs: number;
  /** How often so far; a token carries the count of its day. */
  readonly count: number;
}

export interface Principal {
  readonly name: string;
  readonly clientId: string;
  readonly objectId: string;
  readonly tenantId: string;
  readonly secret: string | undefined;
  readonly federated: readonly FederatedCredential[];
  /** IMDS hands out its tokens. */
  readonly managedIdentity: ManagedIdentityKind | undefined;
  application: ApplicationState;
  /** Undefined: its tokens were never revoked. */
  revocation: Revocation | undefined;
  permissions: readonly Grant[];
  /** Beat every permission. */
  denials: readonly Grant[];
}

export interface Operation {
  readonly id: string;
  readonly kind: 'Create' | 'Update' | 'Upgrade' | 'Delete';
  readonly subscriptionId: string;
  readonly location: string;
  readonly scaleSet: ScaleSet;
  /** Folded ids whose principal and client id appear when it succeeds. */
  readonly attached: readonly string[];
  /** Ids of the instances that have the latest model when it succeeds. */
  upgrades?: readonly string[];
  readonly startMs: number;
  /** How it will end once it is due. */
  readonly outcome: OperationOutcome;
  status: 'InProgress' | 'Succeeded' | 'Failed' | 'Canceled';
  endMs: number | undefined;
  error: OperationError | undefined;
  /** What `location` answers with after a failure; undefined: what goes with the error's code. */
  errorStatus: number | undefined;
  /** Its links are 404 already; it goes on all the same. */
  forgotten: boolean;
}

export interface OperationError {
  readonly code: string;
  readonly message: string;
}

export type OperationOutcome =
  | { readonly kind: 'Succeed' }
  | ({ readonly kind: 'Fail'; readonly status?: 'Failed' | 'Canceled'; readonly httpStatus?: number } & OperationError)
  /** It never ends by itself. */
  | { readonly kind: 'Stuck' };

/** What the next operations come to; the first that fits is used up. */
export interface PlannedOutcome {
  readonly outcome: OperationOutcome;
  /** Folded id of the only scale set it is meant for. */
  readonly scaleSetId: string | undefined;
  remaining: number;
}

/** The scale sets as lists show them, and what has happened since, the oldest first. */
export interface LaggingLists {
  /** By folded id of the subscription, then as `Subscription.scaleSets`. */
  readonly shown: Map<string, Map<string, ScaleSet>>;
  readonly pending: ListChange[];
}

/** What stands under the name of a scale set from a moment on; undefined: none. */
export interface ListChange {
  readonly sinceMs: number;
  readonly subscriptionId: string;
  readonly key: string;
  readonly set: ScaleSet | undefined;
}

export interface DueOperation {
  readonly dueMs: number;
  readonly operationId: string;
}

export function createState(options: { readonly settings?: Partial<Settings>; readonly guidSeed?: number }): State {
  const seed = options.guidSeed ?? 1;
  return {
    settings: { ...defaultSettings, ...options.settings },
    guids: { seed, next: 0 },
    signingKey: `simulated-azure-${String(seed)}`,
    subscriptions: new Map(),
    principals: new Map(),
    restrictions: noRestrictions,
    operations: new Map(),
    due: [],
    groupDeletions: new Map(),
    plannedOutcomes: [],
    laggingLists: undefined,
    faults: [],
    usedBuckets: noBucketsUsed(),
    log: { entries: [], nextSequence: 1 },
  };
}
