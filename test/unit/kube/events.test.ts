import { describe, expect, it } from 'vitest';

import { eventDescriptor, eventName, type EventObject, type EventToRecord } from '../../../src/kube/event-object.ts';
import { EventRecorder, type EventRecorderOptions } from '../../../src/kube/events.ts';
import { ResourceClient } from '../../../src/kube/resource-client.ts';
import { seededRandom, settle, VirtualClock } from '../runtime/virtual-clock.ts';
import { recordingLogger } from '../telemetry/recording-logger.ts';
import { clientOf, statusOf } from './builders.ts';
import { type Answer, type FakeRequest, FakeServer } from './fake-server.ts';

const web: EventToRecord = {
  regarding: { apiVersion: 'test.example/v1', kind: 'Widget', name: 'web', namespace: 'shop', uid: 'u1' },
  type: 'Normal',
  reason: 'Painted',
  action: 'Paint',
  note: 'painted it blue',
};

const build = (
  answer: (request: FakeRequest, index: number) => Answer = () => ({}),
  options: Pick<EventRecorderOptions, 'ownNamespace'> = {},
) => {
  const clock = new VirtualClock();
  const results: string[] = [];
  const written: FakeRequest[] = [];
  const server = new FakeServer((request) => {
    written.push(request);
    const reply = answer(request, written.length - 1);
    const isEmpty = typeof reply === 'object' && Object.keys(reply).length === 0;
    return isEmpty ? { body: { metadata: { name: 'e', uid: 'u', resourceVersion: '1' } } } : reply;
  });
  const recorder = new EventRecorder({
    ...options,
    client: new ResourceClient<EventObject>(clientOf(server, clock), eventDescriptor),
    reporter: { controller: 'test.example/operator', instance: 'pod-1' },
    clock,
    random: seededRandom(),
    logger: recordingLogger(),
    observer: { eventEnded: (result) => void results.push(result) },
  });
  return { clock, recorder, written, results, bodies: () => written.map(({ body }) => body as EventObject) };
};

describe('an event', () => {
  it('is written as events.k8s.io/v1 in the namespace of its object', async () => {
    const { recorder, written } = build();
    recorder.record(web);
    await settle();
    expect(written).toMatchObject([
      {
        method: 'POST',
        path: '/apis/events.k8s.io/v1/namespaces/shop/events',
        body: {
          apiVersion: 'events.k8s.io/v1',
          kind: 'Event',
          metadata: { name: 'web.0000000000004000', namespace: 'shop' },
          eventTime: '2026-01-01T00:00:00.000000Z',
          type: 'Normal',
          reason: 'Painted',
          action: 'Paint',
          note: 'painted it blue',
          regarding: web.regarding,
          reportingController: 'test.example/operator',
          reportingInstance: 'pod-1',
        },
      },
    ]);
    expect(written[0]!.body).not.toHaveProperty('series');
  });

  it('about a cluster-scoped object lies where it is told, else in default', async () => {
    const { recorder, written } = build();
    const { namespace: _namespace, ...regarding } = web.regarding;
    recorder.record({ ...web, regarding });
    recorder.record({ ...web, regarding, namespace: 'operator' });
    await settle();
    expect(written.map(({ path }) => path)).toEqual([
      '/apis/events.k8s.io/v1/namespaces/default/events',
      '/apis/events.k8s.io/v1/namespaces/operator/events',
    ]);
    expect(written[1]!.body).toMatchObject({ regarding: { name: 'web', namespace: 'operator' } });
  });

  it('names a related object, and has its note cut at 1,024 bytes', async () => {
    const { recorder, bodies } = build();
    recorder.record({ ...web, related: web.regarding, note: 'é'.repeat(2_000) });
    await settle();
    const [body] = bodies();
    expect(body!.related).toEqual(web.regarding);
    expect(Buffer.byteLength(body!.note)).toBeLessThanOrEqual(1_024);
    expect(body!.note).toMatch(/^é+…$/);
  });

  it('has a name that is a DNS name of at most 253 characters', () => {
    expect(eventName(`${'a'.repeat(235)}.-b`, '12345678-1234-4234-8234-123456789012')).toMatch(
      /^a{235}\.[0-9a-f]{16}$/,
    );
  });
});

describe('a repeated event', () => {
  it('is counted in the object that is there', async () => {
    const { clock, recorder, written } = build();
    for (let times = 0; times < 3; times++) {
      recorder.record(web);
      await clock.advance(1_000);
    }
    expect(written.map(({ method }) => method)).toEqual(['POST', 'PATCH', 'PATCH']);
    expect(written[2]).toMatchObject({
      path: '/apis/events.k8s.io/v1/namespaces/shop/events/web.0000000000004000',
      headers: { 'content-type': 'application/merge-patch+json' },
      body: { series: { count: 3, lastObservedTime: '2026-01-01T00:00:02.000000Z' } },
    });
  });

  it('is written once more for all that happened while it was being written', async () => {
    const { recorder, bodies } = build();
    for (let times = 0; times < 5; times++) recorder.record(web);
    await settle();
    expect(bodies()).toMatchObject([{ note: web.note }, { series: { count: 5 } }]);
  });

  it('is a new one after ten minutes of quiet', async () => {
    const { clock, recorder, written } = build();
    recorder.record(web);
    await clock.advance(600_001);
    recorder.record(web);
    await settle();
    expect(written.map(({ method }) => method)).toEqual(['POST', 'POST']);
  });

  it('is written anew when the server has forgotten it', async () => {
    const { recorder, written } = build(({ method }) => (method === 'PATCH' ? { status: 404 } : {}));
    recorder.record(web);
    await settle();
    recorder.record(web);
    await settle();
    expect(written.map(({ method }) => method)).toEqual(['POST', 'PATCH', 'POST']);
    expect(written[2]!.body).toMatchObject({ series: { count: 2 } });
  });

  it('with another note is another one', async () => {
    const { recorder, written } = build();
    recorder.record(web);
    recorder.record({ ...web, note: 'painted it red' });
    await settle();
    expect(written.map(({ method }) => method)).toEqual(['POST', 'POST']);
  });
});

describe('similar events', () => {
  const differ = async (recorder: EventRecorder, count: number, from = 1) => {
    for (let index = from; index < from + count; index++) {
      recorder.record({ ...web, note: `coat ${index}` });
      await settle();
    }
  };

  it('are one from the tenth note on, which names the first that it stands for', async () => {
    const { recorder, written, bodies } = build();
    await differ(recorder, 12);
    expect(written.map(({ method }) => method).join(' ')).toBe(`${'POST '.repeat(10)}PATCH PATCH`);
    expect(bodies()[8]).toMatchObject({ note: 'coat 9' });
    expect(bodies()[9]).toMatchObject({ note: '(combined from similar events): coat 10' });
    expect(bodies()[11]).toMatchObject({ series: { count: 3 } });
  });

  it('whose note was told before are counted in their own', async () => {
    const { recorder, written, bodies } = build();
    await differ(recorder, 10);
    recorder.record({ ...web, note: 'coat 1' });
    await settle();
    expect(written.at(-1)!.method).toBe('PATCH');
    expect(bodies().at(-1)).toMatchObject({ series: { count: 2 } });
  });

  it.each<[string, Partial<EventToRecord>]>([
    ['object', { regarding: { ...web.regarding, uid: 'u2' } }],
    ['reason', { reason: 'Varnished' }],
    ['type', { type: 'Warning' }],
  ])('are not similar that have another %s', async (_what, change) => {
    const { recorder, bodies } = build();
    await differ(recorder, 9);
    recorder.record({ ...web, ...change, note: 'another' });
    await settle();
    expect(bodies().at(-1)).toMatchObject({ note: 'another' });
  });

  it('begin anew after ten minutes without any', async () => {
    const { clock, recorder, bodies } = build();
    await differ(recorder, 12);
    await clock.advance(600_001);
    await differ(recorder, 1, 100);
    expect(bodies().at(-1)).toMatchObject({ note: 'coat 100' });
  });
});

describe('an event of a namespace that takes none any more', () => {
  const causes = [{ reason: 'NamespaceTerminating', field: 'metadata.namespace' }];
  const refusal: Answer = { status: 403, body: statusOf(403, 'Forbidden', { causes }) };
  const refused = ({ path }: FakeRequest): Answer => (path.includes('/namespaces/operator/') ? {} : refusal);

  it.each<[string, Answer]>([
    ['is being deleted', refusal],
    ['is gone', { status: 404, body: statusOf(404, 'NotFound') }],
  ])('because it %s is written to the operator’s own, about the same object', async (_why, reply) => {
    const { recorder, written, results } = build((_request, index) => (index === 0 ? reply : {}), {
      ownNamespace: 'operator',
    });
    recorder.record(web);
    await settle();
    expect(written.map(({ path }) => path)).toEqual([
      '/apis/events.k8s.io/v1/namespaces/shop/events',
      '/apis/events.k8s.io/v1/namespaces/operator/events',
    ]);
    expect(written[1]!.body).toMatchObject({ metadata: { namespace: 'operator' }, regarding: web.regarding });
    expect(results).toEqual(['written']);
  });

  it('is counted there', async () => {
    const { recorder, written } = build(refused, { ownNamespace: 'operator' });
    recorder.record(web);
    await settle();
    recorder.record(web);
    await settle();
    expect(written.at(-1)).toMatchObject({
      method: 'PATCH',
      path: '/apis/events.k8s.io/v1/namespaces/operator/events/web.0000000000004000',
    });
  });

  it('is lost when the operator knows no namespace of its own, or that one takes none either', async () => {
    for (const ownNamespace of [undefined, 'shop', 'going']) {
      const { recorder, results } = build(refused, { ownNamespace });
      recorder.record(web);
      await settle();
      expect(results).toEqual(['failed']);
    }
  });

  it('is lost when the operator has no rights: that is another 403', async () => {
    const { recorder, written, results } = build(() => ({ status: 403, body: statusOf(403, 'Forbidden') }), {
      ownNamespace: 'operator',
    });
    recorder.record(web);
    await settle();
    expect(written).toHaveLength(1);
    expect(results).toEqual(['failed']);
  });
});

describe('an event for operators', () => {
  const important = { ...web, forOperators: true };
  const namespacesOf = (written: readonly FakeRequest[]) => written.map(({ path }) => path.split('/')[5]);

  it('is written to the operator’s own namespace as well, about the same object', async () => {
    const { recorder, written, bodies } = build(undefined, { ownNamespace: 'operator' });
    recorder.record(important);
    await settle();
    expect(namespacesOf(written)).toEqual(['shop', 'operator']);
    expect(bodies().map(({ regarding }) => regarding)).toEqual([web.regarding, web.regarding]);
  });

  it.each(['shop', undefined])('is written once where the operator’s own namespace is %s', async (ownNamespace) => {
    const { recorder, written } = build(undefined, { ownNamespace });
    recorder.record(important);
    await settle();
    expect(namespacesOf(written)).toEqual(['shop']);
  });

  it('is written once to the operator’s own where that of its object takes none any more', async () => {
    const gone: Answer = { status: 404, body: statusOf(404, 'NotFound') };
    const answer = ({ path }: FakeRequest): Answer => (path.includes('/namespaces/operator/') ? {} : gone);
    const { recorder, written } = build(answer, { ownNamespace: 'operator' });
    recorder.record(important);
    await settle();
    expect(namespacesOf(written)).toEqual(['shop', 'operator']);
  });
});

describe('the rate limit', () => {
  const flood = (recorder: EventRecorder, count: number, from = 0) => {
    for (let index = from; index < from + count; index++) recorder.record({ ...web, reason: `Number${index}` });
  };

  it('lets 25 events of an object through at once, then one each five minutes', async () => {
    const { clock, recorder, written, results } = build();
    flood(recorder, 40);
    await clock.advance(299_999);
    expect(written).toHaveLength(25);
    expect(results.filter((result) => result === 'suppressed')).toHaveLength(15);
    await clock.advance(1);
    flood(recorder, 2, 100);
    await settle();
    expect(written).toHaveLength(26);
  });

  it('is each object’s own', async () => {
    const { recorder, written } = build();
    flood(recorder, 30);
    recorder.record({ ...web, regarding: { ...web.regarding, name: 'other', uid: 'u2' } });
    await settle();
    expect(written).toHaveLength(26);
  });

  it('counts what it holds back, and tells it with the next that it lets through', async () => {
    const { clock, recorder, bodies } = build();
    for (let times = 0; times < 40; times++) {
      recorder.record(web);
      await settle();
    }
    await clock.advance(300_000);
    recorder.record(web);
    await settle();
    expect(bodies().at(-1)).toEqual({ series: { count: 41, lastObservedTime: '2026-01-01T00:05:00.000000Z' } });
  });
});

describe('trouble', () => {
  it('that passes is waited out, three times at most', async () => {
    const { clock, recorder, results, written } = build((_request, index) => (index < 2 ? { status: 503 } : {}));
    recorder.record(web);
    await clock.advance(3_000);
    expect(results).toEqual(['written']);
    expect(written).toHaveLength(3);
  });

  it('that lost an answer writes no second event', async () => {
    const { clock, recorder, results, written } = build((_request, index) =>
      index === 0 ? 'hang' : { status: 409, body: statusOf(409, 'AlreadyExists') },
    );
    recorder.record(web);
    await clock.advance(11_000);
    expect(results).toEqual(['written']);
    expect(new Set(written.map(({ body }) => (body as EventObject).metadata.name)).size).toBe(1);
  });

  it('that does not pass loses the event, and nothing else', async () => {
    const { clock, recorder, results, written } = build((_request, index) => (index < 3 ? { status: 503 } : {}));
    recorder.record(web);
    recorder.record({ ...web, note: 'another' });
    await clock.advance(3_000);
    expect(results).toEqual(['failed', 'written']);
    expect(written).toHaveLength(4);
  });

  it('that will not pass is not tried again', async () => {
    const { clock, recorder, results, written } = build(() => ({ status: 403, body: statusOf(403, 'Forbidden') }));
    recorder.record(web);
    await clock.advance(60_000);
    expect(results).toEqual(['failed']);
    expect(written).toHaveLength(1);
  });

  it('never makes recording wait or throw, and never keeps more than 1,000 events', async () => {
    const { clock, recorder, results } = build(() => 'hang');
    for (let index = 0; index < 1_200; index++) {
      recorder.record({ ...web, regarding: { ...web.regarding, name: `w${index}`, uid: `u${index}` } });
    }
    await clock.advance(1);
    expect(results.filter((result) => result === 'dropped')).toHaveLength(199);
  });
});

describe('stopping', () => {
  it('writes what is left, and takes no more', async () => {
    const { clock, recorder, written } = build();
    recorder.record(web);
    recorder.record({ ...web, note: 'another' });
    const stopping = recorder.stop(5_000);
    recorder.record({ ...web, note: 'too late' });
    await stopping;
    expect(written).toHaveLength(2);
    expect(clock.pending).toBe(0);
  });

  it('gives up what is left when the time is up', async () => {
    const { clock, recorder, results } = build(() => 'hang');
    recorder.record(web);
    recorder.record({ ...web, note: 'another' });
    const stopping = recorder.stop(5_000);
    await clock.advance(5_000);
    await stopping;
    expect(results).toEqual(['failed', 'failed']);
    expect(clock.pending).toBe(0);
  });
});
