/** Reads the body of a reply: all of it or nothing, never more than is sensible, and only as JSON. */
import type { PipelineResponse } from '@azure/core-rest-pipeline';

import { unlessAborted } from '../runtime/unless-aborted.ts';
import { unpacked } from './compression.ts';
import { parseJson } from './json.ts';

export type ReplyBody =
  | { readonly is: 'json'; readonly value: unknown }
  | { readonly is: 'empty' }
  /** Not JSON, too large, or cut off: there is nothing to be learnt from it. */
  | { readonly is: 'unreadable'; readonly why: string };

/** The largest body that is read, after decompression. A full page of a list is far below it. */
export const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** A scale set's model and a full page of a list differ by three orders of magnitude. */
const FIRST_BUFFER_BYTES = 16 * 1024;

type Unreadable = Extract<ReplyBody, { readonly is: 'unreadable' }>;

const TOO_LARGE: Unreadable = { is: 'unreadable', why: `it is larger than ${String(MAX_BODY_BYTES)} bytes` };

/** Never throws: the status that came with a body which breaks off still counts. */
export async function readBody(response: PipelineResponse, signal: AbortSignal): Promise<ReplyBody> {
  const body = await readText(response, signal);
  return body.is === 'text' ? parse(response, body.text) : body;
}

/** The whole text, or why there is none. Never throws; the connection has ended or is free again afterwards. */
export async function readText(
  response: PipelineResponse,
  signal: AbortSignal,
): Promise<{ readonly is: 'text'; readonly text: string } | Unreadable> {
  const packed = response.readableStreamBody;
  if (packed === undefined) {
    const text = response.bodyAsText ?? '';
    return text.length > MAX_BODY_BYTES ? TOO_LARGE : { is: 'text', text };
  }
  const length = Number(response.headers.get('content-length') ?? Number.NaN);
  const encoding = length === 0 ? undefined : response.headers.get('content-encoding');
  const stream = length > MAX_BODY_BYTES ? undefined : unpacked(packed, encoding);
  if (stream === undefined) {
    destroy(packed);
    return length > MAX_BODY_BYTES ? TOO_LARGE : { is: 'unreadable', why: 'it is in an unknown encoding' };
  }
  try {
    const text = await unlessAborted(collect(stream), signal);
    return text === undefined ? TOO_LARGE : { is: 'text', text };
  } catch {
    return { is: 'unreadable', why: 'the connection broke off' };
  } finally {
    destroy(stream);
  }
}

/** Lets go of a reply that nobody reads, so that its connection is free again. */
export function discardBody(response: PipelineResponse): void {
  if (response.readableStreamBody !== undefined) destroy(response.readableStreamBody);
}

type Stream = NonNullable<PipelineResponse['readableStreamBody']>;

async function collect(stream: Stream): Promise<string | undefined> {
  // One buffer that grows, for a body may come in millions of pieces, each of which would weigh more than what it holds.
  let buffer = Buffer.allocUnsafe(FIRST_BUFFER_BYTES);
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk);
    if (size + bytes.length > MAX_BODY_BYTES) return undefined;
    if (size + bytes.length > buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(2 * buffer.length, size + bytes.length));
      buffer.copy(larger, 0, 0, size);
      buffer = larger;
    }
    bytes.copy(buffer, size);
    size += bytes.length;
  }
  // Unlike Buffer.toString, a decoder takes a byte order mark away.
  return new TextDecoder().decode(buffer.subarray(0, size));
}

function destroy(stream: Stream): void {
  // A stream destroyed before its end may still report the broken connection, to nobody.
  stream.on('error', () => undefined);
  (stream as Stream & { readonly destroy?: () => unknown }).destroy?.();
}

function parse(response: PipelineResponse, text: string): ReplyBody {
  if (text.trim() === '') return { is: 'empty' };
  const type = response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (type !== '' && !/^(?:application|text)\/(?:[a-z0-9.+-]+\+)?json$/.test(type)) {
    return { is: 'unreadable', why: 'it is not JSON' };
  }
  const json = parseJson(text);
  return json === undefined ? { is: 'unreadable', why: 'it is not JSON' } : { is: 'json', value: json.value };
}
