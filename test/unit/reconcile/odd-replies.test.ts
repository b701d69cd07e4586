import { Readable } from 'node:stream';

import {
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
  RestError,
} from '@azure/core-rest-pipeline';
import { describe, expect, it } from 'vitest';

import { binding } from './objects.ts';
import { MINUTE, SECOND, World } from './world.ts';

interface OddReply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** As it goes over the wire. */
  readonly body?: string;
  /** The connection breaks: at once, or within the body. */
  readonly breaks?: 'at once' | 'within the body';
}

const html = { 'content-type': 'text/html' };
const refusal = '{"error":{"code":"ScopeLocked","message":"The scope is locked."}}';

/** Answers that are not Azure's, or not all of one: none of them says anything about the scale set. */
const ODD: readonly (readonly [string, OddReply])[] = [
  ['a web page that looks like success', { body: '<html>Sign in</html>', headers: html }],
  ['a web page that calls itself JSON', { body: '<html>Sign in</html>' }],
  ['a success cut off', { body: '{"id":"/subscriptions/' }],
  ['a success whose connection breaks', { body: '{"id":"/subscriptions/', breaks: 'within the body' }],
  ['an empty success', { body: '' }],
  ['a success about something else', { body: '{"id":"/subscriptions/x","status":7}' }],
  ['a list where one is asked for', { body: '[]' }],
  ['a success without an end to its depth', { body: '['.repeat(100_000) }],
  ['a page of a proxy', { status: 502, body: '<html>Bad gateway</html>', headers: html }],
  ['a page of a proxy that knows nothing', { status: 404, body: '<html>Not found</html>', headers: html }],
  ['a generic 404', { status: 404, body: '{"error":{"code":"NotFound","message":"The entity was not found."}}' }],
  ['a refusal of a proxy', { status: 400, body: '<html>Bad request</html>', headers: html }],
  ['a refusal cut off', { status: 400, body: refusal.slice(0, 20) }],
  ['a refusal whose connection breaks', { status: 400, body: refusal, breaks: 'within the body' }],
  ['a redirect', { status: 307, headers: { location: 'https://evil.example/' } }],
  ['a broken connection', { breaks: 'at once' }],
];

type Fits = (request: PipelineRequest) => boolean;
const REQUESTS: readonly (readonly [string, Fits])[] = [
  ['the read of the scale set', ({ method, url }) => method === 'GET' && url.includes('virtualMachineScaleSets/web?')],
  ['the write', ({ method }) => method === 'PATCH'],
  ['the look at the operation', ({ url }) => url.includes('/operations/')],
  ['the read of the identity', ({ url }) => url.includes('/userAssignedIdentities/app?')],
];

/** A network that answers the first `count` fitting requests itself; Azure never sees them. */
function answering(fits: Fits, odd: OddReply, count: number): (azure: HttpClient) => HttpClient {
  let left = count;
  return (azure) => ({
    sendRequest: (request) => {
      if (left === 0 || !fits(request)) return azure.sendRequest(request);
      left -= 1;
      return answer(request, odd);
    },
  });
}

async function answer(
  request: PipelineRequest,
  { status = 200, body, headers, breaks }: OddReply,
): Promise<PipelineResponse> {
  const broken = new RestError('socket hang up', { code: 'ECONNRESET', request });
  if (breaks === 'at once') throw broken;
  const stream = Readable.from(
    (function* () {
      if (body !== undefined) yield Buffer.from(body);
      if (breaks !== undefined) throw broken;
    })(),
  );
  const fields = createHttpHeaders({ 'content-type': 'application/json', ...headers });
  return { request, status, headers: fields, readableStreamBody: stream };
}

describe.each(REQUESTS)('%s', (_request, fits) => {
  it.each(ODD)('answered by %s once, and then well, leaves the binding Ready', async (_what, odd) => {
    const world = new World({ bindings: [binding('one')], operationMs: 5 * SECOND, network: answering(fits, odd, 1) });

    await world.pass();
    await world.run(2 * MINUTE);

    expect(world.ready('one')).toMatchObject({ status: 'True' });
    expect(world.assigned()).toEqual(['app']);
    expect(world.takeWrites()).toHaveLength(1);
  });

  it.each(ODD)('answered by %s for a while removes nothing that others attached', async (_what, odd) => {
    const world = new World({
      web: { identity: { systemAssigned: true, userAssigned: ['bus'] } },
      bindings: [binding('one')],
      operationMs: 5 * SECOND,
      network: answering(fits, odd, 4),
    });

    await world.pass();
    await world.run(5 * MINUTE);

    expect(world.ready('one')).toMatchObject({ status: 'True' });
    expect(world.assigned()).toEqual(['app', 'bus']);
    expect(world.isSystemAssigned()).toBe(true);
  });
});

describe('a link to an operation', () => {
  const [, isPoll] = REQUESTS[2]!;

  it.each(ODD)('that is only ever answered by %s is let go, and the scale set is watched instead', async (_, odd) => {
    const network = answering(isPoll, odd, Infinity);
    const world = new World({ bindings: [binding('one')], operationMs: 5 * SECOND, network });

    await world.pass();
    await world.run(3 * MINUTE);

    expect(world.ready('one')).toMatchObject({ status: 'True' });
    expect(world.takeWrites()).toHaveLength(1);
  });

  it('that is throttled is kept: Azure has asked for the wait', async () => {
    const throttle = { status: 429, headers: { 'retry-after': '20' } };
    const world = new World({
      bindings: [binding('one')],
      operationMs: 5 * SECOND,
      network: answering(isPoll, throttle, 8),
    });
    await world.pass();
    world.take();

    await world.run(4 * MINUTE);

    expect(world.take().slice(0, 2)).toEqual(['POLL', 'GET web']);
    expect(world.ready('one')).toMatchObject({ status: 'True' });
  });
});
