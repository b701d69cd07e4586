/** What kustomize makes of a folder of `deploy/`. */
import { execFile } from 'node:child_process';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { parseAllDocuments } from 'yaml';

export const DEPLOY = join(import.meta.dirname, '../../deploy');

/** An object of Kubernetes, as far as every kind has it in common. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/**
 * The objects as YAML, in the order in which they are to be applied.
 *
 * @param kubectl the binary, whose kustomize is used; it speaks to no cluster
 * @throws Error with what kustomize has against the folder
 */
export async function kustomize(kubectl: string, folder: string): Promise<string> {
  const { stdout } = await promisify(execFile)(kubectl, ['kustomize', folder], {
    env: { PATH: process.env['PATH'], KUBECONFIG: devNull },
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout;
}

export const manifestsIn = (yaml: string): readonly Manifest[] =>
  parseAllDocuments(yaml)
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
