import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';

import { type Installation, type KubernetesRights, kubernetesRights } from '../../../src/check/kubernetes-rights.ts';
import { operatorName } from '../../../src/config/operator-name.ts';
import { leasesFor } from '../../../src/runtime/lease-names.ts';

const BASE = join(import.meta.dirname, '../../../deploy/base');
const NAMESPACE = 'vmss-identity-system';

interface Role {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly resourceNames?: readonly string[];
    readonly verbs: readonly string[];
  }[];
}

/** What the roles of the operator's account grant, verb by verb. */
function granted(): readonly string[] {
  const roles = parseAllDocuments(readFileSync(join(BASE, 'rbac.yaml'), 'utf8')).map((each) => each.toJS() as Role);
  return roles
    .filter(({ kind, metadata }) => /^(?:Cluster)?Role$/.test(kind) && metadata.name === operatorName)
    .flatMap(({ metadata, rules = [] }) =>
      rules.flatMap(({ apiGroups, resources, resourceNames = [undefined], verbs }) =>
        apiGroups.flatMap((group) =>
          resources.flatMap((resource) =>
            resourceNames.flatMap((name) =>
              singly({ group, resource, verbs, ...named(name), ...within(metadata.namespace) }),
            ),
          ),
        ),
      ),
    )
    .toSorted();
}

const named = (name: string | undefined): { name?: string } => (name === undefined ? {} : { name });
const within = (namespace: string | undefined): { namespace?: string } =>
  namespace === undefined ? {} : { namespace };

const singly = ({ group, resource, verbs, namespace, name }: KubernetesRights): readonly string[] =>
  verbs.map((verb) => [verb, resource, group, namespace ?? '*', name ?? '*'].join(' '));

const used = (installation: Partial<Installation> = {}): readonly string[] =>
  kubernetesRights({
    watchNamespaces: undefined,
    ownNamespace: NAMESPACE,
    leases: leasesFor(operatorName, 1),
    ...installation,
  })
    .flatMap(singly)
    .toSorted();

describe('the rights that are looked for in Kubernetes', () => {
  it('are those that deploy/base/rbac.yaml grants, no more and no less', () => {
    expect(used()).toEqual(granted());
  });

  it('are to the Leases of all shards, and to the one that all replicas hold', () => {
    const leases = used({ leases: leasesFor(operatorName, 2) }).filter((each) => each.startsWith('update leases'));
    expect(leases.map((each) => each.split(' ').at(-1))).toEqual([
      'vmss-identity-operator',
      'vmss-identity-operator-2-0',
      'vmss-identity-operator-2-1',
    ]);
  });

  it('are to no Lease without leader election', () => {
    expect(used({ leases: [] }).filter((each) => each.includes('leases'))).toEqual([]);
  });

  it('are to bindings and events of the watched namespaces alone, where not all are watched', () => {
    const rights = used({ watchNamespaces: ['shop', 'web'] });
    const places = (resource: string): readonly string[] => [
      ...new Set(rights.filter((each) => each.split(' ')[1] === resource).map((each) => each.split(' ')[3] ?? '')),
    ];
    expect(places('vmssidentitybindings')).toEqual(['shop', 'web']);
    expect(places('vmssidentitybindings/status')).toEqual(['shop', 'web']);
    expect(places('events')).toEqual(['shop', NAMESPACE, 'web']);
    expect(places('vmssidentitypolicies')).toEqual(['*']);
    expect(places('vmssidentityledgers')).toEqual(['*']);
  });
});
