/**
 * Compressed replies. The SDK's HTTP client would unpack them itself, but loses sight of the connection while it does: one
 * that breaks within a body leaves the reader waiting for ever, and one that is not read to its end stays open.
 */
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';

import type { PipelinePolicy } from '@azure/core-rest-pipeline';

/** Asks for gzip where the SDK's client does not see it: only a header that it sees makes it unpack the reply. */
export const compressionPolicy: PipelinePolicy = {
  name: 'compressionPolicy',
  sendRequest: (request, next) => {
    const headers = { ...request.headers.toJSON({ preserveCase: true }), 'Accept-Encoding': 'gzip' };
    request.requestOverrides = { ...request.requestOverrides, headers };
    return next(request);
  },
};

/** The stream unpacked, whose end or destruction is that of the connection, too. Undefined for an encoding not asked for. */
export function unpacked(
  stream: NodeJS.ReadableStream,
  encoding: string | undefined,
): NodeJS.ReadableStream | undefined {
  switch (encoding?.trim().toLowerCase() ?? '') {
    case '':
    case 'identity':
      return stream;
    case 'gzip':
    case 'x-gzip':
      // The reader is told of every error by the last stream.
      return pipeline(stream, createGunzip(), () => undefined);
    default:
      return undefined;
  }
}
