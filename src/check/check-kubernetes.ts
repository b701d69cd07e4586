/** The part of `--check` that is about the cluster. */
import { BINDING, POLICY } from '../api/types.ts';
import { judgeDefinitions } from './definitions.ts';
import type { Finding } from './finding.ts';
import type { KubePort } from './kube-port.ts';
import { kubernetesCommand } from './kubernetes-command.ts';
import { type Installation, type KubernetesRights, kubernetesRights } from './kubernetes-rights.ts';

export type Tell = (finding: Finding) => void;

/** Returns as whom the API server knows the operator; undefined when it cannot be asked anything. */
export async function checkApiServer(kube: KubePort, tell: Tell, signal: AbortSignal): Promise<string | undefined> {
  try {
    const version = await kube.version(signal);
    const user = await kube.userName(signal);
    tell({ verdict: 'ok', check: 'api-server', says: `${kube.server} answers (${version}), to ${user}` });
    return user;
  } catch (error) {
    tell({ verdict: 'failed', check: 'api-server', says: `${kube.server}: ${messageOf(error)}` });
    return undefined;
  }
}

/** Returns whether bindings and policies can be listed. */
export async function checkDefinitions(kube: KubePort, tell: Tell, signal: AbortSignal): Promise<boolean> {
  try {
    const served = await kube.servedKinds(signal);
    for (const finding of judgeDefinitions(served)) tell(finding);
    return served.has(BINDING.plural) && served.has(POLICY.plural);
  } catch (error) {
    tell({ verdict: 'failed', check: 'definition', says: messageOf(error) });
    return false;
  }
}

export async function checkKubernetesRights(
  kube: KubePort,
  installation: Installation,
  user: string,
  tell: Tell,
  signal: AbortSignal,
): Promise<void> {
  for (const rights of kubernetesRights(installation)) {
    try {
      const lacking = await lackingOf(kube, rights, signal);
      const granted = rights.verbs.filter((verb) => !lacking.includes(verb));
      if (granted.length > 0) tell({ verdict: 'ok', check: 'kubernetes-right', says: told(rights, granted) });
      if (lacking.length === 0) continue;
      const command = kubernetesCommand({ ...rights, verbs: lacking }, user);
      tell({ verdict: 'missing', check: 'kubernetes-right', says: told(rights, lacking), command });
    } catch (error) {
      const says = `${told(rights, rights.verbs)}: ${messageOf(error)}`;
      tell({ verdict: 'failed', check: 'kubernetes-right', says });
    }
  }
}

async function lackingOf(
  kube: KubePort,
  { verbs, ...what }: KubernetesRights,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const allowed = await Promise.all(verbs.map((verb) => kube.mayI({ ...what, verb }, signal)));
  return verbs.filter((_, index) => allowed[index] !== true);
}

/** `get, list vmssidentitybindings.vmss-identity.dev in namespace shop`. */
function told({ group, resource, namespace, name }: KubernetesRights, verbs: readonly string[]): string {
  const [plural = '', subresource] = resource.split('/');
  const of = subresource === undefined ? '' : `/${subresource}`;
  const called = name === undefined ? '' : ` ${name}`;
  const where = namespace === undefined ? '' : ` in namespace ${namespace}`;
  return `${verbs.join(', ')} ${plural}.${group}${of}${called}${where}`;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unexpected error';
}
