import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { OPERATOR, userOf } from '../../../dev/deploy/account.ts';
import { INSTALL, renderInstall } from '../../../dev/deploy/render.ts';
import { ALL, ALONE, nameOf, podTemplateIn, rendered } from './combinations.ts';
import { type Installed, openInstalled } from './installed.ts';

const ROOT = join(import.meta.dirname, '../../..');
const NAMESPACE = `--namespace=${OPERATOR.namespace}`;
const ACCOUNT = userOf(OPERATOR);
const BINDINGS = { group: 'vmss-identity.dev', resource: 'vmssidentitybindings' };
const LEDGERS = { group: 'vmss-identity.dev', resource: 'vmssidentityledgers' };
const LEASE = { group: 'coordination.k8s.io', resource: 'leases', ...OPERATOR };

let cluster: Installed;
beforeAll(async () => {
  cluster = await openInstalled();
  // An empty cluster, and the one file.
  await cluster.kubectl(['apply', '--server-side', '--validate=strict', '-f', INSTALL]);
  await cluster.kubectl(['create', 'namespace', 'shop']);
});
afterAll(() => cluster.close());

describe('deploy/install.yaml', () => {
  it('is what crds/ and deploy/base make', async () => {
    expect(await readFile(INSTALL, 'utf8')).toBe(await renderInstall(cluster.kubectlPath));
  });

  it('has all that an installation needs', async () => {
    const name = 'deployment/vmss-identity-operator';
    expect(await cluster.kubectl(['get', name, NAMESPACE, '--output=name'])).toBe(`${name.replace('/', '.apps/')}\n`);
    const kinds = await cluster.kubectl(['api-resources', '--api-group=vmss-identity.dev', '--output=name']);
    expect(kinds.trim().split('\n')).toHaveLength(3);
  });
});

describe('the manifests', () => {
  it.each(ALL.map((combination) => [nameOf(combination), combination] as const))(
    'are taken by the API server under strict field validation: %s',
    async (_, combination) => {
      const apply = ['apply', '--server-side', '--force-conflicts', '--validate=strict', '--dry-run=server', '-f', '-'];
      expect(await cluster.refusalOf(apply, await rendered(cluster.kubectlPath, combination))).toBe('');
    },
  );

  it('with a field that does not exist are not', async () => {
    const [base] = ALONE as readonly [(typeof ALONE)[number]];
    const yaml = (await rendered(cluster.kubectlPath, base)).replace('serviceAccountName:', 'serviceAcountName:');
    const apply = ['apply', '--server-side', '--force-conflicts', '--validate=strict', '--dry-run=server', '-f', '-'];
    expect(await cluster.refusalOf(apply, yaml)).toContain('serviceAcountName');
  });

  it.each(ALONE.map((combination) => [nameOf(combination), combination] as const))(
    'make a pod that the pod security level "restricted" admits: %s',
    async (_, combination) => {
      const { metadata, spec } = podTemplateIn(await rendered(cluster.kubectlPath, combination));
      const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name: 'operator' }, spec };
      const create = ['create', '--dry-run=server', '--validate=strict', NAMESPACE, '-f', '-'];
      expect(await cluster.refusalOf(create, JSON.stringify(pod))).toBe('');
      const loose = { ...pod, spec: { ...spec, hostNetwork: true } };
      expect(await cluster.refusalOf(create, JSON.stringify(loose))).toContain('violates PodSecurity "restricted');
    },
  );

  it.each([
    ['patch bindings', { verb: 'patch', ...BINDINGS }, true],
    ['patch their status', { verb: 'patch', ...BINDINGS, subresource: 'status' }, true],
    ['create ledgers', { verb: 'create', ...LEDGERS }, true],
    ['create bindings', { verb: 'create', ...BINDINGS }, false],
    ['delete bindings', { verb: 'delete', ...BINDINGS }, false],
    ['update policies', { verb: 'update', group: 'vmss-identity.dev', resource: 'vmssidentitypolicies' }, false],
    ['get secrets', { verb: 'get', resource: 'secrets' }, false],
    ['list pods', { verb: 'list', resource: 'pods' }, false],
    ['create its Lease', { verb: 'create', ...LEASE }, true],
    ['get its Lease', { verb: 'get', ...LEASE }, true],
    ['update its Lease', { verb: 'update', ...LEASE }, true],
    ['update a Lease of another', { verb: 'update', ...LEASE, name: 'of-another' }, false],
    ['get a Lease of its name elsewhere', { verb: 'get', ...LEASE, namespace: 'default' }, false],
  ])('let the operator %s: %s', async (_, asked, expected) => {
    expect(await cluster.mayDo(ACCOUNT, [asked])).toEqual([expected]);
  });

  it.each(['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'])(
    'let nobody but the operator %s ledgers: tenants have no rights on them',
    async (verb) => {
      expect(await cluster.mayDo('tenant', [{ verb, ...LEDGERS }])).toEqual([false]);
    },
  );

  it('name the image and the version that the package has', async () => {
    const { version } = parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    for (const combination of ALONE) {
      const yaml = await rendered(cluster.kubectlPath, combination);
      expect(yaml).toMatch(new RegExp(`image: (?:registry\\.example\\.com/)?vmss-identity-operator:${version}\n`));
      expect(podTemplateIn(yaml).metadata.labels['app.kubernetes.io/version']).toBe(version);
    }
  });
});
