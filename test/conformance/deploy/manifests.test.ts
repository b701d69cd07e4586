import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';

import { parseOptions } from '../../../dev/soak/options.ts';
import { type Cluster, openCluster } from '../crds/cluster.ts';

const BASE = join(import.meta.dirname, '../../../deploy/base');
const SHARDS = join(import.meta.dirname, '../../../deploy/shards');
const DOCKERFILE = join(import.meta.dirname, '../../../Dockerfile');
const ACCOUNT = 'system:serviceaccount:vmss-identity-system:vmss-identity-operator';

interface Manifest {
  readonly kind: string;
  readonly spec?: {
    readonly template: { readonly spec: { readonly containers: readonly { readonly args: readonly string[] }[] } };
  };
  readonly rules?: readonly { readonly resourceNames?: readonly string[] }[];
}

describe('the manifests', () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await openCluster();
    await cluster.kubectl('apply', '--server-side', '--force-conflicts', '--validate=strict', '--kustomize', BASE);
  });

  afterAll(async () => {
    await cluster.kubectl('delete', 'deployment', 'vmss-identity-operator', '--namespace=vmss-identity-system');
    await cluster.close();
  });

  it('are taken by the API server under strict field validation', async () => {
    const name = 'deployment/vmss-identity-operator';
    const found = await cluster.kubectl('get', name, '--namespace=vmss-identity-system', '--output=name');
    expect(found.trim()).toBe('deployment.apps/vmss-identity-operator');
  });

  it('make a pod that the pod security level "restricted" admits', async () => {
    const [document] = parseAllDocuments(await readFile(join(BASE, 'deployment.yaml'), 'utf8'));
    const { spec } = document!.toJS() as { spec: { template: { spec: object } } };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'operator' }, spec: spec.template.spec };
    const reply = await cluster.send('POST', '/api/v1/namespaces/vmss-identity-system/pods?dryRun=All', pod);
    expect(reply).toMatchObject({ code: 201 });
  });

  it.each([
    ['patch', 'vmssidentitybindings.vmss-identity.dev', 'yes'],
    ['patch', 'vmssidentitybindings.vmss-identity.dev/status', 'yes'],
    ['create', 'vmssidentityledgers.vmss-identity.dev', 'yes'],
    ['create', 'vmssidentitybindings.vmss-identity.dev', 'no'],
    ['delete', 'vmssidentitybindings.vmss-identity.dev', 'no'],
    ['update', 'vmssidentitypolicies.vmss-identity.dev', 'no'],
    ['get', 'secrets', 'no'],
    ['list', 'pods', 'no'],
  ])('let the operator %s %s: %s', async (verb, resource, expected) => {
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user: ACCOUNT, resourceAttributes: attributesOf(verb, resource) },
    };
    const { body } = await cluster.send('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', review);
    expect((body as { status: { allowed: boolean } }).status.allowed).toBe(expected === 'yes');
  });

  it.each(['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'])(
    'let nobody but the operator %s ledgers: tenants have no rights on them',
    async (verb) => {
      const resourceAttributes = attributesOf(verb, 'vmssidentityledgers.vmss-identity.dev');
      const review = {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: { user: 'tenant', groups: ['system:authenticated'], resourceAttributes },
      };
      const { body } = await cluster.send('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', review);
      expect((body as { status: { allowed: boolean } }).status.allowed).toBe(false);
    },
  );

  it('add nothing to the roles that tenants are given', async () => {
    const roles = parseAllDocuments(await cluster.kubectl('kustomize', BASE))
      .map((document) => document.toJS() as { kind: string; metadata: { name: string; labels?: object } })
      .filter(({ kind }) => kind === 'ClusterRole');
    expect(roles.map(({ metadata }) => metadata.name)).toEqual(['vmss-identity-operator']);
    expect(JSON.stringify(roles)).not.toContain('rbac.authorization.k8s.io/aggregate-to');
  });

  it.each([
    ['create', undefined, 'vmss-identity-system', true],
    ['get', 'vmss-identity-operator', 'vmss-identity-system', true],
    ['update', 'vmss-identity-operator', 'vmss-identity-system', true],
    ['update', 'of-another', 'vmss-identity-system', false],
    ['get', 'vmss-identity-operator', 'default', false],
  ])('let the operator %s the Lease %s in %s: %s', async (verb, name, namespace, expected) => {
    const resource = { verb, group: 'coordination.k8s.io', resource: 'leases', namespace, name };
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user: ACCOUNT, resourceAttributes: resource },
    };
    const { body } = await cluster.send('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', review);
    expect((body as { status: { allowed: boolean } }).status.allowed).toBe(expected);
  });

  it('name with shards the Leases of as many as they ask for, and no others', async () => {
    const all = parseAllDocuments(await cluster.kubectl('kustomize', SHARDS)).map(
      (document) => document.toJS() as Manifest,
    );
    const args = all.find(({ kind }) => kind === 'Deployment')?.spec?.template.spec.containers[0]?.args ?? [];
    const shards = Number(args.find((arg) => arg.startsWith('--shards='))?.split('=')[1]);
    const rules = all.find(({ kind }) => kind === 'Role')?.rules ?? [];
    expect(shards).toBeGreaterThan(1);
    expect(rules.flatMap(({ resourceNames = [] }) => resourceNames)).toEqual([
      'vmss-identity-operator',
      ...Array.from({ length: shards }, (_, shard) => `vmss-identity-operator-${String(shards)}-${String(shard)}`),
    ]);
  });

  it('name the image and the version that the package has', async () => {
    const { version } = parse(await readFile(join(BASE, '../../package.json'), 'utf8')) as { version: string };
    expect(await readFile(join(BASE, 'deployment.yaml'), 'utf8')).toContain(`image: vmss-identity-operator:${version}`);
  });

  it('run the image with the flags of Node that a soak tries by default', async () => {
    const dockerfile = await readFile(DOCKERFILE, 'utf8');
    const entry = JSON.parse(/^ENTRYPOINT (.+)$/m.exec(dockerfile)?.[1] ?? '[]') as readonly string[];
    expect(entry.slice(1, -1).join(' ')).toBe(parseOptions([], 0).nodeFlags);
  });

  it('run the image as the user that it is built for', async () => {
    expect(await readFile(DOCKERFILE, 'utf8')).toContain('USER 65532:65532');
  });
});

function attributesOf(verb: string, name: string): Record<string, string> {
  const [path = '', subresource] = name.split('/');
  const [resource = '', ...group] = path.split('.');
  return { verb, resource, group: group.join('.'), ...(subresource === undefined ? {} : { subresource }) };
}
