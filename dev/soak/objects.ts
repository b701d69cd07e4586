/** The soak's objects in the cluster, as people would write them. */
import { API_VERSION } from '../../src/api/types.ts';
import type { Fleet, FleetBinding } from './fleet.ts';
import type { Declared } from './model.ts';

export function bindingManifest({ namespace, name, scaleSet }: FleetBinding, declared: Declared): unknown {
  const { userAssigned, ...rest } = declared;
  return {
    apiVersion: API_VERSION,
    kind: 'VmssIdentityBinding',
    metadata: { name, namespace },
    spec: {
      scaleSet: { resourceId: scaleSet.id },
      userAssigned: userAssigned.map((resourceId) => ({ resourceId })),
      mode: scaleSet.exclusive ? 'Exclusive' : 'Additive',
      ...rest,
    },
  };
}

/** Allows one namespace everything in the fleet's subscriptions. */
export function policyManifest({ subscriptions }: Fleet, namespace: string): unknown {
  const everything = subscriptions.map((subscription) => `/subscriptions/${subscription}/**`);
  return {
    apiVersion: API_VERSION,
    kind: 'VmssIdentityPolicy',
    metadata: { name: namespace },
    spec: {
      namespaces: [namespace],
      scaleSets: everything,
      userAssigned: everything,
      systemAssigned: 'EnableAndDisable',
      exclusive: 'Allow',
    },
  };
}
