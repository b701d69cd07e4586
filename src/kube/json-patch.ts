/** One operation of a JSON patch (RFC 6902), of the kinds that are used here. */
export type JsonPatchOperation =
  | { readonly op: 'test' | 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/** Carried out as one: a `test` that does not hold undoes what stands before it. */
export type JsonPatch = readonly JsonPatchOperation[];

/** A JSON pointer (RFC 6901) to a field whose keys may hold `/` and `~`, as annotation names do. */
export const pointer = (...keys: readonly (string | number)[]): string =>
  keys.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
