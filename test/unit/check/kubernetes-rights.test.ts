import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { OPERATOR, type Role } from '../../../dev/deploy/account.ts';
import { DEPLOY, manifestsIn } from '../../../dev/deploy/kustomize.ts';
import type { Installation } from '../../../src/check/kubernetes-rights.ts';
import { operatorName } from '../../../src/config/operator-name.ts';
import { leasesFor } from '../../../src/runtime/lease-names.ts';
import { linesGiven, linesUsed } from './granted-rights.ts';

const NAMESPACE = OPERATOR.namespace;

const used = (installation: Partial<Installation> = {}): readonly string[] =>
  linesUsed({
    watchNamespaces: undefined,
    ownNamespace: NAMESPACE,
    leases: leasesFor(operatorName, 1),
    ...installation,
  });

describe('the rights that are looked for in Kubernetes', () => {
  it('are those that deploy/base/rbac.yaml grants, no more and no less', () => {
    const manifests = manifestsIn(readFileSync(join(DEPLOY, 'base/rbac.yaml'), 'utf8'));
    const isRole = (each: object): each is Role => 'rules' in each;
    expect(used()).toEqual(linesGiven(manifests.filter(isRole)));
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
    expect(places('events')).toEqual(['default', 'shop', NAMESPACE, 'web']);
    expect(places('vmssidentitypolicies')).toEqual(['*']);
    expect(places('vmssidentityledgers')).toEqual(['*']);
  });
});
