/**
 * `--check`: everything that the operator needs from outside, looked at once, in the order in which one thing needs another.
 * Nothing is written, neither to Kubernetes nor to Azure.
 */
import type { Clock } from '../runtime/clock.ts';
import type { AzureRightsPort } from './azure-port.ts';
import { type Asked, checkAzureRights, checkToken } from './check-azure.ts';
import { checkApiServer, checkDefinitions, checkKubernetesRights, messageOf, type Tell } from './check-kubernetes.ts';
import type { KubePort } from './kube-port.ts';
import type { Installation } from './kubernetes-rights.ts';

export interface CheckParts {
  /** How the operator is set up, in a line. */
  readonly configuration: string;
  /** Without the namespace, which the connection may have to tell. */
  readonly installation: Omit<Installation, 'ownNamespace'> & { readonly ownNamespace: string | undefined };
  /** @throws Error when there is nothing that says where the API server is */
  readonly connect: () => KubePort;
  readonly azure: AzureRightsPort;
  readonly clock: Clock;
  readonly tell: Tell;
}

export async function check(parts: CheckParts, signal: AbortSignal): Promise<void> {
  const { configuration, azure, clock, tell } = parts;
  tell({ verdict: 'ok', check: 'configuration', says: configuration });
  const kube = await checkKubernetes(parts, signal);
  await checkAzure({ azure, clock, tell, signal }, kube, parts.installation.watchNamespaces);
}

/** Returns what bindings can be read from; undefined when they cannot. */
async function checkKubernetes(
  { connect, installation, tell }: CheckParts,
  signal: AbortSignal,
): Promise<KubePort | undefined> {
  let kube: KubePort;
  try {
    kube = connect();
  } catch (error) {
    tell({ verdict: 'failed', check: 'api-server', says: messageOf(error) });
    return undefined;
  }
  const user = await checkApiServer(kube, tell, signal);
  if (user === undefined) return undefined;
  const isServed = await checkDefinitions(kube, tell, signal);
  const ownNamespace = installation.ownNamespace ?? kube.namespace ?? 'default';
  await checkKubernetesRights(kube, { ...installation, ownNamespace }, user, tell, signal);
  return isServed ? kube : undefined;
}

async function checkAzure(
  asked: Asked,
  kube: KubePort | undefined,
  watchNamespaces: readonly string[] | undefined,
): Promise<void> {
  const { tell, signal } = asked;
  const signedIn = await checkToken(asked);
  if (signedIn === undefined || kube === undefined) {
    const lacks = kube === undefined ? 'what bindings name is not known' : 'there is no token';
    tell({ verdict: 'failed', check: 'azure-right', says: `not asked: ${lacks}` });
    return;
  }
  try {
    const lists = (watchNamespaces ?? [undefined]).map((namespace) => kube.bindings(namespace, signal));
    const [policies, ...bindings] = await Promise.all([kube.policies(signal), ...lists]);
    await checkAzureRights(asked, signedIn, bindings.flat(), policies);
  } catch (error) {
    tell({ verdict: 'failed', check: 'azure-right', says: `what bindings name is not known: ${messageOf(error)}` });
  }
}
