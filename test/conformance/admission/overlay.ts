/** What kustomize makes of the base install and what somebody lays over it. */
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

import { stringify } from 'yaml';

export const DEPLOY = join(import.meta.dirname, '../../../deploy');

type Kubectl = (args: readonly string[]) => Promise<string>;

/** @param kustomization what stands in the overlay's, its resources aside */
export async function renderedOver(kubectl: Kubectl, kustomization: object): Promise<string> {
  // kustomize takes no absolute paths.
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'overlay-'));
  try {
    const resources = [relative(folder, join(DEPLOY, 'base'))];
    const components = (await hasRules(kubectl)) ? [] : [relative(folder, join(DEPLOY, 'components/admission'))];
    await writeFile(join(folder, 'kustomization.yaml'), stringify({ ...kustomization, resources, components }));
    return await kubectl(['kustomize', folder]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function hasRules(kubectl: Kubectl): Promise<boolean> {
  return (await kubectl(['kustomize', join(DEPLOY, 'base')])).includes('ValidatingAdmissionPolicy');
}
