/** Who the operator is in the cluster, and by which of its manifests it has what rights. */
import type { Manifest } from './kustomize.ts';

export interface Account {
  readonly namespace: string;
  readonly name: string;
}

export const OPERATOR: Account = { namespace: 'vmss-identity-system', name: 'vmss-identity-operator' };

export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** A Role or a ClusterRole. */
export interface Role extends Manifest {
  readonly rules: readonly Rule[];
}

/** A RoleBinding or a ClusterRoleBinding. */
export interface RoleBinding extends Manifest {
  readonly roleRef: { readonly apiGroup: string; readonly kind: string; readonly name: string };
  readonly subjects: readonly { readonly kind: string; readonly name: string; readonly namespace?: string }[];
}

/** What makes an account what it is: itself, the bindings that name it, and the roles that those refer to. */
export interface AccountManifests {
  readonly account: Manifest;
  readonly bindings: readonly RoleBinding[];
  readonly roles: readonly Role[];
}

/** @throws Error when there is no such account, or a role that it is bound to is not there */
export function accountManifests(manifests: readonly Manifest[], { namespace, name }: Account): AccountManifests {
  const account = manifests.find(({ kind, metadata }) => {
    return kind === 'ServiceAccount' && metadata.name === name && metadata.namespace === namespace;
  });
  if (account === undefined) throw new Error(`no manifest of the service account ${namespace}/${name}`);
  const isBinding = (each: Manifest): each is RoleBinding => /^(?:Cluster)?RoleBinding$/.test(each.kind);
  const bindings = manifests.filter(isBinding).filter(({ subjects }) => {
    return subjects.some((each) => each.name === name && each.namespace === namespace);
  });
  return { account, bindings, roles: bindings.map((binding) => roleOf(binding, manifests)) };
}

function roleOf({ metadata, roleRef }: RoleBinding, manifests: readonly Manifest[]): Role {
  const place = roleRef.kind === 'Role' ? metadata.namespace : undefined;
  const isRole = (each: Manifest): each is Role => each.kind === roleRef.kind;
  const role = manifests.filter(isRole).find(({ metadata: found }) => {
    return found.name === roleRef.name && found.namespace === place;
  });
  if (role === undefined) throw new Error(`no manifest of the ${roleRef.kind} ${roleRef.name}`);
  return role;
}

/** As Kubernetes calls the account when it asks for something. */
export const userOf = ({ namespace, name }: Account): string => `system:serviceaccount:${namespace}:${name}`;
