import { describe, expect, it } from 'vitest';

import { accountManifests, type Role, type RoleBinding, userOf } from '../../../dev/deploy/account.ts';
import type { Manifest } from '../../../dev/deploy/kustomize.ts';

const OPERATOR = { namespace: 'own', name: 'operator' };

const account: Manifest = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: OPERATOR };

const role = (kind: string, name: string, namespace?: string): Role => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  rules: [],
});

const binding = (to: Role, subject = OPERATOR): RoleBinding => ({
  ...to,
  kind: to.metadata.namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding',
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: to.kind, name: to.metadata.name },
  subjects: [{ kind: 'ServiceAccount', ...subject }],
});

describe('the manifests of an account', () => {
  it('are itself, what binds it, and what it is bound to', () => {
    const [everywhere, own, elsewhere] = [
      role('ClusterRole', 'a'),
      role('Role', 'a', 'own'),
      role('Role', 'a', 'shop'),
    ];
    const bindings = [binding(everywhere), binding(elsewhere)];
    const others = [own, binding(own, { namespace: 'own', name: 'another' }), role('ClusterRole', 'for-people')];
    const found = accountManifests([...others, everywhere, elsewhere, ...bindings, account], OPERATOR);
    expect(found).toEqual({ account, bindings, roles: [everywhere, elsewhere] });
  });

  it('lack nothing that it refers to', () => {
    expect(() => accountManifests([account, binding(role('Role', 'gone', 'own'))], OPERATOR)).toThrow(
      'no manifest of the Role gone',
    );
    expect(() => accountManifests([], OPERATOR)).toThrow('no manifest of the service account own/operator');
  });

  it('make it a user of this name', () => {
    expect(userOf(OPERATOR)).toBe('system:serviceaccount:own:operator');
  });
});
