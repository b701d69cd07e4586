import { createHash } from 'node:crypto';

import { type Json, present, type Reply } from '../../http.ts';
import { fold } from '../../resource-id.ts';
import type { DenyAssignment, Lock, PolicyAssignment } from '../../restrictions.ts';
import type { Caller } from '../errors.ts';

/** In the words of Azure/migAz#266. */
export function denyAssignmentFailed(caller: Caller, action: string, scope: string, assignment: DenyAssignment): Reply {
  return refusal(403, {
    code: 'DenyAssignmentAuthorizationFailed',
    message:
      `The client '${caller.clientId}' with object id '${caller.objectId}' has permission to perform action '${action}' on scope ` +
      `'${scope}'; however, the access is denied because of the deny assignment with name '${assignment.name}' and Id ` +
      `'${idOf(assignment)}' at scope '${assignment.scope}'.`,
  });
}

/**
 * A write that attaches identities, some of which a deny assignment keeps from being assigned (Azure/ARO-RP#423).
 * @param missing ids that the caller has no right to assign, or that there are not
 */
export function linkedDenyAssignmentFailed(
  caller: Caller,
  scaleSet: string,
  missing: readonly string[],
  denied: readonly string[],
): Reply {
  const counted = (ids: readonly string[]): string => `the '${String(ids.length)}' linked scope(s) '${ids.join(',')}'`;
  return refusal(403, {
    code: 'LinkedAuthorizationFailed',
    message:
      `The client '${caller.clientId}' with object id '${caller.objectId}' has permission to perform action ` +
      `'Microsoft.Compute/virtualMachineScaleSets/write' on scope '${scaleSet}'; however, it does not have permission to perform action ` +
      `'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action' on ${counted(missing)} or the linked scope(s) are invalid ` +
      `and is blocked by deny assignments on ${counted(denied)}.`,
  });
}

/** In the words of Azure/azure-sdk-for-java#2560. */
export function scopeLocked(scope: string, operation: 'write' | 'delete', locks: readonly Lock[]): Reply {
  const scopes = locks.map((lock) => lock.scope).join(',');
  return refusal(409, {
    code: 'ScopeLocked',
    message:
      `The scope '${scope}' cannot perform ${operation} operation because following scope(s) are locked: '${scopes}'. ` +
      'Please remove the lock and try again.',
  });
}

/** In the words of microsoft/vscode-azureappservice#1646. */
export function disabledSubscription(id: string): Reply {
  return refusal(409, {
    code: 'ReadOnlyDisabledSubscription',
    message:
      `The subscription '${id}' is disabled and therefore marked as read only. You cannot perform any write actions on this ` +
      'subscription until it is re-enabled.',
  });
}

/** In the words of microsoft/microsoft-foundry-for-vscode#270. */
export function missingRegistration(namespace: string): Reply {
  const said = {
    code: 'MissingSubscriptionRegistration',
    message:
      `The subscription is not registered to use namespace '${namespace}'. See https://aka.ms/rps-not-found for how to register ` +
      'subscriptions.',
  };
  return refusal(409, { ...said, details: [{ code: said.code, target: namespace, message: said.message }] });
}

/** As Azure Automation's documentation of Azure Policy shows it. With a non-compliance message, the ids are in the details alone. */
export function disallowedByPolicy(scope: string, type: string, policies: readonly PolicyAssignment[]): Reply {
  const name = scope.split('/').at(-1) ?? '';
  const reasons = policies.flatMap(({ message }) => message ?? []);
  const identifiers = policies.map((policy) => ({
    policyAssignment: { name: titleOf(policy), id: assignmentId(policy) },
    policyDefinition: { name: titleOf(policy), id: definitionId(policy) },
  }));
  const why =
    reasons.length > 0
      ? `Reasons: '${reasons.join("', '")}'. See error details for policy resource IDs.`
      : `Policy identifiers: '${JSON.stringify(identifiers)}'.`;
  return refusal(403, {
    code: 'RequestDisallowedByPolicy',
    target: name,
    message: `Resource '${name}' was disallowed by policy. ${why}`,
    additionalInfo: policies.map((policy) => ({ type: 'PolicyViolation', info: violation(policy, type) })),
  });
}

function violation(policy: PolicyAssignment, type: string): Record<string, Json> {
  const typeIs = {
    result: 'True',
    expressionKind: 'Field',
    expression: 'type',
    path: 'type',
    expressionValue: type,
    targetValue: type,
    operator: 'Equals',
  };
  return present<Json>({
    evaluationDetails: present<Json>({ evaluatedExpressions: [typeIs], reason: policy.message }),
    policyDefinitionId: definitionId(policy),
    policyDefinitionName: policy.definition ?? policy.name,
    policyDefinitionDisplayName: titleOf(policy),
    policyDefinitionEffect: 'deny',
    policyAssignmentId: assignmentId(policy),
    policyAssignmentName: policy.name,
    policyAssignmentDisplayName: titleOf(policy),
    policyAssignmentScope: policy.scope,
    policyAssignmentParameters: {},
  });
}

function titleOf({ displayName, name }: PolicyAssignment): string {
  return displayName ?? name;
}

function assignmentId({ scope, name }: PolicyAssignment): string {
  return `${scope.replace(/\/+$/, '')}/providers/Microsoft.Authorization/policyAssignments/${name}`;
}

function definitionId({ definition, name }: PolicyAssignment): string {
  return `/providers/Microsoft.Authorization/policyDefinitions/${definition ?? name}`;
}

/** Azure shows the GUID of a deny assignment without hyphens. */
function idOf({ id, scope, name }: DenyAssignment): string {
  return (
    id ??
    createHash('sha256')
      .update(`${fold(scope)} ${name}`)
      .digest('hex')
      .slice(0, 32)
  );
}

function refusal(status: number, error: Readonly<Record<string, Json>>): Reply {
  return { status, headers: {}, body: { error } };
}
