/** What a refusal names: the action that was refused, and the identities it was refused for. Names only, no judgement. */
import { armKey, asciiLower } from '../identity/arm-id.ts';

/** The right to assign an identity to a resource, in the lower case of comparisons. */
const ASSIGN_ACTION = 'microsoft.managedidentity/userassignedidentities/assign/action';

/**
 * An identity's id anywhere in a text. The group's name is taken as it stands between its slashes, so dots, parentheses
 * and spaces belong to it; the name ends where no name goes on.
 */
const IDENTITY_ID =
  /\/subscriptions\/[0-9a-f-]{36}\/resourcegroups\/[^/]{1,90}\/providers\/microsoft\.managedidentity\/userassignedidentities\/[a-z0-9_-]{1,128}/gi;

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
  const named = new Map([...text.matchAll(IDENTITY_ID)].map(([id]) => [armKey(id), id]));
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
  /** The refused action; absent when a whole subscription is out of reach. */
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
    assign: action === undefined ? named.any || within.length > 0 : asciiLower(action) === ASSIGN_ACTION,
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

/** The action that a text says is not allowed. */
export function refusedAction(text: string): string | undefined {
  const match =
    /does not have (?:permission|authorization) to perform actions?(?:\(s\))? '([a-z0-9./*_-]{1,200})'/i.exec(text);
  return match?.[1];
}
