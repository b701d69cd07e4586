/** JSON patch (RFC 6902) as far as the operator uses it, and JSON merge patch (RFC 7386), as the API server applies them. */
import { isDeepStrictEqual } from 'node:util';

import type { JsonPatchOperation } from '../../../src/kube/json-patch.ts';
import { isObject, type JsonObject } from './api-object.ts';
import { badRequest, patchRefused } from './api-status.ts';

type Container = Record<string, unknown> | unknown[];

/** @throws ApiFailure 400 for what is no patch, 422 for one that cannot be carried out */
export const applyJsonPatch = (object: JsonObject, patch: unknown): JsonObject => {
  if (!Array.isArray(patch))
    throw badRequest(
      'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    );
  const copy = structuredClone(object) as Record<string, unknown>;
  for (const operation of patch as readonly JsonPatchOperation[]) applyOperation(copy, operation);
  return copy;
};

const applyOperation = (root: Record<string, unknown>, operation: JsonPatchOperation): void => {
  const keys = operation.path
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = keys.pop();
  const container = last === undefined ? undefined : containerAt(root, keys);
  if (operation.op === 'test') {
    // A field that is not there equals null.
    const found = container === undefined || last === undefined ? undefined : valueAt(container, last);
    if (!isDeepStrictEqual(found ?? null, operation.value ?? null)) {
      throw patchRefused();
    }
    return;
  }
  if (container === undefined || last === undefined) {
    throw patchRefused();
  }
  if (operation.op === 'add') add(container, last, operation.value);
  else if (valueAt(container, last) === undefined) {
    throw patchRefused();
  } else if (operation.op === 'replace') (container as Record<string, unknown>)[last] = operation.value;
  else remove(container, last);
};

const containerAt = (root: Container, keys: readonly string[]): Container | undefined => {
  let at: unknown = root;
  for (const key of keys) at = isContainer(at) ? valueAt(at, key) : undefined;
  return isContainer(at) ? at : undefined;
};

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;

const valueAt = (container: Container, key: string): unknown =>
  Object.hasOwn(container, key) ? (container as Record<string, unknown>)[key] : undefined;

const add = (container: Container, key: string, value: unknown): void => {
  if (!Array.isArray(container)) {
    container[key] = value;
    return;
  }
  const index = key === '-' ? container.length : Number(key);
  if (!Number.isInteger(index) || index < 0 || index > container.length) {
    throw patchRefused();
  }
  container.splice(index, 0, value);
};

const remove = (container: Container, key: string): void => {
  if (Array.isArray(container)) container.splice(Number(key), 1);
  else Reflect.deleteProperty(container, key);
};

/** @throws ApiFailure 400 for what is no merge patch of an object */
export const applyMergePatch = (object: JsonObject, patch: unknown): JsonObject => {
  if (!isObject(patch)) throw badRequest('json: cannot unmarshal into Go value of type map[string]interface {}');
  return merge(object, patch);
};

const merge = (target: JsonObject, patch: JsonObject): JsonObject => {
  const merged: Record<string, unknown> = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(merged, key);
    else if (isObject(value)) merged[key] = merge(isObject(merged[key]) ? merged[key] : {}, value);
    else merged[key] = value;
  }
  return merged;
};
