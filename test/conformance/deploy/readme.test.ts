/** deploy/README.md, followed to the letter on an empty cluster. */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { DEPLOY, kustomize, manifestsIn } from '../../../dev/deploy/kustomize.ts';
import { fencesOf } from '../../../dev/docs/markdown.ts';
import { ROOT } from '../../../dev/docs/pages.ts';
import { runScript } from '../../../dev/docs/run-script.ts';
import { type Installed, openInstalled } from './installed.ts';

const page = await readFile(join(DEPLOY, 'README.md'), 'utf8');
const scripts = fencesOf(page).filter(({ language }) => language === 'sh');

let cluster: Installed;
beforeAll(async () => {
  cluster = await openInstalled();
});
afterAll(() => cluster.close());

const run = (script: string): Promise<string> => {
  const { kubectlPath: kubectl, kubeconfigPath: kubeconfig } = cluster;
  return runScript(script, { kubectl, kubeconfig, folder: dirname(kubeconfig), directory: ROOT });
};

describe('the commands of deploy/README.md', () => {
  it.each(scripts.map(({ line, text }) => [line, text] as const))('do what they say: line %i', async (_, script) => {
    await expect(run(script)).resolves.not.toBe('');
  });
});

describe('the kustomization of deploy/README.md', () => {
  it('puts its own over the overlay', async () => {
    const [kustomization] = fencesOf(page).filter(({ language }) => language === 'yaml');
    const folder = await mkdtemp(join(tmpdir(), 'kustomization-'));
    try {
      await cp(DEPLOY, join(folder, 'deploy'), { recursive: true });
      await writeFile(join(folder, 'kustomization.yaml'), kustomization!.text);
      const yaml = await kustomize(cluster.kubectlPath, folder);
      expect(yaml).toContain('image: registry.example.com/platform/vmss-identity-operator:0.1.0');
      expect(yaml).toContain('azure.workload.identity/client-id: 6f1d2c3b-4a5e-4f60-8172-93a4b5c6d7e8');
      expect(manifestsIn(yaml).map(({ kind }) => kind)).toContain('NetworkPolicy');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('the table of deploy/README.md', () => {
  it('has every overlay, every component and every recipe', async () => {
    for (const folder of ['overlays', 'components', 'recipes']) {
      for (const name of await readdir(join(DEPLOY, folder))) expect(page).toContain(`\`${folder}/${name}\``);
    }
  });
});
