import { afterAll, beforeAll, expect, it } from 'vitest';

import { type ControlPlane, startControlPlane } from '../../../dev/control-plane/index.ts';

const eventually = { timeout: 90_000, interval: 250 };

let controlPlane: ControlPlane;
beforeAll(async () => {
  controlPlane = await startControlPlane({ controllerManager: true });
});
afterAll(() => controlPlane.stop());

function create(...objects: readonly object[]): Promise<unknown> {
  const stdin = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  return controlPlane.kubectl(['create', '--filename', '-'], { stdin });
}

async function get(...args: readonly string[]): Promise<string> {
  return (await controlPlane.kubectl(['get', '--ignore-not-found', ...args], { allowFailure: true })).stdout;
}

it('a deleted namespace goes, with what is in it', async () => {
  await create(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'doomed' } },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'inside', namespace: 'doomed' } },
  );
  await controlPlane.kubectl(['delete', 'namespace', 'doomed', '--wait=false']);
  await expect.poll(() => get('namespace', 'doomed', '--output', 'name'), eventually).toBe('');
  expect(await get('configmap', '--namespace', 'doomed', '--output', 'name')).toBe('');
});

it('a cluster role gets the rules of the roles that it aggregates', async () => {
  const label = { 'example.com/aggregate-to-viewer': 'true' };
  await create(
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'viewer' },
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: label }] },
      rules: [],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'lease-viewer', labels: label },
      rules: [{ apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get'] }],
    },
  );
  const resources = (): Promise<string> => get('clusterrole', 'viewer', '--output', 'jsonpath={.rules[*].resources}');
  await expect.poll(resources, eventually).toBe('["leases"]');
});

it('an object goes when its owner has gone', async () => {
  await create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'owner' } });
  const uid = await get('configmap', 'owner', '--output', 'jsonpath={.metadata.uid}');
  const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid }];
  await create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'owned', ownerReferences } });
  await controlPlane.kubectl(['delete', 'configmap', 'owner']);
  await expect.poll(() => get('configmap', 'owned', '--output', 'name'), eventually).toBe('');
});
