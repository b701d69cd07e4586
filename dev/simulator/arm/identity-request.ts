import { isJsonObject, type Json, type JsonObject, Refusal } from '../http.ts';
import { fold, parseIdentityId, type ResourceId } from '../resource-id.ts';
import type { IdentityShape } from './api-versions.ts';
import * as errors from './errors.ts';

export type IdentityType = 'None' | 'SystemAssigned' | 'UserAssigned' | 'SystemAssigned, UserAssigned';

export interface NamedIdentity {
  /** As the caller spelled it. */
  readonly key: string;
  readonly id: ResourceId;
  /** null takes it off. */
  readonly value: JsonObject | null;
}

/** What a body says about the identity of a scale set. */
export interface IdentityChange {
  readonly type: IdentityType;
  /** Undefined: the body has no dictionary or array at all. */
  readonly named: readonly NamedIdentity[] | undefined;
  /** The name of that member in this api-version. */
  readonly member: 'userAssignedIdentities' | 'identityIds';
}

/**
 * Reads `identity` in the shape of the api-version; undefined when the body leaves it alone.
 * @throws Refusal 400 for what ARM itself cannot read
 */
export function readIdentityChange(body: JsonObject, text: string, shape: IdentityShape): IdentityChange | undefined {
  const identity = body['identity'];
  if (identity === undefined || identity === null || shape === 'None') return undefined;
  if (!isJsonObject(identity))
    throw unreadable(`Error converting value to type 'ResourceIdentity'. Path 'identity'`, text);
  const type = readType(identity, text);
  if (shape === 'Dictionary') return { type, named: readDictionary(identity), member: 'userAssignedIdentities' };
  if (identity['userAssignedIdentities'] !== undefined) {
    throw unreadable(
      "Could not find member 'userAssignedIdentities' on object of type 'ResourceIdentity'. Path 'identity.userAssignedIdentities'",
      text,
    );
  }
  return { type, named: shape === 'Array' ? readArray(identity, text) : undefined, member: 'identityIds' };
}

function readType(identity: JsonObject, text: string): IdentityType {
  const type = identity['type'];
  if (type === undefined || type === null)
    throw unreadable("Required property 'type' not found in JSON. Path 'identity'", text);
  const parts =
    typeof type === 'string'
      ? fold(type)
          .split(',')
          .map((part) => part.trim())
      : [];
  const system = parts.includes('systemassigned');
  const user = parts.includes('userassigned');
  if (parts.length === 1 && parts[0] === 'none') return 'None';
  if (parts.length !== Number(system) + Number(user) || parts.length === 0) {
    throw unreadable(
      `Error converting value ${JSON.stringify(type)} to type 'ResourceIdentityType'. Path 'identity.type'`,
      text,
    );
  }
  return canonicalType(system, user);
}

export function canonicalType(system: boolean, user: boolean): IdentityType {
  if (system && user) return 'SystemAssigned, UserAssigned';
  if (system) return 'SystemAssigned';
  return user ? 'UserAssigned' : 'None';
}

function readDictionary(identity: JsonObject): readonly NamedIdentity[] | undefined {
  if (identity['identityIds'] !== undefined) throw new Refusal(errors.identityIdsDeprecated());
  const dictionary = identity['userAssignedIdentities'];
  if (!isJsonObject(dictionary)) return undefined;
  return Object.entries(dictionary).map(([key, value]) => {
    if (value !== null && !isJsonObject(value)) throw new Refusal(errors.invalidIdentityValues([key]));
    return { key, id: readId(key), value };
  });
}

function readArray(identity: JsonObject, text: string): readonly NamedIdentity[] | undefined {
  const ids = identity['identityIds'];
  if (ids === undefined || ids === null) return undefined;
  if (!Array.isArray(ids))
    throw unreadable("Error converting value to type 'System.String[]'. Path 'identity.identityIds'", text);
  return (ids as readonly Json[]).map((key) => {
    if (typeof key !== 'string') throw new Refusal(errors.linkedInvalidPropertyId(JSON.stringify(key)));
    return { key, id: readId(key), value: {} };
  });
}

function readId(key: string): ResourceId {
  const id = parseIdentityId(key);
  if (id === undefined) throw new Refusal(errors.linkedInvalidPropertyId(key));
  return id;
}

/** The deserialiser gives the place where the identity ends. */
function unreadable(reason: string, text: string): Refusal {
  return new Refusal(errors.invalidRequestContent(`${reason}, ${endOfIdentity(text)}.`));
}

function endOfIdentity(text: string): string {
  const start = text.indexOf('"identity"');
  let depth = 0;
  let quoted = false;
  for (let at = start + '"identity"'.length; at < text.length; at += 1) {
    const character = text[at];
    if (character === '\\') at += 1;
    else if (character === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    if (depth <= 0 && !quoted && (character === '}' || character === ']')) return place(text, at + 1);
  }
  return place(text, text.length);
}

function place(text: string, end: number): string {
  const lines = text.slice(0, end).split('\n');
  return `line ${String(lines.length)}, position ${String(lines.at(-1)?.length ?? 0)}`;
}
