/**
 * The dictionary shape of a scale set (api-version 2018-06-01 and later) as the domain sees it. Odd JSON passes as long as
 * it says the same; what is cut short or contradicts itself is unreadable, because acting on half an identity removes the
 * other half.
 */
import { type ArmKey, armKey, parseIdentityId, parseScaleSetId } from '../identity/arm-id.ts';
import type { LiveIdentity, LiveScaleSet, LiveUserAssigned, UserAssignedIdentity } from '../identity/scale-set.ts';
import { isObject, member, textOf } from './json.ts';

export type Read<T> =
  | { readonly readable: true; readonly value: T }
  /** `problem` names what is wrong, without a value of it. */
  | { readonly readable: false; readonly problem: string };

/** @param etagHeader of the reply; a list's entries have theirs in the body only */
export type ReadScaleSet = (body: unknown, etagHeader?: string) => Read<LiveScaleSet>;

export const readScaleSet: ReadScaleSet = (body, etagHeader) => {
  const model = readModel(body, readIdentity);
  if (!model.readable) return model;
  const etag = usableEtag(member(body, 'etag')) ?? usableEtag(etagHeader);
  return readable({ orchestrationMode: 'Uniform', ...model.value, ...(etag === undefined ? {} : { etag }) });
};

/** What is the same in both shapes. */
export function readModel(
  body: unknown,
  identityOf: (identity: unknown) => Read<LiveIdentity>,
): Read<Omit<LiveScaleSet, 'etag'>> {
  const resourceId = textOf(member(body, 'id'));
  if (resourceId === undefined) return unreadable('it has no id');
  const parsed = parseScaleSetId(resourceId);
  if (!parsed.ok) return unreadable('its id is not that of a scale set');
  const properties = member(body, 'properties');
  const provisioningState = textOf(member(properties, 'provisioningState'));
  if (provisioningState === undefined) return unreadable('it has no provisioningState');
  const identity = identityOf(member(body, 'identity'));
  if (!identity.readable) return identity;
  const uniqueId = textOf(member(properties, 'uniqueId'));
  const mode = textOf(member(properties, 'orchestrationMode'));
  const tags = member(body, 'tags');
  return readable({
    resourceId,
    key: parsed.id.key,
    name: textOf(member(body, 'name')) ?? parsed.id.name,
    location: textOf(member(body, 'location')) ?? '',
    ...(mode === undefined ? {} : { orchestrationMode: sameWord(mode, 'Flexible') ? 'Flexible' : 'Uniform' }),
    provisioningState,
    tagNames: isObject(tags) ? Object.keys(tags) : [],
    identity: identity.value,
    ...(uniqueId === undefined ? {} : { uniqueId }),
  });
}

/** The `identity` of a scale set. Absent, null and type `None` are all no identity. */
export function readIdentity(identity: unknown): Read<LiveIdentity> {
  return readIdentityWith(identity, readDictionary);
}

/**
 * The part of an `identity` that is the same in both shapes.
 * @param readUserAssigned reads the rest; `expected` is whether the type has user-assigned identities
 */
export function readIdentityWith(
  identity: unknown,
  readUserAssigned: (identity: unknown, expected: boolean) => Read<ReadonlyMap<ArmKey, LiveUserAssigned>>,
): Read<LiveIdentity> {
  if (identity === undefined || identity === null) return readable({ userAssigned: new Map() });
  const type = textOf(member(identity, 'type'));
  if (type === undefined) return unreadable('its identity has no type');
  const kinds = new Set(type.split(',').map((kind) => kind.trim().toLowerCase()));
  for (const kind of kinds) {
    if (!KINDS.has(kind)) return unreadable('its identity is of an unknown type');
  }
  const userAssigned = readUserAssigned(identity, kinds.has('userassigned'));
  if (!userAssigned.readable) return userAssigned;
  if (!kinds.has('systemassigned')) return readable({ userAssigned: userAssigned.value });
  const principalId = textOf(member(identity, 'principalId'));
  const tenantId = textOf(member(identity, 'tenantId'));
  return readable({
    systemAssigned: {
      ...(principalId === undefined ? {} : { principalId }),
      ...(tenantId === undefined ? {} : { tenantId }),
    },
    userAssigned: userAssigned.value,
  });
}

const KINDS: ReadonlySet<string> = new Set(['none', 'systemassigned', 'userassigned']);

function readDictionary(identity: unknown, expected: boolean): Read<ReadonlyMap<ArmKey, LiveUserAssigned>> {
  const dictionary = member(identity, 'userAssignedIdentities');
  const none = dictionary === undefined || dictionary === null;
  if (none && expected) return unreadable('its identity is user-assigned, but names no identities');
  if (!none && !isObject(dictionary)) return unreadable('its userAssignedIdentities are not a dictionary');
  const entries = none ? [] : Object.entries(dictionary);
  if (entries.length > 0 && !expected) return unreadable('its identity names identities that its type denies');
  const live = new Map<ArmKey, LiveUserAssigned>();
  for (const [resourceId, value] of entries) {
    if (value !== null && !isObject(value)) return unreadable('one of its userAssignedIdentities is not an object');
    const key = armKey(resourceId);
    live.set(key, merge(live.get(key), resourceId, value));
  }
  return readable(live);
}

/** One entry; when the same id stands there twice in other cases, what either of them knows. */
function merge(before: LiveUserAssigned | undefined, resourceId: string, value: unknown): LiveUserAssigned {
  const principalId = before?.principalId ?? textOf(member(value, 'principalId'));
  const clientId = before?.clientId ?? textOf(member(value, 'clientId'));
  return {
    resourceId: before?.resourceId ?? resourceId,
    ...(principalId === undefined ? {} : { principalId }),
    ...(clientId === undefined ? {} : { clientId }),
  };
}

/** An identity as Microsoft.ManagedIdentity shows it. */
export function readUserAssignedIdentity(body: unknown): Read<UserAssignedIdentity> {
  const resourceId = textOf(member(body, 'id'));
  const parsed = resourceId === undefined ? undefined : parseIdentityId(resourceId);
  if (resourceId === undefined || parsed?.ok !== true) return unreadable('its id is not that of an identity');
  const properties = member(body, 'properties');
  const principalId = textOf(member(properties, 'principalId'));
  const clientId = textOf(member(properties, 'clientId'));
  const tenantId = textOf(member(properties, 'tenantId'));
  if (principalId === undefined || clientId === undefined) return unreadable('it has no principalId or no clientId');
  const location = textOf(member(body, 'location'));
  const allowedProviders = textsOf(member(member(properties, 'assignmentRestrictions'), 'providers'));
  return readable({
    resourceId,
    key: parsed.id.key,
    principalId,
    clientId,
    ...(tenantId === undefined ? {} : { tenantId }),
    ...(location === undefined ? {} : { location }),
    ...(sameWord(textOf(member(properties, 'isolationScope')) ?? '', 'Regional') ? { isRegional: true } : {}),
    // An empty list restricts nothing: it is what an identity without restrictions shows.
    ...(allowedProviders.length === 0 ? {} : { allowedProviders }),
  });
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

/** `*` would match every state of the scale set, and what is not printable ASCII cannot be sent as a header. */
export function usableEtag(etag: unknown): string | undefined {
  const text = textOf(etag);
  return text !== undefined && text !== '*' && /^[\x21-\x7e]{1,512}$/.test(text) ? text : undefined;
}

function sameWord(value: string, word: string): boolean {
  return value.toLowerCase() === word.toLowerCase();
}

export function readable<T>(value: T): Read<T> {
  return { readable: true, value };
}

export function unreadable(problem: string): Read<never> {
  return { readable: false, problem };
}
