import { describe, expect, it } from 'vitest';

import { settle } from '../runtime/virtual-clock.ts';
import { collectionPath, listOf, statusOf, widget } from './builders.ts';
import { FakeStream } from './fake-server.ts';
import { bench } from './reflector-bench.ts';

const bookmark = (version: number) => ({ type: 'BOOKMARK', object: { metadata: { resourceVersion: `${version}` } } });

describe('a start', () => {
  it('lists by quorum in pages of 500, then watches from there with bookmarks for 240 to 290 s', async () => {
    const { start, listed, watched, heard, reflector } = bench({
      lists: [{ body: listOf(10, [widget('a', 1)], 'more') }, { body: listOf(10, [widget('b', 2)]) }],
    });
    expect(reflector.synced()).toBe(false);
    await start();
    expect(listed().map(({ path, query }) => ({ path, query }))).toEqual([
      { path: collectionPath, query: { limit: '500' } },
      { path: collectionPath, query: { limit: '500', continue: 'more' } },
    ]);
    expect(watched().map(({ query }) => query)).toEqual([
      { watch: 'true', allowWatchBookmarks: 'true', resourceVersion: '10', timeoutSeconds: '265' },
    ]);
    expect(heard).toEqual(['added uid-a@1 by list', 'added uid-b@2 by list']);
    expect(reflector.state()).toBe('live');
    expect(reflector.synced()).toBe(true);
  });

  it('asks for one namespace where it is told to', async () => {
    const { start, listed, watched } = bench({ namespace: 'shop' });
    await start();
    for (const { path } of [...listed(), ...watched()])
      expect(path).toBe('/apis/test.example/v1/namespaces/shop/widgets');
  });

  it('twice is one', async () => {
    const { start, watched, reflector } = bench();
    reflector.start();
    await start();
    expect(watched()).toHaveLength(1);
  });

  it('asks for everything in one piece when the pages expire while they are fetched', async () => {
    const { start, listed, held } = bench({
      lists: [
        { body: listOf(10, [widget('gone', 1)], 'more') },
        { status: 410, body: statusOf(410, 'Expired') },
        { body: listOf(20, [widget('a', 11), widget('b', 12)]) },
      ],
    });
    await start();
    expect(listed()[2]!.query).toEqual({});
    expect(held()).toEqual(['uid-a@11', 'uid-b@12']);
  });

  it('keeps nobody waiting for more than 500 objects, and is synced when all are told of', async () => {
    const items = Array.from({ length: 1100 }, (_, index) => widget(`w${index}`, 1));
    const { start, clock, heard, reflector } = bench({ lists: [{ body: listOf(10, items) }] });
    const toldBeforeTurns: number[] = [];
    clock.turn = () => {
      toldBeforeTurns.push(heard.length);
      expect(reflector.synced()).toBe(false);
      return Promise.resolve();
    };
    await start();
    expect(toldBeforeTurns).toEqual([500, 1000]);
    expect(heard).toHaveLength(1100);
    expect(reflector.synced()).toBe(true);
  });

  it('tells of no more when it is stopped in between', async () => {
    const items = Array.from({ length: 1100 }, (_, index) => widget(`w${index}`, 1));
    const { start, clock, heard, reflector } = bench({ lists: [{ body: listOf(10, items) }] });
    clock.turn = () => {
      void reflector.stop();
      return Promise.resolve();
    };
    await start();
    expect(heard).toHaveLength(500);
  });
});

describe('watching', () => {
  it('tells the handler of every event, after the store has it', async () => {
    const sizes: number[] = [];
    const { start, stream, heard, reflector } = bench({ handler: { deleted: () => void sizes.push(reflector.size) } });
    await start();
    stream().send(
      { type: 'ADDED', object: widget('web', 11) },
      { type: 'MODIFIED', object: widget('web', 12) },
      { type: 'DELETED', object: widget('web', 13) },
    );
    await settle();
    expect(heard).toEqual(['added uid-web@11 by watch', 'updated uid-web@12 by watch']);
    expect(sizes).toEqual([0]);
  });

  it('goes on from the last version, without a pause, when the server ends a watch in time', async () => {
    const { clock, start, stream, watched, listed, observed } = bench();
    await start();
    stream().send({ type: 'ADDED', object: widget('web', 11) }, bookmark(25));
    await clock.advance(250_000);
    stream().end();
    await settle();
    expect(watched().map(({ query }) => query['resourceVersion'])).toEqual(['10', '25']);
    expect(listed()).toHaveLength(1);
    expect(observed).toContain('watch ended after 2 events, 250 s');
  });

  it('goes on from an event that no bookmark followed', async () => {
    const { clock, start, stream, watched } = bench();
    await start();
    stream().send(bookmark(11), { type: 'DELETED', object: widget('web', 12) });
    await clock.advance(250_000);
    stream().end();
    await settle();
    expect(watched()[1]!.query['resourceVersion']).toBe('12');
  });

  it('lists anew after a watch in which nothing was heard, not even a bookmark', async () => {
    const { clock, start, stream, listed, watched } = bench({ lists: [{ body: listOf(90) }, { body: listOf(20) }] });
    await start();
    await clock.advance(265_000);
    stream().end();
    await settle();
    expect(listed()).toHaveLength(2);
    expect(watched().map(({ query }) => query['resourceVersion'])).toEqual(['90', '20']);
  });

  it('remembers when the server was last heard of, and is stale after three watches of silence', async () => {
    const { clock, start, stream, reflector } = bench({
      lists: [{ body: listOf(10) }, 'hang'],
      watches: [new FakeStream(), ...Array<'hang'>(100).fill('hang')],
    });
    expect(reflector.lastActivity()).toBe(0);
    expect(reflector.isStale()).toBe(true);
    await start();
    await clock.advance(60_000);
    stream().send(bookmark(12));
    await settle();
    expect(reflector.lastActivity()).toBe(clock.now());
    await clock.advance(885_000);
    expect(reflector.isStale()).toBe(false);
    await clock.advance(1);
    expect(reflector.isStale()).toBe(true);
  });
});

describe('an own write', () => {
  it('is in the store at once, told of once, and not undone by an older event', async () => {
    const { start, stream, heard, held, reflector } = bench({ lists: [{ body: listOf(10, [widget('web', 5)]) }] });
    await start();
    reflector.noteWrite(widget('web', 12));
    stream().send({ type: 'MODIFIED', object: widget('web', 11) }, { type: 'MODIFIED', object: widget('web', 12) });
    await settle();
    expect(heard).toEqual(['added uid-web@5 by list', 'updated uid-web@12 by write']);
    expect(held()).toEqual(['uid-web@12']);
  });

  it('of a deletion is too', async () => {
    const { start, stream, heard, held, reflector } = bench({ lists: [{ body: listOf(10, [widget('web', 5)]) }] });
    await start();
    reflector.noteDeletion(widget('web', 5));
    stream().send({ type: 'MODIFIED', object: widget('web', 11) });
    await settle();
    expect(heard).toEqual(['added uid-web@5 by list', 'deleted uid-web@5 by write']);
    expect(held()).toEqual([]);
  });

  it('in a namespace that is not watched is none of its business', async () => {
    const { start, held, reflector } = bench({ namespace: 'other' });
    await start();
    reflector.noteWrite(widget('web', 12));
    expect(held()).toEqual([]);
  });

  it('after the stop is told to nobody', async () => {
    const { start, heard, reflector } = bench();
    await start();
    await reflector.stop();
    reflector.noteWrite(widget('web', 12));
    expect(heard).toEqual([]);
  });
});

describe('a wanted list', () => {
  const lists = [{ body: listOf(10, [widget('a', 1)]) }, { body: listOf(20, [widget('a', 11)]) }];

  it('ends the watch, and is told of when it is in the store', async () => {
    const { start, held, heard, watched, reflector } = bench({ lists });
    await start();
    expect(await reflector.relist()).toBe(true);
    expect(held()).toEqual(['uid-a@11']);
    expect(heard).toEqual(['added uid-a@1 by list', 'updated uid-a@11 by list']);
    await settle();
    expect(watched().map(({ query }) => query['resourceVersion'])).toEqual(['10', '20']);
  });

  it('is one that was begun after the call', async () => {
    const { listed, reflector } = bench({ lists });
    reflector.start();
    await reflector.relist();
    expect(listed()).toHaveLength(2);
  });

  it('ends a back-off', async () => {
    const { start, listed, reflector } = bench({ lists: [{ status: 500 }, ...lists] });
    await start();
    expect(reflector.state()).toBe('backoff');
    expect(await reflector.relist()).toBe(true);
    expect(listed()).toHaveLength(2);
  });

  it('is tried again when it fails', async () => {
    const { start, clock, reflector } = bench({ lists: [lists[0]!, { status: 500 }, lists[1]!] });
    await start();
    const relisting = reflector.relist();
    await clock.advance(800);
    expect(await relisting).toBe(true);
  });

  it('that comes while the watch is being opened is not forgotten', async () => {
    const { start, listed, reflector } = bench({ lists, watches: ['hang'] });
    await start();
    expect(await reflector.relist()).toBe(true);
    expect(listed()).toHaveLength(2);
  });

  it('is told of at once, so that an own write is never told of before it', async () => {
    const items = (version: number) => Array.from({ length: 600 }, (_, index) => widget(`w${index}`, version));
    const { start, clock, heard, reflector } = bench({
      lists: [{ body: listOf(10, items(1)) }, { body: listOf(20, items(11)) }],
    });
    await start();
    const before = heard.length;
    clock.turn = () => {
      throw new Error('somebody else had a turn');
    };
    expect(await reflector.relist()).toBe(true);
    expect(heard.length - before).toBe(600);
  });

  it('is given up with the signal, or the reflector', async () => {
    const { start, reflector } = bench({ lists: [lists[0]!, 'hang'] });
    await start();
    expect(await reflector.relist(AbortSignal.abort())).toBe(false);
    const relisting = reflector.relist();
    await reflector.stop();
    expect(await relisting).toBe(false);
    expect(await reflector.relist()).toBe(false);
  });
});

describe('waiting for the first list', () => {
  it('ends with it', async () => {
    const { clock, reflector } = bench({ lists: [{ status: 500 }, { body: listOf(10) }] });
    reflector.start();
    const synced = reflector.whenSynced();
    await clock.advance(800);
    expect(await synced).toBe(true);
    expect(await reflector.whenSynced()).toBe(true);
  });

  it('ends with the signal or the stop, and never rejects', async () => {
    const { start, reflector } = bench({ lists: ['hang'] });
    await start();
    const controller = new AbortController();
    const waiting = reflector.whenSynced(controller.signal);
    const alsoWaiting = reflector.whenSynced();
    controller.abort();
    expect(await waiting).toBe(false);
    await reflector.stop();
    expect(await alsoWaiting).toBe(false);
    expect(await reflector.whenSynced()).toBe(false);
  });
});
