/** Small objects of each kind that both servers take. */
import type { KubeObject } from '../../../src/kube/object.ts';
import type { TestBinding, TestLedger } from './servers.ts';

const SUBSCRIPTION = '/subscriptions/5a0c5a3c-0000-4000-8000-00000000a9f1';
const PROVIDERS = `${SUBSCRIPTION}/resourceGroups/kube-api/providers`;

export const scaleSetId = (name: string): string => `${PROVIDERS}/Microsoft.Compute/virtualMachineScaleSets/${name}`;

export const identityId = (name: string): string =>
  `${PROVIDERS}/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;

export const binding = (name: string, namespace: string, more: object = {}): TestBinding => ({
  metadata: { name, namespace },
  spec: { scaleSet: { resourceId: scaleSetId(name) }, ...more },
});

export const ledger = (name: string): TestLedger => ({ metadata: { name }, spec: { scaleSetId: scaleSetId(name) } });

export const policy = (name: string, spec: object): KubeObject & { readonly spec: object } => ({
  metadata: { name },
  spec,
});

export const event = (name: string, namespace: string, more: object = {}): KubeObject =>
  ({
    metadata: { name, namespace },
    eventTime: '2026-01-01T00:00:00.000000Z',
    reason: 'Attached',
    action: 'Attach',
    note: 'attached one identity',
    type: 'Normal',
    reportingController: 'kube-api.example/test',
    reportingInstance: 'one',
    regarding: { apiVersion: 'vmss-identity.dev/v1alpha1', kind: 'VmssIdentityBinding', name, namespace },
    ...more,
  }) as KubeObject;
