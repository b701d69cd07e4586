/** Objects as they lie in the store: JSON, and frozen, so that they can be handed out and kept in history without a copy. */

export type JsonObject = Readonly<Record<string, unknown>>;

export interface ApiObjectMeta extends JsonObject {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation?: number;
  readonly creationTimestamp: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly finalizers?: readonly string[];
}

export interface ApiObject extends JsonObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ApiObjectMeta;
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The object under a key, empty where there is none. */
export const objectAt = (object: JsonObject, key: string): JsonObject => {
  const value = object[key];
  return isObject(value) ? value : {};
};

export const without = (object: JsonObject, ...keys: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));

export const deepFreeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
};

/** As etcd orders them, and lists with it: by namespace, then by name. */
export const keyOfObject = ({ metadata }: Pick<ApiObject, 'metadata'>): string => storeKey(metadata);

export const storeKey = ({ namespace, name }: { readonly namespace?: string | undefined; readonly name: string }) =>
  namespace === undefined ? name : `${namespace}/${name}`;
