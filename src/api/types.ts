/** The kinds of `vmss-identity.dev`, as they are read from the API server, and the names that belong to them. */
import type {
  Condition,
  IdentityStatus,
  VmssIdentityBindingSpec,
  VmssIdentityBindingStatus,
  VmssIdentityLedgerSpec,
  VmssIdentityPolicySpec,
} from './generated.ts';

export type * from './generated.ts';

export const GROUP = 'vmss-identity.dev';
const VERSION = 'v1alpha1';
export const API_VERSION = `${GROUP}/${VERSION}` as const;

/** On a binding from the first ledger entry for it until no entry names it. */
export const FINALIZER = 'vmss-identity.dev/detach';

/** Asks for a pass at once; any new value counts, and is echoed in `status.lastHandledReconcileAt`. */
export const REQUESTED_AT_ANNOTATION = 'reconcile.vmss-identity.dev/requested-at';

/** With the value {@link ABANDON_VALUE}: releases a deleted binding although Azure keeps refusing. */
export const ABANDON_ANNOTATION = 'vmss-identity.dev/abandon';
export const ABANDON_VALUE = 'true';

/** Longest `status.lastHandledReconcileAt`, in characters; a longer value of the annotation is cut to it. */
export const MAX_REQUESTED_AT_LENGTH = 256;

/** What of an object's metadata the operator reads. */
export interface ObjectMeta {
  readonly name: string;
  /** Absent on cluster-scoped kinds. */
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Counts changes of the spec. */
  readonly generation: number;
  /** RFC 3339. */
  readonly creationTimestamp: string;
  /** RFC 3339; present once the object is being deleted. */
  readonly deletionTimestamp?: string;
  readonly finalizers?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

/** The metadata of a namespaced object. */
export interface NamespacedObjectMeta extends ObjectMeta {
  readonly namespace: string;
}

/** What a team wants of a scale set. */
export interface VmssIdentityBinding {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: 'VmssIdentityBinding';
  readonly metadata: NamespacedObjectMeta;
  readonly spec: VmssIdentityBindingSpec;
  readonly status: VmssIdentityBindingStatus;
}

/** Who may bind what. */
export interface VmssIdentityPolicy {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: 'VmssIdentityPolicy';
  readonly metadata: ObjectMeta;
  readonly spec: VmssIdentityPolicySpec;
}

/** What the operator did to one scale set, and for whom. */
export interface VmssIdentityLedger {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: 'VmssIdentityLedger';
  readonly metadata: ObjectMeta;
  readonly spec: VmssIdentityLedgerSpec;
}

/** How a kind is addressed at the API server. */
export interface KindDescriptor {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

export const BINDING = {
  group: GROUP,
  version: VERSION,
  plural: 'vmssidentitybindings',
  kind: 'VmssIdentityBinding',
  namespaced: true,
} as const satisfies KindDescriptor;

export const POLICY = {
  group: GROUP,
  version: VERSION,
  plural: 'vmssidentitypolicies',
  kind: 'VmssIdentityPolicy',
  namespaced: false,
} as const satisfies KindDescriptor;

export const LEDGER = {
  group: GROUP,
  version: VERSION,
  plural: 'vmssidentityledgers',
  kind: 'VmssIdentityLedger',
  namespaced: false,
} as const satisfies KindDescriptor;

/** Every kind of the group. */
export const KINDS = [BINDING, POLICY, LEDGER] as const;

export type ConditionStatus = Condition['status'];

/** State of a user-assigned identity in a binding's status. */
export type IdentityState = IdentityStatus['state'];
