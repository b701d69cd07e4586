import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';

import { ROOT } from '../../../dev/docs/pages.ts';
import { MODULES } from '../../../dev/go-tools/modules.ts';
import { type Definition, type ForeignCluster, openClusterWith } from './foreign-kinds.ts';

/** Flux's kinds, by its own definitions. */
const DEFINITIONS: readonly Definition[] = [
  {
    module: MODULES.kustomizeController,
    file: 'config/crd/bases/kustomize.toolkit.fluxcd.io_kustomizations.yaml',
    resource: 'kustomizations.kustomize.toolkit.fluxcd.io',
  },
  {
    module: MODULES.sourceController,
    file: 'config/crd/bases/source.toolkit.fluxcd.io_gitrepositories.yaml',
    resource: 'gitrepositories.source.toolkit.fluxcd.io',
  },
];
const FLUX = join(ROOT, 'deploy/gitops/flux');

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly path?: string;
    readonly prune?: boolean;
    readonly wait?: boolean;
    readonly dependsOn?: readonly { readonly name: string }[];
    readonly sourceRef?: { readonly name: string };
  };
}

let cluster: ForeignCluster;
let folder: string;
let all: readonly Manifest[];

beforeAll(async () => {
  cluster = await openClusterWith(DEFINITIONS);
  folder = await mkdtemp(join(tmpdir(), 'flux-'));
  // Nothing of Flux runs here: its namespace is all that there is of it.
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'flux-system' } };
  await cluster.send('POST', '/api/v1/namespaces', namespace);
  const texts = await Promise.all(['platform.yaml', 'team.yaml'].map((file) => readFile(join(FLUX, file), 'utf8')));
  all = texts.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as Manifest));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await cluster.close();
});

const kustomizations = (): readonly Manifest[] => all.filter(({ kind }) => kind === 'Kustomization');

/** All that one waits for, through others. */
function before(name: string): readonly string[] {
  const { spec } = kustomizations().find(({ metadata }) => metadata.name === name)!;
  return (spec.dependsOn ?? []).flatMap((each) => [each.name, ...before(each.name)]);
}

describe('the examples for Flux', () => {
  it.each(['platform.yaml', 'team.yaml'])('are taken by the API server under strict validation: %s', async (file) => {
    expect(await cluster.refusals('--filename', join(FLUX, file))).toBe('');
  });

  it('bring definitions, operator, policies, bindings and workloads, each when the one before is there', () => {
    expect(before('shop-workloads')).toEqual([
      'shop-identities',
      'vmss-identity-policies',
      'vmss-identity-operator',
      'vmss-identity-definitions',
    ]);
  });

  it('read from sources and folders that there are', async () => {
    const sources = all.filter(({ kind }) => kind === 'GitRepository').map(({ metadata }) => metadata.name);
    for (const { spec } of kustomizations()) {
      expect(sources).toContain(spec.sourceRef?.name);
      if (spec.sourceRef?.name === 'vmss-identity-operator') {
        const files = await readdir(join(ROOT, spec.path!));
        expect(files.filter((file) => file.endsWith('.yaml'))).not.toEqual([]);
      }
    }
  });

  it('wait for bindings, prune them, and never the definitions', () => {
    const specs = new Map(kustomizations().map(({ metadata, spec }) => [metadata.name, spec]));
    expect(specs.get('shop-identities')).toMatchObject({
      wait: true,
      prune: true,
      deletionPolicy: 'WaitForTermination',
    });
    expect(specs.get('vmss-identity-definitions')).toMatchObject({ prune: false, deletionPolicy: 'Orphan' });
  });

  it('with a field that does not exist are refused', async () => {
    const path = join(folder, 'wrong.yaml');
    const text = await readFile(join(FLUX, 'team.yaml'), 'utf8');
    await writeFile(path, text.replace('retryInterval:', 'retriesAfter:'));
    expect(await cluster.refusals('--filename', path)).toContain('spec.retriesAfter');
  });
});
