/** What docs/admission.md shows, and the commands on it as a reader would run them. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { ensureBinaries } from '../../../dev/control-plane/index.ts';
import { fencesOf } from '../../../dev/docs/markdown.ts';
import { allPages } from '../../../dev/docs/pages.ts';
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
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent', KUBECONFIG: controlPlane.kubeconfigPath };
  const whole = `kubectl() { command '${kubectl}' "$@"; }\n${script}`;
  return (await promisify(execFile)('bash', ['-euc', whole], { env })).stdout;
}
