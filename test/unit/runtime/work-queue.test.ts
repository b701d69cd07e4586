import { describe, expect, it } from 'vitest';

import { WorkQueue, type WorkQueueObserver } from '../../../src/runtime/work-queue.ts';
import { fixedRandom, settle, VirtualClock } from './virtual-clock.ts';

const build = (random = fixedRandom(0.5), observer?: WorkQueueObserver) => {
  const clock = new VirtualClock();
  return { clock, queue: new WorkQueue<string>({ clock, random, observer }) };
};

/** Takes and finishes all that is ready, in order. */
const takeAll = async (queue: WorkQueue<string>): Promise<readonly string[]> => {
  const taken: string[] = [];
  while (queue.depth() > 0) {
    const key = (await queue.get())!;
    taken.push(key);
    queue.done(key);
  }
  return taken;
};

describe('adding', () => {
  it('gives out keys in the order in which they were added', async () => {
    const { queue } = build();
    for (const key of ['b', 'a', 'c']) queue.add(key);
    expect(await takeAll(queue)).toEqual(['b', 'a', 'c']);
  });

  it('gives out a key once, however often it was added', async () => {
    const { queue } = build();
    for (const key of ['a', 'b', 'a', 'a']) queue.add(key);
    expect(await takeAll(queue)).toEqual(['a', 'b']);
  });

  it('gives out keys of high priority first', async () => {
    const { queue } = build();
    queue.add('resync', { priority: 'low' });
    queue.add('changed', { priority: 'high' });
    expect(await takeAll(queue)).toEqual(['changed', 'resync']);
  });

  it('raises a key to high priority, and never lowers it', async () => {
    const { queue } = build();
    for (const key of ['a', 'b', 'c']) queue.add(key, { priority: 'low' });
    queue.add('c');
    queue.add('c', { priority: 'low' });
    expect(await takeAll(queue)).toEqual(['c', 'a', 'b']);
  });

  it('keeps the place of a key of low priority that is added again', async () => {
    const { queue } = build();
    for (const key of ['a', 'b', 'a']) queue.add(key, { priority: 'low' });
    expect(await takeAll(queue)).toEqual(['a', 'b']);
  });
});

describe('workers', () => {
  it('never have the same key twice', async () => {
    const { queue } = build();
    queue.add('a');
    expect(await queue.get()).toBe('a');
    queue.add('a');
    let second: string | undefined;
    const waiting = queue.get().then((key) => (second = key));
    await settle();
    expect(second).toBeUndefined();
    queue.done('a');
    await waiting;
    expect(second).toBe('a');
  });

  it('get a key once more that was added, even often, while it was worked on', async () => {
    const { queue } = build();
    queue.add('a');
    await queue.get();
    queue.add('a', { priority: 'low' });
    queue.add('a', { priority: 'high' });
    queue.add('a', { priority: 'low' });
    queue.add('b');
    queue.done('a');
    expect(await takeAll(queue)).toEqual(['b', 'a']);
  });

  it('are served in the order in which they came', async () => {
    const { queue } = build();
    const got = [queue.get(), queue.get()];
    queue.add('a');
    queue.add('b');
    expect(await Promise.all(got)).toEqual(['a', 'b']);
  });

  it('leave with nothing when their signal aborts, and take no key with them', async () => {
    const { queue } = build();
    const controller = new AbortController();
    const leaving = queue.get(controller.signal);
    const staying = queue.get();
    controller.abort();
    queue.add('a');
    expect(await leaving).toBeUndefined();
    expect(await staying).toBe('a');
    expect(await queue.get(controller.signal)).toBeUndefined();
  });

  it('keep a key that they got before their signal aborted', async () => {
    const { queue } = build();
    const controller = new AbortController();
    queue.add('a');
    const getting = queue.get(controller.signal);
    controller.abort();
    expect(await getting).toBe('a');
  });

  it('may finish with a key that they do not have', () => {
    const { queue } = build();
    queue.done('a');
    expect(queue.depth()).toBe(0);
  });
});

describe('delays', () => {
  it('keep the earliest of several times', async () => {
    const { clock, queue } = build();
    queue.addAfter('a', 500);
    queue.addAfter('a', 200);
    queue.addAfter('a', 900);
    await clock.advance(199);
    expect(queue.depth()).toBe(0);
    await clock.advance(1);
    expect(await takeAll(queue)).toEqual(['a']);
    await clock.advance(10_000);
    expect(queue.depth()).toBe(0);
  });

  it('of nothing are none', async () => {
    const { queue } = build();
    queue.addAfter('a', 0);
    expect(await takeAll(queue)).toEqual(['a']);
  });

  it('are satisfied by adding the key at once', async () => {
    const { clock, queue } = build();
    queue.addAfter('a', 500);
    queue.add('a');
    expect(await takeAll(queue)).toEqual(['a']);
    await clock.advance(1_000);
    expect(queue.depth()).toBe(0);
  });

  it('do nothing for a key that waits already, or comes again anyway', async () => {
    const { clock, queue } = build();
    queue.add('a');
    queue.addAfter('a', 500);
    await queue.get();
    queue.add('a');
    queue.addAfter('a', 500);
    queue.done('a');
    expect(await takeAll(queue)).toEqual(['a']);
    await clock.advance(1_000);
    expect(queue.depth()).toBe(0);
  });

  it('may end while the key is worked on: it comes once more', async () => {
    const { clock, queue } = build();
    queue.add('a');
    await queue.get();
    queue.addAfter('a', 100);
    await clock.advance(100);
    expect(queue.depth()).toBe(0);
    queue.done('a');
    expect(await takeAll(queue)).toEqual(['a']);
  });

  it('take one timer for all keys', async () => {
    const { clock, queue } = build();
    for (let index = 0; index < 1_000; index++) queue.addAfter(`key-${index}`, 1_000 + index);
    expect(clock.pending).toBe(1);
    await clock.advance(1_499);
    expect(queue.depth()).toBe(500);
    expect(clock.pending).toBe(1);
    await clock.advance(500);
    expect(queue.depth()).toBe(1_000);
    expect(clock.pending).toBe(0);
  });

  it('are of low priority unless told otherwise, and keep a high one', async () => {
    const { clock, queue } = build();
    queue.addAfter('low', 100);
    queue.addAfter('high', 100);
    queue.addAfter('high', 200, { priority: 'high' });
    queue.addAfter('at once', 100, { priority: 'high' });
    queue.add('at once', { priority: 'low' });
    await clock.advance(100);
    expect(await takeAll(queue)).toEqual(['at once', 'high', 'low']);
  });
});

describe('back-off', () => {
  const delays = (queue: WorkQueue<string>, times: number) =>
    Array.from({ length: times }, () => queue.addRateLimited('a'));

  it('doubles from one second up to five minutes', () => {
    const { queue } = build(fixedRandom(0.5));
    expect(delays(queue, 11).map((ms) => ms / 1_000)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
  });

  it('varies by a fifth either way', () => {
    expect(delays(build(fixedRandom(0)).queue, 3)).toEqual([800, 1_600, 3_200]);
    expect(delays(build(fixedRandom(0.999999)).queue, 1)[0]).toBeCloseTo(1_200, 1);
  });

  it('starts again after the key was forgotten', () => {
    const { queue } = build();
    delays(queue, 5);
    queue.forget('a');
    expect(queue.addRateLimited('a')).toBe(1_000);
  });

  it('brings the key back', async () => {
    const { clock, queue } = build();
    queue.addRateLimited('a');
    await clock.advance(1_000);
    expect(await takeAll(queue)).toEqual(['a']);
  });
});

describe('shutting down', () => {
  it('lets idle workers go, and drops what waits', async () => {
    const { clock, queue } = build();
    const idle = queue.get();
    queue.addAfter('later', 100);
    queue.shutDown();
    expect(await idle).toBeUndefined();
    expect(clock.pending).toBe(0);
    queue.add('a');
    queue.addAfter('a', 100);
    expect(queue.depth()).toBe(0);
    expect(await queue.get()).toBeUndefined();
  });

  it('waits for the keys that are being worked on, and takes none of them up again', async () => {
    const { queue } = build();
    queue.add('a');
    queue.add('b');
    await queue.get();
    await queue.get();
    queue.add('a');
    let drained = false;
    const draining = queue.drain().then(() => (drained = true));
    queue.done('a');
    await settle();
    expect(drained).toBe(false);
    queue.done('b');
    await draining;
    expect(queue.depth()).toBe(0);
  });

  it('is done at once when nothing is being worked on', async () => {
    const { queue } = build();
    queue.add('a');
    await queue.drain();
    expect(await queue.get()).toBeUndefined();
  });
});

describe('observation', () => {
  it('tells of each key added, taken and done, and of how long that took', async () => {
    const seen: string[] = [];
    const { clock, queue } = build(fixedRandom(0.5), {
      added: () => seen.push('added'),
      taken: (ms) => seen.push(`taken after ${ms}`),
      done: (ms) => seen.push(`done after ${ms}`),
      retried: () => seen.push('retried'),
    });
    queue.add('a', { priority: 'low' });
    queue.add('a');
    await clock.advance(30);
    await queue.get();
    queue.add('a');
    queue.add('a');
    await clock.advance(70);
    expect(queue.runningMs()).toEqual([70]);
    queue.done('a');
    queue.addRateLimited('b');
    expect(seen).toEqual(['added', 'taken after 30', 'added', 'done after 70', 'retried']);
  });

  it('tells of each time that a key is added to come later', () => {
    let retried = 0;
    const observer = { added: () => undefined, taken: () => undefined, done: () => undefined };
    const { queue } = build(fixedRandom(0.5), { ...observer, retried: () => (retried += 1) });
    queue.addAfter('a', 100);
    queue.addAfter('a', 200);
    queue.addAfter('b', 0);
    expect(retried).toBe(2);
  });

  it('tells how many keys of a priority wait', () => {
    const { queue } = build();
    queue.add('a');
    queue.add('b', { priority: 'low' });
    queue.add('c', { priority: 'low' });
    expect([queue.depth('high'), queue.depth('low'), queue.depth()]).toEqual([1, 2, 3]);
  });
});
