import { describe, expect, it } from 'vitest';

import { kubernetesCommand } from '../../../src/check/kubernetes-command.ts';

const ACCOUNT = 'system:serviceaccount:vmss-identity-system:vmss-identity-operator';

describe('the command that grants a right in Kubernetes', () => {
  it('makes a role for the missing verbs alone, and binds it to the service account', () => {
    const rights = { group: 'vmss-identity.dev', resource: 'vmssidentitybindings/status', verbs: ['patch'] };
    expect(kubernetesCommand(rights, ACCOUNT)).toBe(
      'kubectl create clusterrole vmss-identity-operator-may-patch-vmssidentitybindings-status --verb=patch ' +
        '--resource=vmssidentitybindings.vmss-identity.dev/status && ' +
        'kubectl create clusterrolebinding vmss-identity-operator-may-patch-vmssidentitybindings-status ' +
        '--clusterrole=vmss-identity-operator-may-patch-vmssidentitybindings-status ' +
        '--serviceaccount=vmss-identity-system:vmss-identity-operator',
    );
  });

  it('stays within a namespace, and to one name, where the right does', () => {
    const rights = {
      group: 'coordination.k8s.io',
      resource: 'leases',
      verbs: ['get', 'update'],
      namespace: 'ops',
      name: 'l-2-0',
    };
    expect(kubernetesCommand(rights, ACCOUNT)).toBe(
      'kubectl create role vmss-identity-operator-may-get-update-leases-l-2-0 --namespace=ops --verb=get,update ' +
        '--resource=leases.coordination.k8s.io --resource-name=l-2-0 && ' +
        'kubectl create rolebinding vmss-identity-operator-may-get-update-leases-l-2-0 --namespace=ops ' +
        '--role=vmss-identity-operator-may-get-update-leases-l-2-0 ' +
        '--serviceaccount=vmss-identity-system:vmss-identity-operator',
    );
  });

  it('grants it to whomever the API server takes the operator for, quoted for a shell', () => {
    const rights = { group: 'events.k8s.io', resource: 'events', verbs: ['create'] };
    expect(kubernetesCommand(rights, "ann o'hara")).toMatch(/ '--user=ann o'\\''hara'$/);
  });
});
