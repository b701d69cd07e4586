import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments, stringify } from 'yaml';

import { ROOT } from '../../../dev/docs/pages.ts';
import { API_VERSION, FINALIZER } from '../../../src/api/types.ts';
import { type Cluster, openCluster } from '../crds/cluster.ts';

/** What the operator writes to a binding is nothing that Flux or Argo CD would set right again. */
const EXAMPLE = join(ROOT, 'examples/01-first-binding.yaml');
const BINDING = `/apis/${API_VERSION}/namespaces/undisturbed/vmssidentitybindings/web`;
const READY = {
  type: 'Ready',
  status: 'True',
  observedGeneration: 1,
  lastTransitionTime: '2026-03-01T10:00:00Z',
  reason: 'Assigned',
  message: '',
};

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

let cluster: Cluster;
let folder: string;
let file: string;

beforeAll(async () => {
  cluster = await openCluster();
  folder = await mkdtemp(join(tmpdir(), 'no-difference-'));
  file = join(folder, 'example.yaml');
  await writeFile(file, await example());
});
afterAll(async () => {
  await remove();
  await rm(folder, { recursive: true, force: true });
  await cluster.close();
});

/** The example in a namespace of its own: others apply it, too. */
async function example(): Promise<string> {
  const documents = parseAllDocuments(await readFile(EXAMPLE, 'utf8'));
  return documents
    .map((document) => {
      const { metadata, ...rest } = document.toJS() as Manifest;
      const own =
        metadata.namespace === undefined ? { name: 'undisturbed' } : { ...metadata, namespace: 'undisturbed' };
      return stringify({ ...rest, metadata: own });
    })
    .join('---\n');
}

/** All but the namespace, whose deletion nobody is there to finish. */
async function remove(): Promise<void> {
  await cluster.send('PATCH', BINDING, { metadata: { finalizers: null } });
  await cluster.kubectl('delete', 'vib/web', '--namespace=undisturbed', '--ignore-not-found');
  await cluster.kubectl('delete', 'vip/undisturbed', '--ignore-not-found');
}

async function asTheOperatorWrites(): Promise<void> {
  const status = { observedGeneration: 1, conditions: [READY], summary: '1/1' };
  expect(await cluster.send('PATCH', BINDING, { metadata: { finalizers: [FINALIZER] } })).toMatchObject({ code: 200 });
  expect(await cluster.send('PATCH', `${BINDING}/status`, { status })).toMatchObject({ code: 200 });
}

describe('what is applied', () => {
  it.each([
    ['on the server, as Flux does, and Argo CD with ServerSideApply=true', ['--server-side', '--field-manager=gitops']],
    ['on the client, as Argo CD does by default', []],
  ])('does not differ from what the operator made of it: %s', async (_, how) => {
    await cluster.kubectl('apply', ...how, '--filename', file);
    await asTheOperatorWrites();
    // It ends with 1 and prints what differs, if anything does.
    await expect(cluster.kubectl('diff', ...how, '--filename', file)).resolves.toBe('');
    await cluster.kubectl('apply', ...how, '--filename', file);
    expect(await cluster.send('GET', BINDING)).toMatchObject({
      body: { metadata: { finalizers: [FINALIZER], generation: 1 }, status: { summary: '1/1' } },
    });
    await remove();
  });

  it('differs where somebody changed the spec by hand', async () => {
    const how = ['--server-side', '--field-manager=gitops'];
    await cluster.kubectl('apply', ...how, '--filename', file);
    await cluster.send('PATCH', BINDING, { spec: { userAssigned: [] } });
    await expect(cluster.kubectl('diff', ...how, '--force-conflicts', '--filename', file)).rejects.toThrow();
    await remove();
  });
});
