/** What the API server says of whoever asks it. Reviews are created, and stored nowhere. */
import type { KubernetesAction } from '../check/kube-port.ts';
import type { KubeClient } from './client.ts';
import { KubeError } from './errors.ts';
import { isRecord } from './record.ts';

/** As whom the server knows the client. @throws KubeError */
export async function userNameOf(client: KubeClient, signal: AbortSignal): Promise<string> {
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const status = await review(client, path, {}, signal);
  const user = isRecord(status['userInfo']) ? status['userInfo']['username'] : undefined;
  if (typeof user !== 'string') throw new KubeError('malformed', `POST ${path}: the answer names no user`);
  return user;
}

/** @throws KubeError */
export async function mayI(
  client: KubeClient,
  { group, resource, verb, namespace, name }: KubernetesAction,
  signal: AbortSignal,
): Promise<boolean> {
  const [plural, subresource] = resource.split('/');
  const resourceAttributes = { group, resource: plural, subresource, verb, namespace, name };
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  const status = await review(client, path, { spec: { resourceAttributes } }, signal);
  return status['allowed'] === true;
}

async function review(
  client: KubeClient,
  path: string,
  object: object,
  signal: AbortSignal,
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await client.call({ method: 'POST', path, body: object, signal });
  const status = isRecord(answer) ? answer['status'] : undefined;
  if (!isRecord(status)) throw new KubeError('malformed', `POST ${path}: the answer has no status`);
  return status;
}
