/** What docs/admission.md shows, and the commands on it as a reader would run them. */
import { dirname } from 'node:path';

import { ensureBinaries } from '../../../dev/control-plane/index.ts';
import { fencesOf } from '../../../dev/docs/markdown.ts';
import { allPages } from '../../../dev/docs/pages.ts';
import { runScript } from '../../../dev/docs/run-script.ts';
import type { Guarded } from './guarded-cluster.ts';

export async function pageText(): Promise<string> {
  const page = (await allPages()).find(({ path }) => path === 'docs/admission.md');
  if (page === undefined) throw new Error('there is no page about admission');
  return page.text;
}

/** Its blocks of code in one language, in their order. */
export async function shown(language: 'sh' | 'yaml'): Promise<readonly string[]> {
  return fencesOf(await pageText()).flatMap((fence) => (fence.language === language ? [fence.text] : []));
}

/** What bash makes of a script, with the kubectl of the control plane's release, as its administrator. */
export async function run({ controlPlane }: Guarded, script: string): Promise<string> {
  const { kubectl } = await ensureBinaries(['kubectl']);
  const kubeconfig = controlPlane.kubeconfigPath;
  return runScript(script, { kubectl, kubeconfig, folder: dirname(kubeconfig) });
}
