import { describe, expect, it } from 'vitest';

import { KubeClient, type RequestObserver } from '../../../src/kube/client.ts';
import { anonymousConnection, type KubeConnection } from '../../../src/kube/connection.ts';
import { KubeError } from '../../../src/kube/errors.ts';
import { settle, VirtualClock } from '../runtime/virtual-clock.ts';
import { statusOf } from './builders.ts';
import { connectionError, FakeServer, FakeStream } from './fake-server.ts';

const build = (server: FakeServer, connection: KubeConnection = anonymousConnection('https://kube.test/prefix/')) => {
  const clock = new VirtualClock();
  const ended: Parameters<RequestObserver['requestEnded']>[0][] = [];
  const observer: RequestObserver = { requestEnded: (request) => void ended.push(request) };
  return {
    clock,
    ended,
    client: new KubeClient({ connection, clock, dispatcher: server, observer, userAgent: 'ua/1' }),
  };
};

const failure = async (promise: Promise<unknown>): Promise<KubeError> => {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(KubeError);
  return error as KubeError;
};

describe('a call', () => {
  it('sends method, path behind the prefix, query, headers and body, and returns the parsed answer', async () => {
    const server = new FakeServer(() => ({ status: 201, body: { made: true } }));
    const { client } = build(server, {
      ...anonymousConnection('https://kube.test/prefix/'),
      authenticate: () => Promise.resolve({ headers: { authorization: 'Bearer t' }, tls: {} }),
    });
    const query = { limit: 500, watch: true, continue: 'a b&c', none: undefined };
    expect(await client.call({ method: 'POST', path: '/api/v1/x', query, body: { a: 1 } })).toEqual({ made: true });
    expect(server.requests).toMatchObject([
      {
        method: 'POST',
        path: '/prefix/api/v1/x',
        query: { limit: '500', watch: 'true', continue: 'a b&c' },
        headers: {
          authorization: 'Bearer t',
          accept: 'application/json',
          'content-type': 'application/json',
          'user-agent': 'ua/1',
        },
        body: { a: 1 },
      },
    ]);
  });

  it('names the format of a patch', async () => {
    const server = new FakeServer(() => ({}));
    const { client } = build(server);
    await client.call({ method: 'PATCH', path: '/x', patchType: 'application/merge-patch+json', body: {} });
    expect(server.requests[0]!.headers['content-type']).toBe('application/merge-patch+json');
  });

  it('sends no content type without a body', async () => {
    const server = new FakeServer(() => ({}));
    await build(server).client.call({ method: 'GET', path: '/x' });
    expect(server.requests[0]!.headers).not.toHaveProperty('content-type');
  });

  it('ends after 30 s without an answer, and leaves no timer behind', async () => {
    const server = new FakeServer(() => 'hang');
    const { client, clock } = build(server);
    const failing = failure(client.call({ method: 'GET', path: '/x' }));
    await clock.advance(29_999);
    expect(server.requests[0]!.aborted()).toBe(false);
    await clock.advance(1);
    expect(await failing).toMatchObject({ kind: 'timeout', message: 'GET /x: no answer within 30000 ms' });
    expect(server.requests[0]!.aborted()).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('ends after its own time limit when the body stops coming', async () => {
    const stream = new FakeStream();
    const { client, clock } = build(new FakeServer(() => stream));
    const failing = failure(client.call({ method: 'GET', path: '/x', timeoutMs: 500 }));
    await settle();
    stream.sendRaw('{"half":');
    await clock.advance(500);
    expect(await failing).toMatchObject({ kind: 'timeout' });
  });

  it('ends after its time limit when credentials do not come', async () => {
    const server = new FakeServer();
    const { client, clock } = build(server, {
      ...anonymousConnection('https://kube.test'),
      authenticate: () => new Promise(() => {}),
    });
    const failing = failure(client.call({ method: 'GET', path: '/x' }));
    await clock.advance(30_000);
    expect(await failing).toMatchObject({ kind: 'timeout' });
    expect(server.requests).toEqual([]);
  });

  it('ends when the caller says so', async () => {
    const { client, clock } = build(new FakeServer(() => 'hang'));
    const controller = new AbortController();
    const failing = failure(client.call({ method: 'GET', path: '/x', signal: controller.signal }));
    await settle();
    controller.abort();
    expect(await failing).toMatchObject({ kind: 'aborted' });
    expect(clock.pending).toBe(0);
  });

  it('that ends with a time limit of the caller has had no answer in time', async () => {
    const { client, clock } = build(new FakeServer(() => 'hang'));
    using limit = clock.timeoutSignal(500);
    const failing = failure(client.call({ method: 'GET', path: '/x', signal: limit.signal }));
    await clock.advance(500);
    const message = "GET /x: no answer within the caller's time limit";
    expect(await failing).toMatchObject({ kind: 'timeout', message });
  });

  it('is not sent when the caller has said so before', async () => {
    const server = new FakeServer(() => ({}));
    const { client } = build(server);
    const call = client.call({ method: 'GET', path: '/x', signal: AbortSignal.abort() });
    expect(await failure(call)).toMatchObject({ kind: 'aborted' });
    expect(server.requests).toEqual([]);
  });

  it('ends when the caller has said so before, also while credentials do not come', async () => {
    const { client } = build(new FakeServer(), {
      ...anonymousConnection('https://kube.test'),
      authenticate: () => new Promise(() => {}),
    });
    const call = client.call({ method: 'GET', path: '/x', signal: AbortSignal.abort() });
    expect(await failure(call)).toMatchObject({ kind: 'aborted' });
  });

  it('tells what broke when there is no connection, without the text of it', async () => {
    const { client } = build(new FakeServer(() => connectionError('ECONNREFUSED')));
    const error = await failure(client.call({ method: 'GET', path: '/x' }));
    expect(error).toMatchObject({ kind: 'network', message: 'GET /x: ECONNREFUSED', status: undefined });
  });

  it('takes an answer that is not JSON for no answer', async () => {
    const { client } = build(new FakeServer(() => ({ body: '<html>welcome</html>' })));
    expect(await failure(client.call({ method: 'GET', path: '/x' }))).toMatchObject({ kind: 'malformed' });
  });

  it('tells the Retry-After of a refusal', async () => {
    const body = statusOf(429, 'TooManyRequests');
    const { client } = build(new FakeServer(() => ({ status: 429, headers: { 'retry-after': '7' }, body })));
    const error = await failure(client.call({ method: 'GET', path: '/x' }));
    expect(error).toMatchObject({ kind: 'throttled', retryAfterMs: 7_000 });
  });

  it('has the credentials read again after a 401', async () => {
    let forgotten = 0;
    const { client } = build(new FakeServer(() => ({ status: 401, body: statusOf(401, 'Unauthorized') })), {
      ...anonymousConnection('https://kube.test'),
      forgetCredentials: () => forgotten++,
    });
    expect(await failure(client.call({ method: 'GET', path: '/x' }))).toMatchObject({ kind: 'unauthorized' });
    expect(forgotten).toBe(1);
  });

  it('that cannot read its credentials says so', async () => {
    const { client, ended } = build(new FakeServer(), {
      ...anonymousConnection('https://kube.test'),
      authenticate: () => Promise.reject(new KubeError('credentials', 'no token')),
    });
    expect(await failure(client.call({ method: 'GET', path: '/x' }))).toMatchObject({ kind: 'credentials' });
    expect(ended).toMatchObject([{ outcome: 'credentials' }]);
  });

  it('is observed, with its status or what ended it', async () => {
    const server = new FakeServer(({ path }) => (path === '/prefix/hang' ? 'hang' : { status: 409, body: '' }));
    const { client, clock, ended } = build(server);
    await failure(client.call({ method: 'PUT', path: '/x', body: {} }));
    const hanging = failure(client.call({ method: 'GET', path: '/hang' }));
    await clock.advance(30_000);
    await hanging;
    expect(ended).toEqual([
      { method: 'PUT', host: 'kube.test', outcome: 409, durationMs: 0 },
      { method: 'GET', host: 'kube.test', outcome: 'timeout', durationMs: 30_000 },
    ]);
  });
});

describe('a watch', () => {
  const open = async (server: FakeServer) => {
    const built = build(server);
    const controller = new AbortController();
    const events = await built.client.watch({ path: '/w', query: { watch: true }, signal: controller.signal });
    const seen: unknown[] = [];
    const end = (async () => {
      for await (const event of events) seen.push(event);
    })();
    // Looked at by each test; until then a rejection is nobody's.
    end.catch(() => undefined);
    return { ...built, controller, seen, end };
  };

  it('yields each line, wherever the chunks are cut', async () => {
    const stream = new FakeStream();
    const { seen, end } = await open(new FakeServer(() => stream));
    for (const chunk of ['{"a":', '1}\n\n{"b":2}', '\n']) {
      stream.sendRaw(chunk);
      await settle();
    }
    stream.end();
    await end;
    expect(seen).toEqual([{ a: 1 }, { b: 2 }]);
  });

  it('stays open longer than a call may take', async () => {
    const stream = new FakeStream();
    const { clock, seen } = await open(new FakeServer(() => stream));
    await clock.advance(200_000);
    stream.send({ still: 'here' });
    await settle();
    expect(seen).toEqual([{ still: 'here' }]);
    expect(clock.pending).toBe(0);
  });

  it('fails when it breaks', async () => {
    const stream = new FakeStream();
    const { end } = await open(new FakeServer(() => stream));
    stream.break();
    expect(await failure(end)).toMatchObject({ kind: 'network', message: 'GET /w: ECONNRESET' });
  });

  it('fails when it ends within a line', async () => {
    const stream = new FakeStream();
    const { end } = await open(new FakeServer(() => stream));
    stream.sendRaw('{"type":"ADD');
    stream.end();
    expect(await failure(end)).toMatchObject({ kind: 'network' });
  });

  it('fails on a line that is not JSON', async () => {
    const stream = new FakeStream();
    const { end } = await open(new FakeServer(() => stream));
    stream.sendRaw('hello\n');
    expect(await failure(end)).toMatchObject({ kind: 'malformed' });
  });

  it('ends with its signal, and lets the connection go', async () => {
    const stream = new FakeStream();
    const { controller, end } = await open(new FakeServer(() => stream));
    controller.abort();
    expect(await failure(end)).toMatchObject({ kind: 'aborted' });
    expect(stream.aborted).toBe(true);
  });

  it('that is refused throws the refusal', async () => {
    const { client } = build(new FakeServer(() => ({ status: 410, body: statusOf(410, 'Expired') })));
    const opening = client.watch({ path: '/w', signal: new AbortController().signal });
    expect(await failure(opening)).toMatchObject({ kind: 'gone' });
  });

  it('that is not accepted within 30 s is given up, and its connection let go', async () => {
    const server = new FakeServer(() => 'hang');
    const { client, clock } = build(server);
    const opening = failure(client.watch({ path: '/w', signal: new AbortController().signal }));
    await clock.advance(30_000);
    expect(await opening).toMatchObject({ kind: 'timeout' });
    expect(server.requests[0]!.aborted()).toBe(true);
  });

  it('is not opened when its signal was aborted before', async () => {
    const server = new FakeServer(() => new FakeStream());
    const { client } = build(server);
    expect(await failure(client.watch({ path: '/w', signal: AbortSignal.abort() }))).toMatchObject({ kind: 'aborted' });
    expect(server.requests).toEqual([]);
  });
});
