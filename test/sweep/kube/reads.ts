/** One object, or a list of them in pages that all show the state of the first. */
import { type ApiObject, isObject, type JsonObject, storeKey } from './api-object.ts';
import {
  badRequest,
  expired,
  internalError,
  notFound,
  notServedInMemory,
  tooLargeResourceVersion,
} from './api-status.ts';
import type { Entry, ObjectStore } from './object-store.ts';
import { type ApiRequest, refOf, typeOf } from './request.ts';
import { collectionOf, type ServedKind } from './served-kind.ts';

export const readOne = (store: ObjectStore, request: ApiRequest, asOf = store.revision): ApiObject => {
  const { kind } = request;
  const ref = refOf(request);
  const object = store.at(collectionOf(kind), asOf).get(storeKey(ref));
  if (object === undefined) throw notFound(kind, ref.name);
  return object;
};

/** @param asOf revision that is shown where the request names none: an older one is a stale read */
export const readList = (store: ObjectStore, request: ApiRequest, asOf = store.revision): JsonObject => {
  const { kind, query } = request;
  const { revision, after } = placeOf(store, query, asOf);
  const matching = selected(request, store.sortedAt(collectionOf(kind), revision)).filter(([key]) => key > after);
  const limit = Number(query['limit'] ?? 0);
  const page = limit > 0 ? matching.slice(0, limit) : matching;
  const [lastKey] = page.at(-1) ?? [''];
  const rest = matching.length - page.length;
  return {
    ...typeOf(kind),
    kind: `${kind.kind}List`,
    metadata: {
      resourceVersion: String(revision),
      ...continueIn(kind, rest > 0 ? continueToken(revision, lastKey) : ''),
      ...(rest > 0 && query['fieldSelector'] === undefined ? { remainingItemCount: rest } : {}),
    },
    items: page.map(([, object]) => object),
  };
};

/** Lists of custom resources tell of the end with an empty token, all others without one. */
const continueIn = ({ isCustom }: ServedKind, token: string): JsonObject =>
  token === '' && isCustom !== true ? {} : { continue: token };

/** Of the namespace and the name that were asked for. */
const selected = ({ namespace, query }: ApiRequest, entries: readonly Entry[]): readonly Entry[] => {
  const name = nameIn(query['fieldSelector']);
  return entries
    .filter(([, { metadata }]) => namespace === undefined || metadata.namespace === namespace)
    .filter(([, { metadata }]) => name === undefined || metadata.name === name);
};

const nameIn = (selector: string | undefined): string | undefined => {
  if (selector === undefined) return undefined;
  const [, name] = /^metadata\.name=([^,=]+)$/.exec(selector) ?? [];
  if (name === undefined) throw notServedInMemory(`the field selector ${selector}`);
  return name;
};

/** Which state is read, and after which key. */
const placeOf = (
  store: ObjectStore,
  query: ApiRequest['query'],
  asOf: number,
): { readonly revision: number; readonly after: string } => {
  const { resourceVersion = '', continue: token = '' } = query;
  if (token !== '') {
    if (resourceVersion !== '' && resourceVersion !== '0') {
      throw badRequest('specifying resource version is not allowed when using continue');
    }
    return kept(store, continued(token));
  }
  const asked = parseResourceVersion(resourceVersion);
  if (asked > store.revision) throw tooLargeResourceVersion(asked, store.revision);
  // Not older than that: the newest will do. In pages it is that very state.
  const isExact = asked > 0 && Number(query['limit'] ?? 0) > 0;
  return kept(store, { revision: isExact ? asked : asOf, after: '' });
};

const kept = <T extends { readonly revision: number }>(store: ObjectStore, place: T): T => {
  if (place.revision >= store.compacted) return place;
  throw expired(
    'The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter.',
  );
};

/** 0 for none. */
export const parseResourceVersion = (text: string): number => {
  if (text !== '' && !/^\d+$/.test(text)) {
    throw internalError(
      `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  }
  return Number(text);
};

/** The real server's own form. */
const continueToken = (revision: number, lastKey: string): string =>
  Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: `${lastKey}\0` })).toString('base64url');

const continued = (token: string): { readonly revision: number; readonly after: string } => {
  const broken = (): Error => badRequest('invalid continue token: continue key is not valid');
  try {
    const parsed: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (!isObject(parsed)) throw broken();
    return { revision: Number(parsed['rv']), after: String(parsed['start']).replace(/\0$/, '') };
  } catch {
    throw broken();
  }
};
