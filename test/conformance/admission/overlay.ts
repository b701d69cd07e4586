/** What kustomize makes of the base install and what somebody lays over it. */
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

import { stringify } from 'yaml';

import { DEPLOY } from '../../../dev/deploy/kustomize.ts';

/** @param kustomization what stands in the overlay's, its resources aside */
export async function renderedOver(
  kubectl: (args: readonly string[]) => Promise<string>,
  kustomization: object,
): Promise<string> {
  // kustomize takes no absolute paths.
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'overlay-'));
  try {
    const resources = [relative(folder, join(DEPLOY, 'base'))];
    await writeFile(join(folder, 'kustomization.yaml'), stringify({ ...kustomization, resources }));
    return await kubectl(['kustomize', folder]);
  } finally {
    await rm(folder, { recursive: true });
  }
}
