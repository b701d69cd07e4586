/** What of `deploy/` can be applied together: the base, every overlay of it, and those with components. */
import { readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

import { stringify } from 'yaml';

import { DEPLOY, kustomize, type Manifest, manifestsIn } from '../../../dev/deploy/kustomize.ts';

export interface Combination {
  /** A folder of `deploy/`. */
  readonly folder: string;
  /** Of `deploy/` too, put on top of it by a kustomization of the user's own. */
  readonly components: readonly string[];
}

const folders = ['base', ...readdirSync(join(DEPLOY, 'overlays')).map((overlay) => `overlays/${overlay}`)];

/** Each alone; their pods are all the pods there are. */
export const ALONE: readonly Combination[] = folders.map((folder) => ({ folder, components: [] }));

export const ALL: readonly Combination[] = [
  ...ALONE,
  ...folders.map((folder) => ({ folder, components: ['components/network-policy'] })),
  { folder: 'overlays/managed-identity', components: ['components/network-policy-managed-identity'] },
  { folder: 'base', components: ['components/projected-token'] },
];

export const nameOf = ({ folder, components }: Combination): string => [folder, ...components].join(' with ');

/** What kustomize makes of it, in a folder of its own as a user would have it. */
export async function rendered(kubectl: string, { folder, components }: Combination): Promise<string> {
  const own = await mkdtemp(join(tmpdir(), 'kustomization-'));
  const path = (part: string): string => relative(own, join(DEPLOY, part));
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [path(folder)],
    components: components.map(path),
  };
  try {
    await writeFile(join(own, 'kustomization.yaml'), stringify(kustomization));
    return await kustomize(kubectl, own);
  } finally {
    await rm(own, { recursive: true });
  }
}

export interface Volume {
  readonly name: string;
  readonly projected: {
    readonly sources: readonly { readonly serviceAccountToken: { readonly path: string; readonly audience: string } }[];
  };
}

export interface Container {
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly ports: readonly { readonly name: string }[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}

export interface PodTemplate {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: { readonly containers: readonly [Container]; readonly volumes?: readonly Volume[] };
}

interface Deployment extends Manifest {
  readonly spec: { readonly template: PodTemplate };
}

/** @throws Error when there is no Deployment, or more than one */
export function podTemplateIn(yaml: string): PodTemplate {
  const isDeployment = (each: Manifest): each is Deployment => each.kind === 'Deployment';
  const deployments = manifestsIn(yaml).filter(isDeployment);
  const [deployment] = deployments;
  if (deployment === undefined || deployments.length > 1) throw new Error('not one Deployment');
  return deployment.spec.template;
}
