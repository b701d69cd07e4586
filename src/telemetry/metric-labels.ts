/**
 * The values that labels take, where they are known beforehand. Types of the same words elsewhere in `src/` are held
 * against these where they meet, so that a new one cannot be forgotten here.
 */
import { type Reason, REASONS_IN_ORDER, rowOf } from '../api/reasons.ts';
import type { ConditionStatus, IdentityState } from '../api/types.ts';

const keysOf = <K extends string>(each: Readonly<Record<K, true>>): readonly K[] => Object.keys(each) as K[];

/** controller-runtime's; `requeue` is a thing of its past, and never counted here. */
export const passResults = ['error', 'requeue_after', 'requeue', 'success'] as const;

/** controller-runtime's numbers for what someone waits for, and for what is looked at again to be sure. */
export const queuePriorities = { high: '0', low: '-100' } as const;

export const reflectorStates = ['syncing', 'live', 'backoff'] as const;

/** What can go wrong with a request to the Kubernetes API. */
export const kubeFailures = [
  'notFound',
  'alreadyExists',
  'conflict',
  'testFailed',
  'invalid',
  'forbidden',
  'unauthorized',
  'credentials',
  'gone',
  'throttled',
  'unavailable',
  'timeout',
  'network',
  'malformed',
  'aborted',
  'other',
] as const;
export type KubeFailure = (typeof kubeFailures)[number];

export const eventResults = ['written', 'suppressed', 'dropped', 'failed'] as const;
export type EventResult = (typeof eventResults)[number];

/** What requests to Azure Resource Manager are for. */
export const azureOperations = [
  'get_scale_set',
  'patch_identity',
  'list_scale_sets',
  'poll_operation',
  'get_identity',
  'list_identities',
  'get_permissions',
] as const;
export type AzureOperation = (typeof azureOperations)[number];

/** The limits of Azure, those of Compute as Compute calls them. */
export const azurePolicies = [
  'ArmReads',
  'ArmWrites',
  'GetVMScaleSetResource',
  'GetVMScaleSetSubscriptionMaximum',
  'VMScaleSetActionsResource',
  'VMScaleSetActionsSubscriptionMaximum',
  'HighCostGetVMScaleSet',
  'GetOperationResource',
  'GetOperationSubscriptionMaximum',
  'IdentityAssignment',
  'IdentityAssignmentOfTenant',
  'ManagedIdentityReads',
  'PermissionReads',
] as const;
export type AzurePolicy = (typeof azurePolicies)[number];

export const listedKinds = ['scale_sets', 'identities'] as const;
export const listLevels = ['subscription', 'resourceGroup', 'resource'] as const;
export type ListedKind = (typeof listedKinds)[number];
export type ListLevel = (typeof listLevels)[number];

/** `unknown`: over, and nobody saw how it ended. `timed_out`: not over in time, whatever came of it later. */
export const operationResults = ['succeeded', 'failed', 'unknown', 'timed_out'] as const;
export type OperationResult = (typeof operationResults)[number];

/** `user_assigned`: one was taken off. `system_assigned`: it was turned off. */
export const driftKinds = ['user_assigned', 'system_assigned'] as const;
export type DriftKind = (typeof driftKinds)[number];

export const readyStatuses = keysOf<ConditionStatus>({ True: true, False: true, Unknown: true });

/** `none`: not looked at yet. `other`: a word that this version does not know. */
export const bindingReasons = [...REASONS_IN_ORDER, 'none', 'other'] as const;
export type BindingReason = (typeof bindingReasons)[number];

/** Those that come with a Ready of False alone, and what is no reason at all. */
export type NotReadyReason = Exclude<BindingReason, 'Assigned' | 'InSync' | 'WouldChange' | 'Suspended'>;
const isOfNotReady = (reason: Reason): reason is Reason & NotReadyReason => rowOf(reason).ready === 'False';
export const notReadyReasons: readonly NotReadyReason[] = [...REASONS_IN_ORDER.filter(isOfNotReady), 'none', 'other'];

export const identityStates = keysOf<IdentityState>({
  Pending: true,
  Assigned: true,
  Failed: true,
  Missing: true,
  NotAuthorised: true,
  NotPermitted: true,
  Stale: true,
  Detaching: true,
});
