/** Kubernetes as `--check` looks at it. */
import { BINDING, POLICY, type VmssIdentityBinding, type VmssIdentityPolicy } from '../api/types.ts';
import type { KubePort } from '../check/kube-port.ts';
import type { KubeClient } from './client.ts';
import type { KubeConnection } from './connection.ts';
import { KubeError } from './errors.ts';
import { listAll } from './list-all.ts';
import { isRecord } from './record.ts';
import { ResourceClient } from './resource-client.ts';
import { mayI, userNameOf } from './self-review.ts';
import { servedKinds } from './served-kinds.ts';

const PAGE_SIZE = 500;

export function createCheckPort(client: KubeClient, { server, namespace }: KubeConnection): KubePort {
  const bindings = new ResourceClient<VmssIdentityBinding>(client, BINDING);
  const policies = new ResourceClient<VmssIdentityPolicy>(client, POLICY);
  return {
    server,
    namespace,
    version: (signal) => versionOf(client, signal),
    userName: (signal) => userNameOf(client, signal),
    mayI: (action, signal) => mayI(client, action, signal),
    servedKinds: (signal) => servedKinds(client, signal),
    bindings: async (of, signal) => (await listAll(bindings, { namespace: of, pageSize: PAGE_SIZE, signal })).items,
    policies: async (signal) =>
      (await listAll(policies, { pageSize: PAGE_SIZE, signal })).items.map(({ spec }) => spec),
  };
}

async function versionOf(client: KubeClient, signal: AbortSignal): Promise<string> {
  const answer = await client.call({ method: 'GET', path: '/version', signal });
  const version = isRecord(answer) ? answer['gitVersion'] : undefined;
  if (typeof version !== 'string') throw new KubeError('malformed', 'GET /version: the answer has no version');
  return version;
}
