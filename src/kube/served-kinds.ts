/**
 * What the API server serves of the operator's own group: from discovery and its description of the API, which everybody
 * may read who is known to it. The definitions themselves are for administrators.
 */
import { API_VERSION, KINDS } from '../api/types.ts';
import type { ServedKind } from '../check/definitions.ts';
import type { KubeClient } from './client.ts';
import { isKubeError, KubeError } from './errors.ts';
import { isRecord } from './record.ts';

/** By their names in URLs; empty where the group is not served in that version. @throws KubeError */
export async function servedKinds(client: KubeClient, signal: AbortSignal): Promise<ReadonlyMap<string, ServedKind>> {
  const resources = await resourcesOf(client, signal);
  if (resources.size === 0) return new Map();
  const schemas = await schemasOf(client, signal);
  return new Map(
    KINDS.filter(({ plural }) => resources.has(plural)).map(({ plural, kind }) => [
      plural,
      { hasStatus: resources.has(`${plural}/status`), fields: new Set(fieldPaths(schemas.get(kind), '')) },
    ]),
  );
}

/** Names of resources, and of their subresources: `vmssidentitybindings/status`. */
async function resourcesOf(client: KubeClient, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const path = `/apis/${API_VERSION}`;
  let answer: unknown;
  try {
    answer = await client.call({ method: 'GET', path, signal });
  } catch (error) {
    if (isKubeError(error, 'notFound')) return new Set();
    throw error;
  }
  const resources = isRecord(answer) ? answer['resources'] : undefined;
  if (!Array.isArray(resources)) throw new KubeError('malformed', `GET ${path}: the answer is no list of resources`);
  return new Set(
    resources.flatMap((each: unknown) => (isRecord(each) && typeof each['name'] === 'string' ? [each['name']] : [])),
  );
}

/** By kind. */
async function schemasOf(client: KubeClient, signal: AbortSignal): Promise<ReadonlyMap<string, unknown>> {
  const path = `/openapi/v3/apis/${API_VERSION}`;
  const answer = await client.call({ method: 'GET', path, signal });
  const components = isRecord(answer) ? answer['components'] : undefined;
  const schemas = isRecord(components) ? components['schemas'] : undefined;
  if (!isRecord(schemas)) throw new KubeError('malformed', `GET ${path}: the answer has no schemas`);
  return new Map(Object.values(schemas).flatMap((schema) => kindsOf(schema).map((kind) => [kind, schema] as const)));
}

function kindsOf(schema: unknown): readonly string[] {
  const names = isRecord(schema) ? schema['x-kubernetes-group-version-kind'] : undefined;
  if (!Array.isArray(names)) return [];
  return names.flatMap((each: unknown) => (isRecord(each) && typeof each['kind'] === 'string' ? [each['kind']] : []));
}

/** `spec`, `spec.userAssigned`, `spec.userAssigned[].resourceId`, … */
function fieldPaths(schema: unknown, path: string): readonly string[] {
  if (!isRecord(schema)) return [];
  const { properties, items } = schema;
  if (isRecord(items)) return fieldPaths(items, `${path}[]`);
  if (!isRecord(properties)) return [];
  return Object.entries(properties).flatMap(([name, inner]) => {
    const own = path === '' ? name : `${path}.${name}`;
    return [own, ...fieldPaths(inner, own)];
  });
}
