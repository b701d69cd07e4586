import { isRecord } from './record.ts';

/**
 * What went wrong with a request to the Kubernetes API. The kind alone decides about retries, reasons and messages.
 *
 * - `notFound`      404: the object, its namespace or its kind does not exist
 * - `alreadyExists` 409 `AlreadyExists`: the name is taken (POST)
 * - `conflict`      other 409: the object changed since it was read, or a precondition does not hold
 * - `testFailed`    422 to a JSON patch, about the patch and no field: a `test` operation did not hold
 * - `invalid`       400, 415, 422: the server will never accept this request as it is
 * - `forbidden`     403: no rights, or an admission rule
 * - `terminating`   403 with the cause `NamespaceTerminating`: the namespace is being deleted, and takes nothing new
 * - `unauthorized`  401: the server does not know who asks
 * - `credentials`   the credentials could not be read; nothing was sent
 * - `gone`          410: the resourceVersion or the continue token is too old
 * - `throttled`     429: wait for `retryAfterMs`
 * - `unavailable`   5xx: the server or something in front of it is not well
 * - `timeout`       no complete answer within the time limit, the client's or the caller's (or 408, 504)
 * - `network`       no connection, or it broke
 * - `malformed`     an answer that is no Kubernetes answer (a proxy's page, a truncated list)
 * - `aborted`       the caller's own signal ended the request, and not because time was up
 * - `other`         any other status
 */
export type KubeErrorKind =
  | 'notFound'
  | 'alreadyExists'
  | 'conflict'
  | 'testFailed'
  | 'invalid'
  | 'forbidden'
  | 'terminating'
  | 'unauthorized'
  | 'credentials'
  | 'gone'
  | 'throttled'
  | 'unavailable'
  | 'timeout'
  | 'network'
  | 'malformed'
  | 'aborted'
  | 'other';

export interface KubeErrorDetail {
  /** HTTP status, when there was an answer. */
  readonly status?: number;
  /** `reason` of the Status object. */
  readonly reason?: string;
  /** How long the server asks to wait, in milliseconds. */
  readonly retryAfterMs?: number;
}

/** The one error that `src/kube` throws. Its message holds no header, no body and no credential. */
export class KubeError extends Error {
  override readonly name = 'KubeError';
  readonly kind: KubeErrorKind;
  readonly status: number | undefined;
  readonly reason: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(kind: KubeErrorKind, message: string, detail: KubeErrorDetail = {}) {
    super(message);
    this.kind = kind;
    this.status = detail.status;
    this.reason = detail.reason;
    this.retryAfterMs = detail.retryAfterMs;
  }
}

export const isKubeError = (error: unknown, ...kinds: readonly KubeErrorKind[]): error is KubeError =>
  error instanceof KubeError && (kinds.length === 0 || kinds.includes(error.kind));

/**
 * True when a write that failed so may have been carried out all the same: read before writing again.
 * A 5xx counts, because a proxy may have lost the answer.
 */
export const isOutcomeUnknown = (error: unknown): boolean =>
  isKubeError(error, 'timeout', 'network', 'unavailable', 'malformed', 'aborted');

/** Of a write of one object: it will not be taken as it is, whatever becomes of others. `other` is any other status. */
const LASTING: readonly KubeErrorKind[] = ['invalid', 'forbidden', 'terminating', 'other'];
/** It may be about the object (a webhook that does not answer, a quota), about the server, or about an old view. */
const PASSING: readonly KubeErrorKind[] = [
  'notFound',
  'alreadyExists',
  'conflict',
  'testFailed',
  'throttled',
  'unavailable',
  'timeout',
];

/** How far what a write of one object was refused for is about that object; undefined when it says nothing of it. */
export const refusalOf = (error: unknown): 'lasting' | 'passing' | undefined => {
  if (isKubeError(error, ...LASTING)) return 'lasting';
  return isKubeError(error, ...PASSING) ? 'passing' : undefined;
};

/** The fields of a `Status` object (apimachinery, meta/v1) that are read here. */
interface Status {
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  /** The reason of each. */
  readonly causes: readonly unknown[];
  readonly retryAfterSeconds?: number;
}

const kindByStatus: Readonly<Record<number, KubeErrorKind>> = {
  400: 'invalid',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'notFound',
  408: 'timeout',
  409: 'conflict',
  410: 'gone',
  415: 'invalid',
  422: 'invalid',
  429: 'throttled',
  504: 'timeout',
};

export interface RequestLabel {
  readonly method: string;
  /** Without the query: continue tokens and selectors stay out of messages. */
  readonly path: string;
}

export interface ErrorResponse {
  readonly status: number;
  readonly retryAfter?: string | undefined;
  readonly body: string;
  /** The request was a JSON patch: a 422 without causes is then a `test` operation that did not hold. */
  readonly jsonPatch?: boolean;
}

export const errorFromResponse = (request: RequestLabel, response: ErrorResponse): KubeError => {
  const status = parseStatus(response.body);
  return fromStatus(`${request.method} ${request.path}`, response.status, status, {
    jsonPatch: response.jsonPatch === true,
    retryAfterMs: retryAfterMs(response.retryAfter, status),
  });
};

/** From the object of a watch's `ERROR` event, which is a Status. */
export const errorFromWatchEvent = (path: string, object: unknown): KubeError => {
  const status = statusOf(object);
  if (status?.code === undefined) return new KubeError('malformed', `WATCH ${path}: an ERROR event without a status`);
  return fromStatus(`WATCH ${path}`, status.code, status, { retryAfterMs: retryAfterMs(undefined, status) });
};

const fromStatus = (
  label: string,
  httpStatus: number,
  status: Status | undefined,
  how: { readonly jsonPatch?: boolean; readonly retryAfterMs: number | undefined },
): KubeError => {
  const text = [status?.reason, status?.message].filter((part) => part !== undefined && part !== '').join(': ');
  return new KubeError(
    kindOf(httpStatus, status, how.jsonPatch === true),
    `${label}: ${text === '' ? `HTTP ${httpStatus}` : text}`,
    {
      status: httpStatus,
      ...(status?.reason === undefined ? {} : { reason: status.reason }),
      ...(how.retryAfterMs === undefined ? {} : { retryAfterMs: how.retryAfterMs }),
    },
  );
};

const kindOf = (httpStatus: number, status: Status | undefined, jsonPatch: boolean): KubeErrorKind => {
  if (httpStatus === 409 && status?.reason === 'AlreadyExists') return 'alreadyExists';
  if (httpStatus === 422 && jsonPatch && status?.causes.length === 0) return 'testFailed';
  if (httpStatus === 403 && status?.causes.includes('NamespaceTerminating') === true) return 'terminating';
  return kindByStatus[httpStatus] ?? (httpStatus >= 500 ? 'unavailable' : 'other');
};

const parseStatus = (body: string): Status | undefined => {
  try {
    return statusOf(JSON.parse(body));
  } catch {
    return undefined;
  }
};

const statusOf = (object: unknown): Status | undefined => {
  if (!isRecord(object) || object['kind'] !== 'Status') return undefined;
  const { code, reason, message } = object;
  const details = isRecord(object['details']) ? object['details'] : {};
  const { causes, retryAfterSeconds } = details;
  return {
    causes: Array.isArray(causes)
      ? causes.map((cause: unknown) => (isRecord(cause) ? cause['reason'] : undefined))
      : [],
    ...(typeof code === 'number' ? { code } : {}),
    ...(typeof reason === 'string' ? { reason } : {}),
    ...(typeof message === 'string' ? { message } : {}),
    ...(typeof retryAfterSeconds === 'number' ? { retryAfterSeconds } : {}),
  };
};

/** The header in seconds (kube-apiserver never sends a date), else `details.retryAfterSeconds`. */
const retryAfterMs = (header: string | undefined, status: Status | undefined): number | undefined => {
  const seconds = header !== undefined && /^\d+$/.test(header) ? Number(header) : status?.retryAfterSeconds;
  return seconds === undefined ? undefined : seconds * 1000;
};

/** Why a request ended without an answer. */
export interface NoAnswer {
  readonly error: unknown;
  readonly timedOut: boolean;
  readonly abortedByCaller: boolean;
  /** Undefined: it was the caller's. */
  readonly limitMs: number | undefined;
}

export const errorWithoutAnswer = (request: RequestLabel, why: NoAnswer): KubeError => {
  const label = `${request.method} ${request.path}`;
  if (why.abortedByCaller) return new KubeError('aborted', `${label}: aborted`);
  if (why.timedOut) {
    const limit = why.limitMs === undefined ? "the caller's time limit" : `${why.limitMs} ms`;
    return new KubeError('timeout', `${label}: no answer within ${limit}`);
  }
  return new KubeError('network', `${label}: ${codeOf(why.error)}`);
};

/** The stable code of a Node error (`ECONNREFUSED`), never its text, which may quote what was sent. */
export const codeOf = (error: unknown): string => {
  const deepest = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  for (const candidate of [deepest, error]) {
    if (isRecord(candidate) && typeof candidate['code'] === 'string') return candidate['code'];
  }
  return error instanceof Error ? error.name : 'unknown error';
};

/** For what is thrown where only a {@link KubeError} is expected. */
export const toKubeError = (error: unknown): KubeError =>
  error instanceof KubeError ? error : new KubeError('other', `unexpected: ${codeOf(error)}`);
