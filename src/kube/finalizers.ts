import { isKubeError, KubeError } from './errors.ts';
import { type JsonPatch, pointer } from './json-patch.ts';
import type { KubeObject } from './object.ts';
import type { CallOptions, ResourceClient, Stored } from './resource-client.ts';

const finalizersPath = pointer('metadata', 'finalizers');

/**
 * A patch that adds a finalizer, or undefined if the object has it. It holds only for the object (by UID) and the list that
 * were read, so it neither lands on an object made anew under the name nor touches what another controller added meanwhile.
 */
export const addFinalizerPatch = (object: Stored<KubeObject>, finalizer: string): JsonPatch | undefined => {
  const { uid, finalizers = [] } = object.metadata;
  if (finalizers.includes(finalizer)) return undefined;
  const isSame = { op: 'test', path: pointer('metadata', 'uid'), value: uid } as const;
  return finalizers.length === 0
    ? [
        isSame,
        { op: 'test', path: finalizersPath, value: null },
        { op: 'add', path: finalizersPath, value: [finalizer] },
      ]
    : [
        isSame,
        { op: 'test', path: finalizersPath, value: finalizers },
        { op: 'add', path: `${finalizersPath}/-`, value: finalizer },
      ];
};

/** A patch that removes a finalizer from where it was read, or undefined if the object does not have it. */
export const removeFinalizerPatch = (object: Stored<KubeObject>, finalizer: string): JsonPatch | undefined => {
  const { uid, finalizers = [] } = object.metadata;
  const index = finalizers.indexOf(finalizer);
  if (index < 0) return undefined;
  const path = pointer('metadata', 'finalizers', index);
  return [
    { op: 'test', path: pointer('metadata', 'uid'), value: uid },
    { op: 'test', path, value: finalizer },
    { op: 'remove', path },
  ];
};

/** Often enough for every other controller that edits the list at the same time. */
const attempts = 5;

/**
 * Adds a finalizer and returns the object as it then is. Throws `notFound` when the object is gone, or another one has its
 * name; `invalid` when it is being deleted (the server takes no new finalizers then).
 */
export const addFinalizer = <T extends KubeObject>(
  client: ResourceClient<T>,
  object: Stored<T>,
  finalizer: string,
  options: CallOptions = {},
): Promise<Stored<T>> => patchUntilItHolds(client, object, (current) => addFinalizerPatch(current, finalizer), options);

/** Removes a finalizer. Undefined when the object is gone, which may be because of this removal or before it. */
export const removeFinalizer = async <T extends KubeObject>(
  client: ResourceClient<T>,
  object: Stored<T>,
  finalizer: string,
  options: CallOptions = {},
): Promise<Stored<T> | undefined> => {
  try {
    return await patchUntilItHolds(client, object, (current) => removeFinalizerPatch(current, finalizer), options);
  } catch (error) {
    if (isKubeError(error, 'notFound')) return undefined;
    throw error;
  }
};

const patchUntilItHolds = async <T extends KubeObject>(
  client: ResourceClient<T>,
  object: Stored<T>,
  patchFor: (current: Stored<T>) => JsonPatch | undefined,
  options: CallOptions,
): Promise<Stored<T>> => {
  let current = object;
  for (let attempt = 1; ; attempt++) {
    const patch = patchFor(current);
    if (patch === undefined) return current;
    try {
      return await client.jsonPatch(current.metadata, patch, options);
    } catch (error) {
      if (attempt === attempts || !isKubeError(error, 'testFailed', 'conflict')) throw error;
    }
    current = await client.get(current.metadata, options);
    if (current.metadata.uid !== object.metadata.uid) {
      throw new KubeError(
        'notFound',
        `${client.descriptor.plural} ${object.metadata.name}: another object has the name now`,
      );
    }
  }
};
