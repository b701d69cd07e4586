import { describe, expect, it } from 'vitest';

import { seededRandom, settle } from '../runtime/virtual-clock.ts';
import { listOf, statusOf, widget } from './builders.ts';
import { connectionError } from './fake-server.ts';
import { bench } from './reflector-bench.ts';

const gone = { status: 410, body: statusOf(410, 'Expired') };
const errorEvent = (code: number, reason: string) => ({ type: 'ERROR', object: statusOf(code, reason) });
/** The middle of the first back-off: half of 800 ms with the bench's randomness. */
const firstPauseMs = 400;

describe('a list that fails', () => {
  it('leaves the reflector unsynced, and is tried again with back-off', async () => {
    const { start, clock, heard, listed, reflector } = bench({
      lists: [{ status: 500 }, connectionError('ECONNREFUSED'), { body: listOf(10, [widget('a', 1)]) }],
    });
    await start();
    expect(reflector.synced()).toBe(false);
    expect(reflector.state()).toBe('backoff');
    await clock.advance(firstPauseMs);
    expect(listed()).toHaveLength(2);
    await clock.advance(2 * firstPauseMs);
    expect(reflector.synced()).toBe(true);
    expect(heard).toEqual(['added uid-a@1 by list']);
  });

  it('after the first one changes nothing of what is known: nothing is ever "all deleted"', async () => {
    const broken = [
      { status: 500 },
      { status: 200, body: '<html>' },
      { status: 200, body: { ...listOf(20), items: null } },
      { status: 403, body: statusOf(403, 'Forbidden') },
      { status: 404, body: statusOf(404, 'NotFound') },
      connectionError('ECONNRESET'),
    ];
    const { start, clock, stream, heard, held, listed, reflector } = bench({
      lists: [{ body: listOf(10, [widget('a', 1)]) }, ...broken],
    });
    await start();
    stream().send(errorEvent(410, 'Expired'));
    await clock.advance(60_000);
    expect(listed().length).toBeGreaterThan(broken.length);
    expect(reflector.synced()).toBe(true);
    expect(held()).toEqual(['uid-a@1']);
    expect(heard).toEqual(['added uid-a@1 by list']);
  });

  it('in the middle of its pages changes nothing', async () => {
    const { start, clock, stream, held, observed } = bench({
      lists: [
        { body: listOf(10, [widget('a', 1), widget('b', 2)]) },
        { body: listOf(20, [widget('a', 1)], 'more') },
        { status: 503 },
      ],
    });
    await start();
    stream().send(errorEvent(410, 'Expired'));
    await clock.advance(10_000);
    expect(held()).toEqual(['uid-a@1', 'uid-b@2']);
    expect(observed).toContain('failed: unavailable');
  });

  it('waits as long as the server asks', async () => {
    const { start, clock, listed } = bench({
      lists: [{ status: 429, headers: { 'retry-after': '9' } }, { body: listOf(10) }],
    });
    await start();
    await clock.advance(8_999);
    expect(listed()).toHaveLength(1);
    await clock.advance(1);
    expect(listed()).toHaveLength(2);
  });
});

describe('a watch that is refused', () => {
  it('is tried again from the same version', async () => {
    const { start, clock, watched, listed, reflector } = bench({
      watches: [{ status: 500 }, connectionError('ECONNREFUSED')],
    });
    await start();
    expect(reflector.state()).toBe('backoff');
    await clock.advance(10_000);
    expect(watched().map(({ query }) => query['resourceVersion'])).toEqual(['10', '10', '10']);
    expect(listed()).toHaveLength(1);
    expect(reflector.state()).toBe('live');
  });

  it('more than twice in a row leads to a list', async () => {
    const { start, clock, watched, listed } = bench({
      watches: Array<{ status: number }>(3).fill({ status: 500 }),
      lists: [{ body: listOf(10) }, { body: listOf(20) }],
    });
    await start();
    await clock.advance(60_000);
    expect(watched().map(({ query }) => query['resourceVersion'])).toEqual(['10', '10', '10', '20']);
    expect(listed()).toHaveLength(2);
  });

  it('for a reason that will not pass by itself leads to a list', async () => {
    const { start, clock, listed, observed } = bench({ watches: [{ status: 404, body: statusOf(404, 'NotFound') }] });
    await start();
    await clock.advance(firstPauseMs);
    expect(listed()).toHaveLength(2);
    expect(observed).toContain('failed: notFound');
  });

  it('with 410 leads to a list at once', async () => {
    const { start, listed, watched } = bench({ watches: [gone], lists: [{ body: listOf(10) }, { body: listOf(20) }] });
    await start();
    expect(listed()).toHaveLength(2);
    expect(watched().map(({ query }) => query['resourceVersion'])).toEqual(['10', '20']);
  });

  it('with 410 again and again leads to lists with back-off', async () => {
    const { start, clock, listed } = bench({ watches: Array<typeof gone>(1_000).fill(gone), random: seededRandom() });
    await start();
    await clock.advance(600_000);
    expect(listed().length).toBeLessThan(80);
  });
});

describe('an ERROR event', () => {
  it('of 410 leads to a list at once, whose differences are told', async () => {
    const { start, stream, heard } = bench({
      lists: [{ body: listOf(10, [widget('a', 1), widget('b', 2)]) }, { body: listOf(20, [widget('a', 11)]) }],
    });
    await start();
    stream().send(errorEvent(410, 'Gone'));
    await settle();
    expect(heard.slice(2)).toEqual(['deleted uid-b@2 by list', 'updated uid-a@11 by list']);
  });

  it('of anything else leads to a list after a back-off', async () => {
    const { start, clock, stream, listed, reflector } = bench();
    await start();
    stream().send(errorEvent(500, 'InternalError'));
    await settle();
    expect(reflector.state()).toBe('backoff');
    expect(listed()).toHaveLength(1);
    await clock.advance(firstPauseMs);
    expect(listed()).toHaveLength(2);
  });

  it('lets the connection go', async () => {
    const { start, stream } = bench();
    await start();
    const first = stream();
    first.send(errorEvent(410, 'Gone'));
    await settle();
    expect(first.aborted).toBe(true);
  });
});

describe('a connection', () => {
  it('that breaks is made again, from the last version', async () => {
    const { start, clock, stream, watched } = bench();
    await start();
    stream().send({ type: 'ADDED', object: widget('a', 11) });
    await settle();
    stream().break();
    await clock.advance(firstPauseMs);
    expect(watched().map(({ query }) => query['resourceVersion'])).toEqual(['10', '11']);
  });

  it('that is half-open is given up five seconds after the server should have ended the watch', async () => {
    const { start, clock, stream, watched, observed } = bench();
    await start();
    const first = stream();
    await clock.advance(269_999);
    expect(first.aborted).toBe(false);
    await clock.advance(1);
    expect(first.aborted).toBe(true);
    expect(observed).toContain('failed: timeout');
    await clock.advance(firstPauseMs);
    expect(watched()).toHaveLength(2);
  });

  it('that is half-open before the watch is accepted is given up after 30 s', async () => {
    const { start, clock, watched } = bench({ watches: ['hang'] });
    await start();
    await clock.advance(30_000 + firstPauseMs);
    expect(watched()).toHaveLength(2);
  });

  it('that the server closes at once, again and again, is not made in a tight loop', async () => {
    const { start, clock, stream, watched } = bench({ random: seededRandom() });
    await start();
    for (let second = 0; second < 600; second++) {
      if (!stream().aborted) {
        try {
          stream().end();
        } catch {
          // Ended before.
        }
      }
      await clock.advance(1_000);
    }
    expect(watched().length).toBeLessThan(100);
  });
});

describe('the back-off', () => {
  it('starts anew after a watch was open for two minutes', async () => {
    const { start, clock, stream, watched } = bench({ watches: Array<Error>(6).fill(connectionError('ECONNREFUSED')) });
    await start();
    await clock.advance(60_000);
    expect(watched()).toHaveLength(7);
    await clock.advance(120_000);
    stream().break();
    await clock.advance(firstPauseMs);
    expect(watched()).toHaveLength(8);
  });

  it('goes on growing when watches break sooner', async () => {
    const { start, clock, stream, watched } = bench({ watches: Array<Error>(3).fill(connectionError('ECONNREFUSED')) });
    await start();
    await clock.advance(60_000);
    stream().break();
    await clock.advance(7 * firstPauseMs);
    expect(watched()).toHaveLength(4);
    await clock.advance(firstPauseMs);
    expect(watched()).toHaveLength(5);
  });
});

describe('an object deleted and made anew while disconnected', () => {
  it('is told of as both', async () => {
    const { start, stream, heard } = bench({
      lists: [{ body: listOf(10, [widget('web', 5, 'old')]) }, { body: listOf(20, [widget('web', 15, 'new')]) }],
    });
    await start();
    stream().send(errorEvent(410, 'Expired'));
    await settle();
    expect(heard).toEqual(['added old@5 by list', 'deleted old@5 by list', 'added new@15 by list']);
  });
});

describe('a handler that throws', () => {
  it('is logged and counted, and neither loses the event nor ends the watch', async () => {
    const { start, stream, held, heard, observed, logger } = bench({
      handler: {
        added: ({ metadata }) => {
          if (metadata.name === 'bad') throw new Error('a defect');
        },
      },
    });
    await start();
    stream().send({ type: 'ADDED', object: widget('bad', 11) }, { type: 'ADDED', object: widget('good', 12) });
    stream().send({ type: 'MODIFIED', object: widget('bad', 13) });
    await settle();
    expect(held()).toEqual(['uid-bad@13', 'uid-good@12']);
    expect(heard).toEqual(['updated uid-bad@13 by watch']);
    expect(observed).toEqual(['listed 0', 'handler threw']);
    expect(logger.entries.find(({ level }) => level === 'error')).toMatchObject({
      fields: { resource: 'widgets', key: 'shop/bad', error: { message: 'a defect' } },
    });
  });

  it('does not keep a list from being complete', async () => {
    const { start, reflector } = bench({
      lists: [{ body: listOf(10, [widget('bad', 1), widget('good', 2)]) }],
      handler: {
        added: () => {
          throw new Error('a defect');
        },
      },
    });
    await start();
    expect(reflector.synced()).toBe(true);
    expect(reflector.size).toBe(2);
  });
});

describe('a stop', () => {
  it('before the first answer ends the request, and no late answer is taken', async () => {
    const { promise, resolve } = Promise.withResolvers<{ body: unknown }>();
    const { clock, heard, listed, reflector } = bench({ lists: [promise as never] });
    reflector.start();
    await settle();
    const stopping = reflector.stop();
    expect(listed()[0]!.aborted()).toBe(true);
    resolve({ body: listOf(10, [widget('a', 1)]) });
    await stopping;
    await settle();
    expect(heard).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('before the headers of a watch have come ends it', async () => {
    const { start, clock, watched, reflector } = bench({ watches: ['hang'] });
    await start();
    await reflector.stop();
    expect(watched()[0]!.aborted()).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('between events lets no further one through, even of the same chunk', async () => {
    const { start, stream, heard, reflector } = bench({
      handler: {
        added: ({ metadata }, source) => void (heard.push(`${metadata.name} by ${source}`), reflector.stop()),
      },
    });
    await start();
    stream().send({ type: 'ADDED', object: widget('a', 11) }, { type: 'ADDED', object: widget('b', 12) });
    await settle();
    expect(heard).toEqual(['a by watch']);
    expect(stream().aborted).toBe(true);
  });

  it('within the telling of a list lets no further object through', async () => {
    const { start, heard, reflector } = bench({
      lists: [{ body: listOf(10, [widget('a', 1), widget('b', 2)]) }],
      handler: {
        added: ({ metadata }, source) => void (heard.push(`${metadata.name} by ${source}`), reflector.stop()),
      },
    });
    await start();
    expect(heard).toEqual(['a by list']);
  });

  it('during a back-off opens nothing afterwards', async () => {
    const { start, clock, listed, reflector } = bench({ lists: [{ status: 500 }] });
    await start();
    await reflector.stop();
    await clock.advance(60_000);
    expect(listed()).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it('before the start keeps it from starting', async () => {
    const { start, listed, reflector } = bench();
    await reflector.stop();
    await start();
    expect(listed()).toEqual([]);
  });
});
