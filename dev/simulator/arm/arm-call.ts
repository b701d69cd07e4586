import type { AccessTokenClaims } from '../entra/access-token.ts';
import { type Call, isJsonObject, type JsonObject, Refusal } from '../http.ts';
import { fold } from '../resource-id.ts';
import type { ResourceGroup, State, Subscription } from '../state.ts';
import type { Meter } from '../throttling/meter.ts';
import * as errors from './errors.ts';
import { groupBeingDeleted } from './management/management-errors.ts';
import type { Route } from './paths.ts';

/** A request that is authenticated, addressed to a subscription that exists, and of a version that is known. */
export interface ArmCall {
  readonly state: State;
  readonly call: Call;
  readonly caller: AccessTokenClaims;
  readonly subscription: Subscription;
  /** The api-version it is read as. */
  readonly version: string;
  /** Where what it is charged is noted, for the answer. */
  readonly meter: Meter;
}

export type ResourceRoute = Extract<Route, { kind: 'Resource' }>;
export type ChildRoute = Extract<Route, { kind: 'Child' }>;
export type ListRoute = Extract<Route, { kind: 'List' }>;

/** @throws Refusal 405 */
export function requireMethod(arm: Pick<ArmCall, 'call'>, methods: readonly string[]): void {
  if (!methods.includes(arm.call.method)) throw new Refusal(errors.methodNotAllowed(arm.call.method));
}

/** @throws Refusal 404 ResourceGroupNotFound; 409 ResourceGroupBeingDeleted for a request that would change what is in it */
export function requireGroup(arm: ArmCall, name: string): ResourceGroup {
  const group = arm.subscription.resourceGroups.get(fold(name));
  if (group === undefined) throw new Refusal(errors.resourceGroupNotFound(name));
  if (group.deletion !== undefined && ['PUT', 'PATCH', 'POST'].includes(arm.call.method)) {
    throw new Refusal(groupBeingDeleted(group.name));
  }
  return group;
}

/** @throws Refusal 400 InvalidRequestContent when the body is not a JSON object */
export function readBody(arm: ArmCall): JsonObject {
  const text = arm.call.request.body;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Refusal(errors.invalidRequestContent((error as SyntaxError).message));
  }
  if (!isJsonObject(value)) {
    throw new Refusal(errors.invalidRequestContent("Error converting value to type 'ResourceDefinition'. Path ''"));
  }
  return value;
}
