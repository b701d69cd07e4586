import type { FaultRule } from './faults.ts';
import type { GuidSequence } from './guids.ts';
import type { JsonObject } from './http.ts';
import type { RequestLog } from './request-log.ts';
import { defaultSettings, type Settings } from './settings.ts';

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
  readonly operations: Map<string, Operation>;
  /** Running operations that will end by themselves, the next one first. */
  readonly due: DueOperation[];
  /** By the token of their poll links; those that are done stay. */
  readonly groupDeletions: Map<string, GroupDeletion>;
  readonly plannedOutcomes: PlannedOutcome[];
  readonly faults: FaultRule[];
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

export type ProvisioningState = 'Creating' | 'Updating' | 'Succeeded' | 'Failed' | 'Deleting';
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

export interface UserAssignedIdentity {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
  readonly location: string;
  readonly tenantId: string;
  readonly principalId: string;
  readonly clientId: string;
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

export interface Principal {
  readonly name: string;
  readonly clientId: string;
  readonly objectId: string;
  readonly tenantId: string;
  readonly secret: string | undefined;
  readonly federated: readonly FederatedCredential[];
  /** IMDS hands out its tokens. */
  readonly managedIdentity: boolean;
  permissions: readonly Grant[];
  /** Beat every permission. */
  denials: readonly Grant[];
}

export interface Operation {
  readonly id: string;
  readonly kind: 'Create' | 'Update' | 'Delete';
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
}

export interface OperationError {
  readonly code: string;
  readonly message: string;
}

export type OperationOutcome =
  | { readonly kind: 'Succeed' }
  | ({ readonly kind: 'Fail'; readonly status?: 'Failed' | 'Canceled' } & OperationError)
  /** It never ends by itself. */
  | { readonly kind: 'Stuck' };

/** What the next operations come to; the first that fits is used up. */
export interface PlannedOutcome {
  readonly outcome: OperationOutcome;
  /** Folded id of the only scale set it is meant for. */
  readonly scaleSetId: string | undefined;
  remaining: number;
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
    operations: new Map(),
    due: [],
    groupDeletions: new Map(),
    plannedOutcomes: [],
    faults: [],
    log: { entries: [], nextSequence: 1 },
  };
}
