import { describe, expect, it } from 'vitest';

import { Availability } from '../../../src/kube/availability.ts';
import { KubeClient } from '../../../src/kube/client.ts';
import { anonymousConnection } from '../../../src/kube/connection.ts';
import { KubeError, type KubeErrorKind } from '../../../src/kube/errors.ts';
import { KubeLease, leaseDescriptor, type LeaseObject } from '../../../src/kube/lease.ts';
import { Reflector } from '../../../src/kube/reflector.ts';
import { ResourceClient } from '../../../src/kube/resource-client.ts';
import { seededRandom, settle, VirtualClock } from '../runtime/virtual-clock.ts';
import { type Entry, recordingLogger } from '../telemetry/recording-logger.ts';
import { listOf, type Widget, widgetDescriptor } from './builders.ts';
import { connectionError, FakeServer, FakeStream } from './fake-server.ts';

const refused = new KubeError('network', 'GET /x: ECONNREFUSED');

const build = () => {
  const clock = new VirtualClock();
  const logger = recordingLogger();
  const availability = new Availability({ clock, logger });
  const told = (): readonly Entry[] => logger.entries.filter(({ level }) => level !== 'debug');
  return { clock, logger, availability, told, levels: () => told().map(({ level }) => level) };
};

/** An outage that has been told. */
const away = async () => {
  const built = build();
  built.availability.failed('calls', refused);
  await built.clock.advance(5_000);
  built.availability.failed('calls', refused);
  return built;
};

describe('an outage', () => {
  it('is told when requests have found no answer for five seconds, with when it began', async () => {
    const { told } = await away();
    expect(told()).toEqual([
      {
        level: 'warn',
        message: 'the API server does not answer; it is asked until it does',
        fields: { since: '2026-01-01T00:00:00.000Z', error: refused },
      },
    ]);
  });

  it('is told once', async () => {
    const { availability, clock, levels } = await away();
    for (let second = 0; second < 600; second++) {
      for (const pool of ['calls', 'watches', 'leases'] as const) availability.failed(pool, refused);
      await clock.advance(1_000);
    }
    expect(levels()).toEqual(['warn']);
  });

  it('is over with an answer, and how long it was is told', async () => {
    const { availability, clock, told } = await away();
    await clock.advance(55_000);
    availability.answered('calls');
    expect(told().slice(1)).toEqual([
      {
        level: 'info',
        message: 'the API server answers again',
        fields: { since: '2026-01-01T00:00:00.000Z', lastedMs: 60_000 },
      },
    ]);
  });

  it('is over with a refusal too, which is an answer', async () => {
    const { availability, levels } = await away();
    availability.failed('calls', new KubeError('forbidden', 'GET /x: Forbidden', { status: 403 }));
    expect(levels()).toEqual(['warn', 'info']);
  });

  it('is not over while others than the one who is answered still are not', async () => {
    const { availability, clock, levels } = await away();
    availability.failed('leases', refused);
    availability.answered('watches');
    availability.answered('calls');
    await clock.advance(10_000);
    availability.failed('leases', refused);
    expect(levels()).toEqual(['warn']);
    availability.answered('leases');
    expect(levels()).toEqual(['warn', 'info']);
  });

  it('does not go on for one who has stopped to ask', async () => {
    const { availability, clock, levels } = await away();
    await clock.advance(120_000);
    availability.answered('watches');
    expect(levels()).toEqual(['warn', 'info']);
  });

  it('can come again, and is told again', async () => {
    const { availability, clock, levels } = await away();
    availability.answered('calls');
    availability.failed('watches', refused);
    await clock.advance(5_000);
    availability.failed('watches', refused);
    expect(levels()).toEqual(['warn', 'info', 'warn']);
  });

  it('is none when anything is answered within five seconds', async () => {
    const { availability, clock, levels } = build();
    for (let second = 0; second < 60; second++) {
      availability.failed('calls', refused);
      if (second % 4 === 0) availability.answered('leases');
      await clock.advance(1_000);
    }
    expect(levels()).toEqual([]);
  });

  it.each<[KubeErrorKind, number | undefined, boolean]>([
    ['network', undefined, true],
    ['timeout', undefined, true],
    ['timeout', 504, true],
    ['unavailable', 502, true],
    ['unavailable', 503, true],
    ['unavailable', 500, false],
    ['throttled', 429, false],
    ['unauthorized', 401, false],
    ['aborted', undefined, false],
    ['credentials', undefined, false],
  ])('is made of failures of kind %s, status %s: %s', async (kind, status, isOutage) => {
    const { availability, clock, levels } = build();
    const error = new KubeError(kind, 'no', status === undefined ? {} : { status });
    for (let attempt = 0; attempt < 10; attempt++) {
      availability.failed('calls', error);
      await clock.advance(1_000);
    }
    expect(levels()).toEqual(isOutage ? ['warn'] : []);
    expect(availability.tellsOf(error)).toBe(isOutage);
  });

  it('answers for its own failures alone, and only while it lasts', async () => {
    const { availability } = await away();
    expect(availability.tellsOf(refused)).toBe(true);
    expect(availability.tellsOf(new KubeError('conflict', 'changed'))).toBe(false);
    expect(availability.tellsOf(new TypeError('a defect'))).toBe(false);
    availability.answered('calls');
    expect(availability.tellsOf(refused)).toBe(false);
  });
});

describe('five minutes without an API server', () => {
  it('are one warning and one line when they are over, whoever asks meanwhile', async () => {
    const { clock, logger, availability, told } = build();
    let isAway = false;
    const streams = new Set<FakeStream>();
    const server = new FakeServer(({ query, method }) => {
      if (isAway) return connectionError('ECONNREFUSED');
      if (method !== 'GET') return { status: 404 };
      if (query['watch'] === undefined) return { body: listOf(10) };
      const stream = new FakeStream();
      streams.add(stream);
      return stream;
    });
    const connection = anonymousConnection('https://kube.test');
    const client = new KubeClient({ connection, clock, dispatcher: server, availability });
    const random = seededRandom();
    const handler = { added: () => {}, updated: () => {}, deleted: () => {} };
    const reflectors = ['a', 'b', 'c'].map((namespace) => {
      const widgets = new ResourceClient<Widget>(client, widgetDescriptor);
      return new Reflector<Widget>({ client: widgets, namespace, handler, clock, random, logger, availability });
    });
    for (const reflector of reflectors) reflector.start();
    await settle();
    const lease = new KubeLease(new ResourceClient<LeaseObject>(client, leaseDescriptor), {
      namespace: 'n',
      name: 'l',
    });
    const ask = async (): Promise<void> => {
      await Promise.allSettled([
        lease.read(new AbortController().signal),
        client.call({ method: 'POST', path: '/apis/test.example/v1/namespaces/a/widgets', body: {} }),
      ]);
    };

    await clock.advance(60_000);
    isAway = true;
    for (const stream of streams) stream.break();
    for (let second = 0; second < 300; second += 5) {
      await ask();
      await clock.advance(5_000);
    }
    isAway = false;
    await clock.advance(60_000);
    await ask();

    expect(told().map(({ level, message }) => [level, message])).toEqual([
      ['warn', 'the API server does not answer; it is asked until it does'],
      ['info', 'the API server answers again'],
    ]);
    expect(told()[0]!.fields['since']).toBe('2026-01-01T00:01:00.000Z');
    expect(told()[1]!.fields['lastedMs']).toBeGreaterThanOrEqual(300_000);
    expect(logger.entries.filter(({ message }) => message === 'lost touch').length).toBeGreaterThan(20);
    expect(reflectors.map((reflector) => reflector.state())).toEqual(['live', 'live', 'live']);
    await Promise.all(reflectors.map((reflector) => reflector.stop()));
    expect(clock.pending).toBe(0);
  });
});
