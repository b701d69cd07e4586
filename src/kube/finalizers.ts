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

/**
 * A patch that removes a finalizer, or undefined if the object does not have it. It holds only for the version that was
 * read: who has changed the object since may count on the finalizer.
 */
export const removeFinalizerPatch = (object: Stored<KubeObject>, finalizer: string): JsonPatch | undefined => {
  const { uid, resourceVersion, finalizers = [] } = object.metadata;
  const index = finalizers.indexOf(finalizer);
  if (index < 0) return undefined;
  const path = pointer('metadata', 'finalizers', index);
  return [
    { op: 'test', path: pointer('metadata', 'uid'), value: uid },
    { op: 'test', path: pointer('metadata', 'resourceVersion'), value: resourceVersion },
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
export const addFinalizer = async <T extends KubeObject>(
  client: ResourceClient<T>,
  object: Stored<T>,
  finalizer: string,
  options: CallOptions = {},
): Promise<Stored<T>> => {
  let current = object;
  for (let attempt = 1; ; attempt++) {
    const patch = addFinalizerPatch(current, finalizer);
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

/**
 * Removes a finalizer from the object as it was read. Undefined when it is gone, which may be because of this removal or
 * before it. Throws `testFailed` when it has changed, or another one has its name: whether the finalizer may go is to be
 * judged anew then.
 */
export const removeFinalizer = async <T extends KubeObject>(
  client: ResourceClient<T>,
  object: Stored<T>,
  finalizer: string,
  options: CallOptions = {},
): Promise<Stored<T> | undefined> => {
  const patch = removeFinalizerPatch(object, finalizer);
  if (patch === undefined) return object;
  try {
    return await client.jsonPatch(object.metadata, patch, options);
  } catch (error) {
    if (isKubeError(error, 'notFound')) return undefined;
    throw error;
  }
};
