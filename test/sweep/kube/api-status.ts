/** What a request is refused with: the Status objects of apimachinery (`pkg/api/errors/errors.go`). */
import type { JsonObject } from './api-object.ts';

/** What is wrong with one field. */
export interface Cause {
  /** Such as `FieldValueInvalid`; absent where a patch could not be applied. */
  readonly reason: string;
  readonly message: string;
  readonly field?: string;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  /** Of the kind or its plural, whichever the server gives. */
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly Cause[];
  readonly retryAfterSeconds?: number;
}

interface Resource {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
}

/** A refusal. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure';
  readonly code: number;
  readonly reason: string;
  readonly details: StatusDetails | undefined;

  constructor(code: number, reason: string, message: string, details?: StatusDetails) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  /** The body of the answer, and the object of a watch's `ERROR` event. */
  toStatus(): JsonObject {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      ...(this.reason === '' ? {} : { reason: this.reason }),
      ...(this.details === undefined ? {} : { details: this.details }),
      code: this.code,
    };
  }
}

const detailsOf = ({ group, plural }: Resource, name: string): StatusDetails => ({
  name,
  ...(group === '' ? {} : { group }),
  kind: plural,
});

const qualified = ({ group, plural }: Resource): string => (group === '' ? plural : `${plural}.${group}`);

export const notFound = (resource: Resource, name: string): ApiFailure =>
  new ApiFailure(404, 'NotFound', `${qualified(resource)} "${name}" not found`, detailsOf(resource, name));

export const alreadyExists = (resource: Resource, name: string): ApiFailure =>
  new ApiFailure(409, 'AlreadyExists', `${qualified(resource)} "${name}" already exists`, detailsOf(resource, name));

export const conflict = (resource: Resource, name: string, why: string): ApiFailure =>
  new ApiFailure(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`,
    detailsOf(resource, name),
  );

export const CHANGED = 'the object has been modified; please apply your changes to the latest version and try again';

export const invalid = ({ group, kind }: Resource, name: string, causes: readonly Cause[]): ApiFailure => {
  const told = causes.map(({ field, message }) => `${field ?? ''}: ${message}`);
  const list = told.length === 1 ? told.join('') : `[${told.join(', ')}]`;
  const subject = group === '' ? kind : `${kind}.${group}`;
  return new ApiFailure(422, 'Invalid', `${subject} "${name}" is invalid: ${list}`, {
    name,
    ...(group === '' ? {} : { group }),
    kind,
    causes,
  });
};

/** A JSON patch that cannot be carried out, a `test` that does not hold included: 422 without causes, and it is not said why. */
export const patchRefused = (): ApiFailure =>
  new ApiFailure(422, 'Invalid', 'the server rejected our request due to an error in our request', {});

export const badRequest = (message: string): ApiFailure => new ApiFailure(400, 'BadRequest', message);

export const internalError = (message: string): ApiFailure => new ApiFailure(500, '', message);

export const forbiddenByTermination = (resource: Resource, name: string, namespace: string): ApiFailure =>
  new ApiFailure(
    403,
    'Forbidden',
    `${qualified(resource)} "${name}" is forbidden: unable to create new content in namespace ${namespace} because it is being terminated`,
    {
      ...detailsOf(resource, name),
      causes: [
        {
          reason: 'NamespaceTerminating',
          message: `namespace ${namespace} is being terminated`,
          field: 'metadata.namespace',
        },
      ],
    },
  );

/** 410: what was asked for lies before what is still kept. */
export const expired = (message: string): ApiFailure => new ApiFailure(410, 'Expired', message);

/** A version that the server has not come to. */
export const tooLargeResourceVersion = (asked: number, current: number): ApiFailure =>
  new ApiFailure(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });

export const methodNotAllowed = (): ApiFailure =>
  new ApiFailure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});

export const unsupportedMediaType = (): ApiFailure =>
  new ApiFailure(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});

/** What the real server does, and this one does not, because the operator never asks for it. */
export const notServedInMemory = (what: string): ApiFailure =>
  new ApiFailure(501, 'NotImplemented', `the API server in memory does not serve ${what}`);
