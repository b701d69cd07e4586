import { type Call, type Json, type JsonObject, Refusal, type Reply } from '../http.ts';
import { groupKey } from '../resource-id.ts';
import { type ArmCall, type ListRoute, requireGroup } from './arm-call.ts';
import * as errors from './errors.ts';
import { authorizeList } from './rights/list-rights.ts';

/**
 * One page of the resources of a subscription, or of one of its groups, in the order of creation. The token names the last
 * key seen, so that what is created or deleted between two pages neither repeats nor hides an entry; if that very one is
 * gone, the page begins where its successor stands. A page is cut first and filtered by the caller's rights then, so that
 * it may be short, or empty, and still lead on to others.
 * @throws Refusal 403 AuthorizationFailed, 404 ResourceGroupNotFound
 */
export function listResources<T>(
  arm: ArmCall,
  route: ListRoute,
  action: string,
  resources: ReadonlyMap<string, T>,
  view: (resource: T) => JsonObject,
): Reply {
  const { resourceGroup } = route;
  const isShown = authorizeList(arm, action, resourceGroup);
  const entries = [...resources];
  if (resourceGroup === undefined) return page(arm, entries, view, isShown);
  const prefix = groupKey({ resourceGroup: requireGroup(arm, resourceGroup).name, name: '' });
  return page(
    arm,
    entries.filter(([key]) => key.startsWith(prefix)),
    view,
    isShown,
  );
}

/** @param isShown whether the entry with an id is for the caller's eyes. Default: every entry is. */
export function page<T>(
  { call, state }: ArmCall,
  entries: readonly (readonly [key: string, resource: T])[],
  view: (resource: T) => JsonObject,
  isShown: (id: string) => boolean = () => true,
): Reply {
  const { pageSize } = state.settings;
  const from = startOf(call, entries);
  const shown = entries.slice(from, from + pageSize);
  const last = shown.at(-1);
  const more = last !== undefined && from + pageSize < entries.length;
  const value: readonly Json[] = shown
    .map(([, resource]) => view(resource))
    .filter(({ id }) => isShown(typeof id === 'string' ? id : ''));
  return { status: 200, body: more ? { value, nextLink: nextLink(call, from + pageSize, last[0]) } : { value } };
}

interface SkipToken {
  readonly index: number;
  readonly after: string;
}

function startOf(call: Call, entries: readonly (readonly [key: string, entry: unknown])[]): number {
  const text = call.query.get('$skiptoken');
  if (text === null) return 0;
  const token = readToken(text);
  // Where it was, unless something came or went before it.
  if (entries[token.index - 1]?.[0] === token.after) return token.index;
  const found = entries.findIndex(([key]) => key === token.after);
  return found >= 0 ? found + 1 : Math.min(Math.max(token.index - 1, 0), entries.length);
}

function readToken(text: string): SkipToken {
  const [index, ...after] = Buffer.from(text, 'base64url').toString('utf8').split(' ');
  if (!/^\d+$/.test(index ?? '') || after.length === 0) {
    throw new Refusal(errors.invalidRequestContent('The skip token is malformed.'));
  }
  return { index: Number(index), after: after.join(' ') };
}

function nextLink(call: Call, index: number, after: string): string {
  const url = new URL(call.request.url);
  url.searchParams.set('$skiptoken', Buffer.from(`${String(index)} ${after}`).toString('base64url'));
  return url.href;
}
