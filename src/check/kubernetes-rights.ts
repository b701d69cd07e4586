/** What the operator does at the API server, as rights. `deploy/base/rbac.yaml` grants these and nothing else. */
import { BINDING, GROUP, LEDGER, POLICY } from '../api/types.ts';

/** Verbs on one resource at one place. */
export interface KubernetesRights {
  readonly group: string;
  /** With its subresource, where it is about that: `vmssidentitybindings/status`. */
  readonly resource: string;
  readonly verbs: readonly string[];
  /** Absent: in all namespaces, or of the cluster. */
  readonly namespace?: string;
  /** Absent: whatever it is called. */
  readonly name?: string;
}

/** What of an installation decides about its rights. */
export interface Installation {
  /** Absent: all. */
  readonly watchNamespaces: readonly string[] | undefined;
  /** Where its Leases are, and events of namespaces that take none. */
  readonly ownNamespace: string;
  /** Names of the Leases; none without leader election. */
  readonly leases: readonly string[];
}

export function kubernetesRights({ watchNamespaces, ownNamespace, leases }: Installation): readonly KubernetesRights[] {
  const watched = watchNamespaces === undefined ? [{}] : inEach(watchNamespaces);
  // Events of ledgers, which have no namespace, lie in `default`; those of a namespace that is being deleted in the own one.
  const told = watchNamespaces === undefined ? [{}] : inEach([...watchNamespaces, ownNamespace, 'default']);
  const bindings = { group: GROUP, resource: BINDING.plural };
  const lease = { group: 'coordination.k8s.io', resource: 'leases', namespace: ownNamespace };
  return [
    ...watched.flatMap((where) => [
      { ...bindings, ...where, verbs: ['get', 'list', 'watch', 'patch'] },
      { ...bindings, ...where, resource: `${BINDING.plural}/status`, verbs: ['patch'] },
    ]),
    { group: GROUP, resource: POLICY.plural, verbs: ['list', 'watch'] },
    { group: GROUP, resource: LEDGER.plural, verbs: ['get', 'list', 'watch', 'create', 'update', 'delete'] },
    ...told.map((where) => ({ group: 'events.k8s.io', resource: 'events', ...where, verbs: ['create', 'patch'] })),
    // What is to be created has no name yet that a rule could ask for.
    ...(leases.length === 0 ? [] : [{ ...lease, verbs: ['create'] }]),
    ...leases.map((name) => ({ ...lease, name, verbs: ['get', 'update'] })),
  ];
}

function inEach(namespaces: readonly string[]): readonly Pick<KubernetesRights, 'namespace'>[] {
  return [...new Set(namespaces)].map((namespace) => ({ namespace }));
}
