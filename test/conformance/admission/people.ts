/** Who there is, with the rights that Kubernetes itself gives them: what is refused then is refused by the rules. */
import { GROUP } from '../../../src/api/types.ts';

export type Person =
  /** The account of the install, with the rights that it has from there. */
  | 'operator'
  /** An account that has the operator's name, in another namespace, and the rights of a tenant. */
  | 'namesake'
  /** May do everything that can be done to objects of the group, but abandon them. */
  | 'tenant'
  /** The same, and has the verb `abandon` on bindings in the namespace `default`. */
  | 'abandoner'
  /** The same, and has the verb `abandon` on ledgers. */
  | 'restorer'
  /** Has the role `cluster-admin`. */
  | 'administrator';

/** As Kubernetes calls them. @param installed the namespace of the operator */
export function userOf(person: Person, installed: string): string {
  if (person === 'operator') return `system:serviceaccount:${installed}:vmss-identity-operator`;
  return person === 'namesake' ? 'system:serviceaccount:elsewhere:vmss-identity-operator' : person;
}

const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];
const RBAC = 'rbac.authorization.k8s.io';

const role = (name: string, resources: readonly string[], verbs: readonly string[]): object => ({
  apiVersion: `${RBAC}/v1`,
  kind: 'ClusterRole',
  metadata: { name },
  rules: [{ apiGroups: [GROUP], resources, verbs }],
});

const bound = (roleName: string, people: readonly Person[], namespace?: string): object => ({
  apiVersion: `${RBAC}/v1`,
  kind: namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding',
  metadata: { name: `people-${roleName}`, ...(namespace === undefined ? {} : { namespace }) },
  roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: roleName },
  subjects: people.map((person) => ({ apiGroup: RBAC, kind: 'User', name: userOf(person, '') })),
});

export const objectsOfPeople: readonly object[] = [
  role('everything-but-abandon', ['*'], VERBS),
  role('abandon-bindings', ['vmssidentitybindings'], ['abandon']),
  role('restore-ledgers', ['vmssidentityledgers'], ['abandon']),
  bound('everything-but-abandon', ['tenant', 'namesake', 'abandoner', 'restorer']),
  bound('restore-ledgers', ['restorer']),
  bound('abandon-bindings', ['abandoner'], 'default'),
  bound('cluster-admin', ['administrator']),
];
