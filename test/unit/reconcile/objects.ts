/** Builders of objects as people apply them, with what the API server fills in. */
import {
  API_VERSION,
  type VmssIdentityBinding,
  type VmssIdentityBindingSpec,
  type VmssIdentityPolicySpec,
} from '../../../src/api/types.ts';
import { identity, subscriptionId, webPath } from '../simulator/azure.ts';

export interface BindingOptions extends Partial<Omit<VmssIdentityBindingSpec, 'userAssigned' | 'scaleSet'>> {
  readonly namespace?: string;
  /** Name of the scale set in the group `shop`. */
  readonly scaleSet?: string;
  /** Names of identities in the group `shop`, or ids. */
  readonly userAssigned?: readonly string[];
  /** Take over what others attached. */
  readonly adopt?: boolean;
}

/** The id of a scale set in the group `shop`. */
export function scaleSet(name = 'web'): string {
  return webPath.replace(/web$/, name);
}

export function identityIds(names: readonly string[], adopt = false): VmssIdentityBindingSpec['userAssigned'] {
  return names.map((name) => ({ resourceId: name.startsWith('/') ? name : identity(name), adopt }));
}

/** A binding of `web` in the namespace `shop` that wants the identity `app`, unless told otherwise. */
export function binding(name: string, options: BindingOptions = {}): VmssIdentityBinding {
  const { namespace = 'shop', scaleSet: target, userAssigned = ['app'], adopt, ...spec } = options;
  return {
    apiVersion: API_VERSION,
    kind: 'VmssIdentityBinding',
    metadata: {
      namespace,
      name,
      uid: `uid-${name}`,
      resourceVersion: '0',
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    spec: {
      scaleSet: { resourceId: scaleSet(target) },
      systemAssigned: 'Unmanaged',
      mode: 'Additive',
      deletionPolicy: 'Detach',
      managementPolicy: 'Manage',
      staleIdentities: 'Report',
      suspend: false,
      ...spec,
      userAssigned: identityIds(userAssigned, adopt),
    },
    status: { observedGeneration: -1 },
  };
}

/** Allows every namespace everything in the subscription, unless told otherwise. */
export function policy(rules: Partial<VmssIdentityPolicySpec> = {}): VmssIdentityPolicySpec {
  return {
    namespaces: ['*'],
    scaleSets: [`/subscriptions/${subscriptionId}/**`],
    userAssigned: [`/subscriptions/${subscriptionId}/**`],
    systemAssigned: 'EnableAndDisable',
    exclusive: 'Deny',
    adopt: 'Deny',
    protected: [],
    ...rules,
  };
}
