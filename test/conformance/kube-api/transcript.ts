/** A conversation with a server, told so that those with two servers can be laid side by side. */
import { BINDING, LEDGER } from '../../../src/api/types.ts';
import { leaseDescriptor } from '../../../src/kube/lease.ts';
import { apiVersionOf, pathOf, type ResourceDescriptor } from '../../../src/kube/object.ts';
import type { KubeRequest } from '../../../src/kube/request.ts';
import { binding, identityId, ledger } from './objects.ts';
import type { Answer, Server } from './servers.ts';

const MERGE_PATCH = 'application/merge-patch+json';
const JSON_PATCH = 'application/json-patch+json';

const ENTRY = { resourceId: 'i', since: '2026-01-01T00:00:00Z', for: [] };

/** What was asked, and what was answered. */
export interface Turn {
  readonly asked: string;
  readonly answered: Answer;
}

/** A binding, a ledger and a Lease from their making to their end, with a few refusals between. */
export const converse = async (server: Server): Promise<readonly Turn[]> => {
  const turns: Turn[] = [];
  const name = server.unique();
  const at = { name, namespace: server.namespace };
  const ask = async (
    method: KubeRequest['method'],
    path: string,
    body?: unknown,
    contentType?: string,
  ): Promise<unknown> => {
    const { code, body: answer } = await server.send(method, path, body, contentType);
    turns.push({ asked: `${method} ${path}`, answered: { code, body: answer } });
    return answer;
  };
  const create = (kind: ResourceDescriptor, object: object) => {
    const path = pathOf(kind, kind.namespaced ? { namespace: server.namespace } : {});
    return ask('POST', path, { apiVersion: apiVersionOf(kind), kind: kind.kind, ...object });
  };
  const one = pathOf(BINDING, at);
  const status = { observedGeneration: 1, conditions: [] };

  await create(BINDING, binding(name, server.namespace, { userAssigned: [{ resourceId: identityId('one') }] }));
  await ask('GET', one);
  await ask('PATCH', one, [{ op: 'test', path: '/metadata/uid', value: 'other' }], JSON_PATCH);
  await ask('PATCH', one, [{ op: 'add', path: '/metadata/finalizers', value: ['x.example/held'] }], JSON_PATCH);
  await ask('PATCH', `${one}/status`, [{ op: 'add', path: '/status', value: status }], JSON_PATCH);
  const told = await ask('PATCH', one, { metadata: { annotations: { a: 'b' }, labels: {} } }, MERGE_PATCH);
  await ask('PATCH', one, { metadata: { resourceVersion: '1' } }, MERGE_PATCH);
  await ask('PUT', one, { ...(told as object), spec: { ...(binding(name, '').spec as object), suspend: true } });
  await ask('GET', pathOf(BINDING, { namespace: server.namespace }));
  await ask('DELETE', one, { preconditions: { uid: 'other' } });
  await ask('DELETE', one, { preconditions: { resourceVersion: '1' } });
  await ask('DELETE', one);
  await ask('PATCH', one, [{ op: 'remove', path: '/metadata/finalizers' }], JSON_PATCH);
  await ask('GET', one);
  await ask('DELETE', one);

  const made = await create(LEDGER, ledger(name));
  await create(LEDGER, ledger(name));
  await ask('PUT', pathOf(LEDGER, { name }), { ...(made as object), spec: { ...ledger(name).spec, foreign: ['f'] } });
  await ask('PUT', pathOf(LEDGER, { name }), made);
  await ask('PATCH', pathOf(LEDGER, { name }), { spec: { entries: [{ ...ENTRY, phase: 'Lost' }] } }, MERGE_PATCH);
  await ask('DELETE', pathOf(LEDGER, { name }));

  const lease = await create(leaseDescriptor, { metadata: { name }, spec: { holderIdentity: 'one' } });
  await ask('PUT', pathOf(leaseDescriptor, at), { ...(lease as object), spec: { holderIdentity: '' } });
  await ask('DELETE', pathOf(leaseDescriptor, at));
  await ask('GET', pathOf(leaseDescriptor, at));
  await ask('GET', pathOf(leaseDescriptor, { namespace: server.namespace }));
  return turns;
};

/**
 * Without what differs between two servers, or two runs: names, uids, times, and `managedFields`, which no part of the
 * operator reads. Versions become their order, so that two conversations must have the same writes.
 */
export const comparable = (turns: readonly Turn[], server: Pick<Server, 'namespace'>): unknown => {
  const text = JSON.stringify(turns, (key, value: unknown) => (key === 'managedFields' ? undefined : value));
  const versions = [...new Set([...text.matchAll(/"resourceVersion":"(\d+)"/g)].map(([, version]) => Number(version)))];
  const order = new Map(versions.toSorted((a, b) => a - b).map((version, index) => [String(version), index]));
  return JSON.parse(
    text
      .replaceAll(server.namespace, '<namespace>')
      .replaceAll(/\bn-[0-9a-f]{8}\b/g, '<name>')
      .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uid>')
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '<time>')
      .replaceAll(/in record \(\d+\)/g, 'in record (<version>)')
      .replaceAll(
        /"resourceVersion":"(\d+)"/g,
        (_, version: string) => `"resourceVersion":"#${order.get(version) ?? ''}"`,
      ),
  );
};
