import { type JsonObject, Refusal, type Reply } from '../../http.ts';
import { fold } from '../../resource-id.ts';
import type { Settings } from '../../settings.ts';
import { managedIdentityApiVersions, offeredComputeVersions, resourcesApiVersions } from '../api-versions.ts';
import type { ArmCall } from '../arm-call.ts';
import { authorize } from '../rights/authorization.ts';
import { invalidNamespace, notRegistered } from './management-errors.ts';
import { regions } from './regions.ts';

interface ResourceType {
  readonly name: string;
  /** Oldest first. */
  readonly apiVersions: (settings: Settings) => readonly string[];
  readonly capabilities: string;
}

interface Provider {
  readonly namespace: string;
  /** Needs no registration, and cannot be unregistered. */
  readonly free: boolean;
  readonly types: readonly ResourceType[];
}

const ofCompute = (name: string, capabilities = 'None'): ResourceType => ({
  name,
  apiVersions: offeredComputeVersions,
  capabilities,
});
const ofResources = (name: string, capabilities = 'None'): ResourceType => ({
  name,
  apiVersions: () => resourcesApiVersions,
  capabilities,
});

const taggable = 'SupportsTags, SupportsLocation';
const providers: readonly Provider[] = [
  {
    namespace: 'Microsoft.Compute',
    free: false,
    types: [
      ofCompute('virtualMachineScaleSets', `SystemAssignedResourceIdentity, ${taggable}`),
      ofCompute('virtualMachineScaleSets/virtualMachines', taggable),
      ofCompute('locations'),
      ofCompute('locations/operations'),
    ],
  },
  {
    namespace: 'Microsoft.ManagedIdentity',
    free: false,
    types: [{ name: 'userAssignedIdentities', apiVersions: () => managedIdentityApiVersions, capabilities: taggable }],
  },
  {
    namespace: 'Microsoft.Resources',
    free: true,
    types: ['tenants', 'subscriptions', 'locations', 'providers', 'resourceGroups', 'operationResults'].map((name) =>
      ofResources(name, name === 'resourceGroups' ? taggable : 'None'),
    ),
  },
  {
    namespace: 'Microsoft.Authorization',
    free: true,
    types: [
      { name: 'permissions', apiVersions: () => ['2015-07-01', '2022-04-01'], capabilities: 'SupportsExtension' },
    ],
  },
];

/** `GET /subscriptions/{s}/providers`. */
export function listProviders(arm: ArmCall): Reply {
  authorizeRead(arm);
  return { status: 200, body: { value: providers.map((provider) => viewProvider(arm, provider)) } };
}

/** `GET /subscriptions/{s}/providers/{namespace}`. */
export function readProvider(arm: ArmCall, namespace: string): Reply {
  authorizeRead(arm);
  return { status: 200, body: viewProvider(arm, requireProvider(namespace)) };
}

/** `POST …/{namespace}/register`: takes as long as a write to a scale set does. */
export function registerProvider(arm: ArmCall, namespace: string): Reply {
  const provider = requirePermitted(arm, namespace, 'register');
  const { registrations } = arm.subscription;
  if (registrations?.get(fold(provider.namespace)) === Infinity) {
    registrations.set(fold(provider.namespace), arm.call.nowMs + arm.state.settings.operationMs);
  }
  return { status: 200, body: viewProvider(arm, provider) };
}

/** `POST …/{namespace}/unregister`: nothing of that provider can be created from then on. */
export function unregisterProvider(arm: ArmCall, namespace: string): Reply {
  const provider = requirePermitted(arm, namespace, 'unregister');
  if (!provider.free) (arm.subscription.registrations ??= new Map()).set(fold(provider.namespace), Infinity);
  return { status: 200, body: viewProvider(arm, provider) };
}

function requirePermitted(arm: ArmCall, namespace: string, action: 'register' | 'unregister'): Provider {
  const provider = requireProvider(namespace);
  authorize(arm.state, arm.caller, `${provider.namespace}/${action}/action`, `/subscriptions/${arm.subscription.id}`);
  return provider;
}

/** @throws Refusal 409 MissingSubscriptionRegistration */
export function requireRegistered(arm: ArmCall, type: string): void {
  const provider = requireProvider(type.split('/')[0] ?? '');
  if (registrationState(arm, provider) === 'Unregistered') throw new Refusal(notRegistered(provider.namespace));
}

function registrationState({ subscription, call }: ArmCall, { namespace }: Provider): string {
  const since = subscription.registrations?.get(fold(namespace)) ?? 0;
  if (since === Infinity) return 'Unregistered';
  return since <= call.nowMs ? 'Registered' : 'Registering';
}

function authorizeRead(arm: ArmCall): void {
  const scope = `/subscriptions/${arm.subscription.id}`;
  authorize(arm.state, arm.caller, 'Microsoft.Resources/subscriptions/providers/read', scope);
}

function requireProvider(namespace: string): Provider {
  const provider = providers.find((each) => fold(each.namespace) === fold(namespace));
  if (provider === undefined) throw new Refusal(invalidNamespace(namespace));
  return provider;
}

function viewProvider(arm: ArmCall, provider: Provider): JsonObject {
  return {
    id: `/subscriptions/${arm.subscription.id}/providers/${provider.namespace}`,
    namespace: provider.namespace,
    resourceTypes: provider.types.map(({ name, apiVersions, capabilities }) => ({
      resourceType: name,
      locations: provider.free ? [] : regions.map(({ displayName }) => displayName),
      apiVersions: apiVersions(arm.state.settings).toReversed(),
      capabilities,
    })),
    registrationState: registrationState(arm, provider),
    registrationPolicy: provider.free ? 'RegistrationFree' : 'RegistrationRequired',
  };
}
