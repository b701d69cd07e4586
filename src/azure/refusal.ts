/** What a refusal names: the action that was refused, and the identities it was refused for. Names only, no judgement. */
import { armKey, asciiLower } from '../identity/arm-id.ts';

/** The right to assign an identity to a resource, in the lower case of comparisons. */
const ASSIGN_ACTION = 'microsoft.managedidentity/userassignedidentities/assign/action';

/**
 * An identity's id anywhere in a text. The group's name is taken as it stands between its slashes, so dots, parentheses
 * and spaces belong to it, but nothing that would end a quotation or an entry of a list; the name ends where no name goes
 * on. Slashes may be doubled: an id put together of parts comes back that way (Azure/azure-policy#1311).
 */
const IDENTITY_ID =
  /\/{1,2}subscriptions\/{1,2}[0-9a-f-]{36}\/{1,2}resourcegroups\/{1,2}[^/'",\\\r\n]{1,90}\/{1,2}providers\/{1,2}microsoft\.managedidentity\/{1,2}userassignedidentities\/{1,2}[a-z0-9_-]{1,128}/gi;

/** How ARM itself names a resource that it does not find: type, name and group, without the subscription. */
const MISSING_IDENTITY =
  /'microsoft\.managedidentity\/userassignedidentities\/([a-z0-9_-]{1,128})' under resource group '([^']{1,90})'/gi;

/** A refused write's own identities, apart from others that the refusal names. */
export interface NamedIdentities {
  /** Of the request, as the request spells them. */
  readonly requested: readonly string[];
  /** Not of the request, as the refusal spells them. */
  readonly foreign: readonly string[];
  /** True when the refusal names an identity at all, even one of which no full id is known. */
  readonly any: boolean;
}

/** Sorts the identities that a refusal names in full into those of the request and others. */
export function namedIdentities(text: string, requestIds: readonly string[]): NamedIdentities {
  const spelling = new Map(requestIds.map((id) => [armKey(id), id]));
  const ids = [...text.matchAll(IDENTITY_ID)].map(([id]) => id.replace(/\/\//g, '/'));
  const named = new Map(ids.map((id) => [armKey(id), id]));
  const requested = new Set([...named.keys()].flatMap((key) => spelling.get(key) ?? []));
  const missing = new Set([...text.matchAll(MISSING_IDENTITY)].map(([, name = '', group = '']) => suffix(group, name)));
  for (const id of requestIds) {
    if ([...missing].some((end) => armKey(id).endsWith(end))) requested.add(id);
  }
  return {
    requested: [...requested],
    foreign: [...named].filter(([key]) => !spelling.has(key)).map(([, id]) => id),
    any: named.size > 0 || missing.size > 0,
  };
}

function suffix(group: string, name: string): string {
  return asciiLower(`/resourcegroups/${group}/providers/microsoft.managedidentity/userassignedidentities/${name}`);
}

/** A refusal for what a request links to: other resources, groups or whole subscriptions. */
export interface LinkedRefusal {
  /** The refused action, that to assign if it is among several; absent when a whole subscription is out of reach. */
  readonly action?: string;
  readonly assign: boolean;
  readonly named: NamedIdentities;
}

/**
 * Reads a `LinkedAuthorizationFailed`. It lists "linked scope(s)", which may also be the group or the subscription that
 * holds identities, or names a "linked subscription" of another tenant; each stands for all the request's identities in it.
 */
export function readLinkedRefusal(text: string, requestIds: readonly string[]): LinkedRefusal {
  const action = refusedAction(text);
  const named = namedIdentities(text, requestIds);
  const scopes = linkedScopes(text);
  const within = requestIds.filter((id) => scopes.some((scope) => armKey(id).startsWith(`${scope}/`)));
  const requested = [...new Set([...named.requested, ...within])];
  return {
    ...(action === undefined ? {} : { action }),
    assign: action === undefined ? named.any || within.length > 0 : isAssign(action),
    named: { requested, foreign: named.foreign, any: named.any || within.length > 0 },
  };
}

const SCOPE = /^(\/subscriptions\/[0-9a-f-]{36}(?:\/resourcegroups\/[^/]{1,90})?)\/?$/;

/** The subscriptions and resource groups among the linked scopes, as keys. */
function linkedScopes(text: string): readonly string[] {
  const lists = [...text.matchAll(/linked scope(?:\(s\)|s)? '([^']*)'/gi)].flatMap(([, list = '']) => list.split(','));
  const subscriptions = [...text.matchAll(/linked subscription(?:\(s\)|s)? '([^']*)'/gi)].flatMap(([, list = '']) =>
    list.split(',').map((id) => `/subscriptions/${id.trim()}`),
  );
  return [...lists, ...subscriptions].flatMap((scope) => SCOPE.exec(armKey(scope.trim()))?.[1] ?? []);
}

/** The action that a text says is not allowed; of a list the one to assign identities, else the first. */
export function refusedAction(text: string): string | undefined {
  const match =
    /does not have (?:permission|authorization) to perform (?:the )?actions?(?:\(s\))? '([a-z0-9./*_, -]{1,2000})'/i.exec(
      text,
    );
  const actions = (match?.[1] ?? '').split(',').map((action) => action.trim());
  return [...actions.filter(isAssign), ...actions].find((action) => /^[a-z0-9./*_-]{1,200}$/i.test(action));
}

/** Whether an action is that of assigning an identity to a resource. */
export function isAssign(action: string | undefined): boolean {
  return asciiLower(action ?? '') === ASSIGN_ACTION;
}
