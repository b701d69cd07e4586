/** Patch formats, each with the content type that the server needs to be told. */
export type PatchType = 'application/json-patch+json' | 'application/merge-patch+json';

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From `/api` or `/apis` on, without a query. */
  readonly path: string;
  readonly query?: Query;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** For PATCH; every other body is plain JSON. */
  readonly patchType?: PatchType;
  /** Ends the request early. */
  readonly signal?: AbortSignal | undefined;
  /** Time limit for the whole call, in place of the client's. */
  readonly timeoutMs?: number | undefined;
}
