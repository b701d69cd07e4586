/** A request as the server reads it. */
import { apiVersionOf, type ObjectRef } from '../../../src/kube/object.ts';
import type { PatchType } from '../../../src/kube/request.ts';
import { badRequest, methodNotAllowed, notServedInMemory, unsupportedMediaType } from './api-status.ts';
import { builtInKinds } from './built-in-kinds.ts';
import { customKinds } from './custom-kinds.ts';
import type { ServedKind } from './served-kind.ts';

const served: readonly ServedKind[] = [...customKinds, ...builtInKinds];

/** As it comes over the wire. */
export interface WireRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly contentType: string | undefined;
  readonly body: string | undefined;
}

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';

export interface ApiRequest {
  readonly verb: Verb;
  readonly kind: ServedKind;
  readonly namespace: string | undefined;
  /** Of one object; undefined for `list`, `watch` and `create`. */
  readonly name: string | undefined;
  readonly subresource: 'status' | undefined;
  readonly query: Readonly<Record<string, string>>;
  readonly patchType: PatchType | undefined;
  readonly body: unknown;
}

const PATH =
  /^\/(?:api|apis\/(?<group>[^/]+))\/(?<version>v[^/]+)(?:\/namespaces\/(?<namespace>[^/]+)(?=\/))?\/(?<plural>[^/]+)(?:\/(?<name>[^/]+))?(?:\/(?<subresource>[^/]+))?$/;

/** Undefined for a path under which nothing is served. */
export const parseRequest = (wire: WireRequest): ApiRequest | undefined => {
  const url = new URL(wire.path, 'http://api.invalid');
  const { group = '', version, namespace, plural, name, subresource } = PATH.exec(url.pathname)?.groups ?? {};
  const kind = served.find((one) => one.plural === plural && one.group === group && one.version === version);
  if (kind === undefined || (namespace !== undefined && !kind.namespaced)) return undefined;
  if (subresource !== undefined && !(subresource === 'status' && kind.hasStatus)) return undefined;
  const query = Object.fromEntries(url.searchParams);
  const verb = verbOf(wire.method, { isOne: name !== undefined, isWatch: isTrue(query['watch']) });
  checkQuery(verb, query);
  return {
    verb,
    kind,
    namespace: namespace === undefined ? undefined : decodeURIComponent(namespace),
    name: name === undefined ? undefined : decodeURIComponent(name),
    subresource: subresource === 'status' ? 'status' : undefined,
    query,
    patchType: verb === 'patch' ? patchTypeOf(wire.contentType) : undefined,
    body: parseBody(wire.body),
  };
};

/** The object that a request is about. */
export const refOf = ({ namespace, name = '' }: ApiRequest): ObjectRef => ({ name, namespace });

export const isTrue = (value: string | undefined): boolean => value === 'true' || value === '1';

const verbOf = (method: string, { isOne, isWatch }: { readonly isOne: boolean; readonly isWatch: boolean }): Verb => {
  if (method === 'GET') return isOne ? 'get' : isWatch ? 'watch' : 'list';
  if (method === 'POST' && !isOne) return 'create';
  if (method === 'PUT' && isOne) return 'update';
  if (method === 'PATCH' && isOne) return 'patch';
  if (method === 'DELETE' && isOne) return 'delete';
  if (method === 'DELETE') throw notServedInMemory('the deletion of a whole collection');
  throw methodNotAllowed();
};

const WRITING = ['fieldManager', 'timeout', 'pretty'];
const KNOWN: Readonly<Record<Verb, readonly string[]>> = {
  get: ['timeout', 'pretty'],
  list: ['limit', 'continue', 'resourceVersion', 'fieldSelector', 'timeout', 'pretty', 'watch'],
  watch: ['watch', 'resourceVersion', 'timeoutSeconds', 'allowWatchBookmarks', 'timeout', 'pretty'],
  create: WRITING,
  update: WRITING,
  patch: WRITING,
  delete: ['timeout', 'pretty'],
};

const checkQuery = (verb: Verb, query: Readonly<Record<string, string>>): void => {
  const unknown = Object.keys(query).find((name) => !KNOWN[verb].includes(name));
  if (unknown !== undefined) throw notServedInMemory(`${unknown} of ${verb}`);
};

const patchTypeOf = (contentType = ''): PatchType => {
  if (contentType === 'application/json-patch+json' || contentType === 'application/merge-patch+json') {
    return contentType;
  }
  if (contentType.startsWith('application/apply-patch')) throw notServedInMemory('server-side apply');
  throw unsupportedMediaType();
};

const parseBody = (body: string | undefined): unknown => {
  if (body === undefined || body === '') return undefined;
  try {
    return JSON.parse(body);
  } catch {
    throw badRequest('the object provided is unrecognized: it is no JSON');
  }
};

/** What an object of the kind is called in an answer. */
export const typeOf = (kind: ServedKind): { readonly apiVersion: string; readonly kind: string } => ({
  apiVersion: apiVersionOf(kind),
  kind: kind.kind,
});
