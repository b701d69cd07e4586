/** A cluster that serves kinds of others beside ours, by their own definitions, for as long as a test file runs. */
import { setTimeout as delay } from 'node:timers/promises';

import { type GoModule, moduleFolder } from '../../../dev/go-tools/modules.ts';
import { type Cluster, openCluster } from '../crds/cluster.ts';

const SERVED_LIMIT_MS = 60_000;

export interface Definition {
  readonly module: GoModule;
  /** The file in the module. */
  readonly file: string;
  /** `plural.group` */
  readonly resource: string;
}

export interface ForeignCluster extends Cluster {
  /** What the API server has against the objects of a file or a folder of kustomize, under strict validation. */
  refusals(...manifests: readonly string[]): Promise<string>;
}

/** Definitions are big: they are applied on the server, and taken away in the end. */
export async function openClusterWith(definitions: readonly Definition[]): Promise<ForeignCluster> {
  const cluster = await openCluster();
  const crd = (resource: string): string => `customresourcedefinitions.apiextensions.k8s.io/${resource}`;
  for (const { module, file, resource } of definitions) {
    const folder = await moduleFolder(module);
    await cluster.kubectl('apply', '--server-side', '--force-conflicts', '--filename', `${folder}/${file}`);
    const signal = AbortSignal.timeout(SERVED_LIMIT_MS);
    while (!(await isServed(cluster, resource))) await delay(100, undefined, { signal });
  }
  return {
    ...cluster,
    refusals: async (...manifests) => {
      const apply = ['apply', '--server-side', '--dry-run=server', '--force-conflicts', '--validate=strict'];
      return cluster.kubectl(...apply, ...manifests).then(
        () => '',
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      );
    },
    async close() {
      for (const { resource } of definitions) await cluster.kubectl('delete', crd(resource), '--ignore-not-found');
      await cluster.close();
    },
  };
}

async function isServed(cluster: Cluster, resource: string): Promise<boolean> {
  const group = resource.slice(resource.indexOf('.') + 1);
  const names = await cluster.kubectl('api-resources', '--api-group', group, '--output', 'name');
  return names.split('\n').includes(resource);
}
