import { isJsonObject, type Json, type JsonObject } from '../http.ts';
import type { OrchestrationMode, ScaleSet } from '../state.ts';

type Model = Pick<ScaleSet, 'orchestrationMode' | 'tags' | 'sku' | 'properties'>;

const defaultSku: JsonObject = { name: 'Standard_D2s_v3', tier: 'Standard', capacity: 1 };

/** The part of a scale set that its owner writes: everything but the identity. */
export function createModel(body: JsonObject): Model {
  const properties = objectOr(body['properties'], {});
  const orchestrationMode: OrchestrationMode = properties['orchestrationMode'] === 'Flexible' ? 'Flexible' : 'Uniform';
  return {
    orchestrationMode,
    tags: tagsOf(body),
    sku: { ...defaultSku, ...objectOr(body['sku'], {}) },
    properties: stored(properties),
  };
}

/** A PUT replaces the model; a PATCH merges into it, except that tags are always replaced as a whole. */
export function applyModel(set: ScaleSet, body: JsonObject, method: 'PUT' | 'PATCH'): void {
  if (method === 'PUT' || body['tags'] !== undefined) set.tags = tagsOf(body);
  set.sku = { ...(method === 'PUT' ? defaultSku : set.sku), ...objectOr(body['sku'], {}) };
  const sent = stored(objectOr(body['properties'], {}));
  set.properties = method === 'PUT' ? sent : merge(set.properties, sent);
}

/** What the service itself fills in is not the writer's to set, and a password is never shown again. */
function stored(properties: JsonObject): JsonObject {
  const {
    orchestrationMode: _mode,
    provisioningState: _state,
    uniqueId: _id,
    timeCreated: _time,
    ...rest
  } = properties;
  return withoutPassword(rest);
}

function withoutPassword(value: JsonObject): JsonObject {
  const entries = Object.entries(value).filter(([name]) => name !== 'adminPassword');
  return Object.fromEntries(
    entries.map(([name, member]) => [name, isJsonObject(member) ? withoutPassword(member) : member]),
  );
}

/** JSON merge patch (RFC 7396). */
function merge(into: JsonObject, patch: JsonObject): JsonObject {
  const kept = Object.entries(into).filter(([name]) => patch[name] !== null);
  const changed = Object.entries(patch).filter(([, value]) => value !== null);
  const merged = changed.map(([name, value]): [string, Json] => [
    name,
    isJsonObject(value) ? merge(objectOr(into[name], {}), value) : value,
  ]);
  return Object.fromEntries([...kept, ...merged]);
}

function tagsOf(body: JsonObject): JsonObject | undefined {
  const { tags } = body;
  return isJsonObject(tags) ? tags : undefined;
}

function objectOr(value: Json | undefined, fallback: JsonObject): JsonObject {
  return isJsonObject(value) ? value : fallback;
}
