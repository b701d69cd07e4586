/** The command that grants the operator what it lacks in Kubernetes, to whomever the API server knows it as. */
import type { KubernetesRights } from './kubernetes-rights.ts';
import { shellLine } from './shell.ts';

const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;

/**
 * A role for these verbs alone, and its binding. It is made beside those of the manifests, so that it can be taken away
 * again when they are put right.
 */
export function kubernetesCommand(rights: KubernetesRights, user: string): string {
  const { group, resource, namespace, name, verbs } = rights;
  const [plural = '', subresource] = resource.split('/');
  const [role, binding] = namespace === undefined ? ['clusterrole', 'clusterrolebinding'] : ['role', 'rolebinding'];
  const where = namespace === undefined ? [] : [`--namespace=${namespace}`];
  const called = ['vmss-identity-operator-may', ...verbs, plural, subresource, name].filter(
    (part) => part !== undefined,
  );
  const subject = subresource === undefined ? '' : `/${subresource}`;
  const create = [
    role,
    called.join('-'),
    ...where,
    `--verb=${verbs.join(',')}`,
    `--resource=${plural}.${group}${subject}`,
  ];
  const named = name === undefined ? [] : [`--resource-name=${name}`];
  const grant = [binding, called.join('-'), ...where, `--${role}=${called.join('-')}`, to(user)];
  return [shellLine('kubectl', 'create', ...create, ...named), shellLine('kubectl', 'create', ...grant)].join(' && ');
}

function to(user: string): string {
  const [, namespace, name] = SERVICE_ACCOUNT.exec(user) ?? [];
  return namespace === undefined ? `--user=${user}` : `--serviceaccount=${namespace}:${name ?? ''}`;
}
