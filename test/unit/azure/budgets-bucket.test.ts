import { describe, expect, it } from 'vitest';

import { Bucket } from '../../../src/azure/budgets/bucket.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Three tokens, and one more every second. */
const THREE = { capacity: 3, perMs: 1 / SECOND, enforced: true };
const UNENFORCED = { ...THREE, enforced: false };

/** A bucket, and those who want something of it, on a clock that the test moves. */
function line(budget = THREE) {
  const bucket = new Bucket(budget, 0);
  const world = {
    bucket,
    now: 0,
    /** How long it has to wait; when that is not at all, it has what it wanted. */
    ask(key: string, tokens = 1): number {
      const waitMs = bucket.waitMs(key, tokens, world.now);
      if (waitMs === 0) bucket.take(key, tokens, world.now);
      else bucket.keep(key, tokens, world.now + waitMs, world.now + waitMs + 5 * MINUTE);
      return waitMs;
    },
    askAll: (...keys: readonly string[]): readonly number[] => keys.map((key) => world.ask(key)),
    wait(ms: number): void {
      world.now += ms;
    },
  };
  return world;
}

describe('a bucket', () => {
  it('lets as many through at once as it holds, and gives the others places one after another', () => {
    expect(line().askAll('a', 'b', 'c', 'd', 'e')).toEqual([0, 0, 0, 1000, 2000]);
  });

  it('fills up again, but never above what it holds', () => {
    const world = line();
    world.askAll('a', 'b', 'c');
    world.wait(1500);
    const soon = world.askAll('a', 'b');
    world.wait(MINUTE);

    expect(soon).toEqual([0, 500]);
    expect(world.askAll('b', 'c', 'd', 'e')).toEqual([0, 0, 0, 1000]);
  });

  it('lets through who comes again at the time that was told', () => {
    const world = line();
    world.askAll('a', 'b', 'c', 'd', 'e');

    world.wait(1000);
    const first = world.ask('d');
    world.wait(1000);

    expect([first, world.ask('e')]).toEqual([0, 0]);
  });

  it('tells who comes too early the same time again, and keeps the place', () => {
    const world = line();
    world.askAll('a', 'b', 'c', 'd', 'e');
    world.wait(400);

    expect(world.askAll('e', 'd', 'e')).toEqual([1600, 600, 1600]);
  });

  it('keeps the tokens of those who wait from who comes later, also when they are late', () => {
    const world = line();
    world.askAll('a', 'b', 'c', 'd', 'e');
    world.wait(2500);

    expect(world.ask('new')).toBe(500);
    expect(world.askAll('e', 'd')).toEqual([0, 0]);
  });

  it('gives a place to the next when nobody came for it in five minutes', () => {
    const world = line({ ...THREE, capacity: 1 });
    world.askAll('a', 'gone', 'gone too');
    world.wait(3 * MINUTE);
    const before = world.ask('b');
    world.wait(3 * MINUTE);

    expect(before).toBe(2000);
    expect(world.ask('c')).toBe(1000);
    expect(world.ask('b')).toBe(0);
  });

  it('spreads those who come late all at once, in the order of their places', () => {
    const world = line({ ...THREE, capacity: 1 });
    world.askAll('a', 'b', 'c', 'd');
    world.wait(10 * SECOND);

    expect(world.askAll('b', 'c', 'd')).toEqual([0, 1000, 2000]);
  });

  it('gives several tokens at once when they are all there', () => {
    const world = line();
    world.ask('a', 2);

    expect(world.ask('b', 3)).toBe(2000);
    expect(world.ask('c', 1)).toBe(3000);
  });

  it('gives more than it holds when it is full, and makes the next wait for what is owed', () => {
    const world = line();

    expect(world.ask('a', 8)).toBe(0);
    expect(world.ask('b')).toBe(6000);
  });

  it('owes what was drawn without asking', () => {
    const world = line();
    world.bucket.debit(4, 0);

    expect(world.ask('a')).toBe(2000);
  });
});

describe('what Azure says is left', () => {
  it('lowers the bucket', () => {
    const world = line();
    world.bucket.lower(1, 0);

    expect(world.askAll('a', 'b')).toEqual([0, 1000]);
  });

  it('never raises it', () => {
    const world = line();
    world.askAll('a', 'b', 'c');
    world.bucket.lower(100, 0);

    expect(world.ask('d')).toBe(1000);
  });

  it('puts those who wait off by as much, each once', () => {
    const world = line();
    world.askAll('a', 'b', 'c', 'd', 'e');
    world.bucket.lower(-2, 0);
    world.wait(1000);
    const first = world.ask('d');
    world.wait(1000);
    const second = world.ask('e');
    world.wait(1000);
    const again = world.ask('d');
    world.wait(1000);

    expect([first, second]).toEqual([2000, 2000]);
    expect([again, world.ask('e')]).toEqual([0, 0]);
  });

  it('says nothing where there is no budget', () => {
    const world = line(UNENFORCED);
    world.bucket.lower(-100, 0);
    world.bucket.close(1, SECOND, 0);
    world.wait(SECOND);

    expect(world.ask('a')).toBe(0);
  });
});

describe.each([
  ['with a budget', THREE],
  ['without a budget', UNENFORCED],
])('a bucket %s that Azure closes', (_what, budget) => {
  it('lets nobody through before the time that Azure told, and somebody exactly then', () => {
    const world = line(budget);
    world.bucket.close(1, 20 * SECOND, 0);
    const atOnce = world.ask('a');
    world.wait(20 * SECOND - 1);
    const tooEarly = world.ask('a');
    world.wait(1);

    expect([atOnce, tooEarly, world.ask('a')]).toEqual([20_000, 1, 0]);
  });

  it('lets those who wait through one after another when it opens', () => {
    const world = line(budget);
    world.bucket.close(1, 20 * SECOND, 0);

    expect(world.askAll('a', 'b', 'c', 'd')).toEqual([20_000, 21_000, 22_000, 23_000]);
  });

  it('puts those off who waited before, and keeps their order', () => {
    const world = line(budget);
    world.bucket.close(1, SECOND, 0);
    world.askAll('a', 'b', 'c');
    world.bucket.close(1, 10 * SECOND, 0);
    world.wait(SECOND);
    const first = world.ask('a');
    world.wait(SECOND);
    const second = world.ask('b');

    expect([first, second, world.ask('new')]).toEqual([9000, 9000, 11_000]);
  });

  it('stays closed for the longest time that Azure tells', () => {
    const world = line(budget);
    world.bucket.close(1, 20 * SECOND, 0);
    world.bucket.close(1, 5 * SECOND, 0);
    const short = world.bucket.closedForMs(0);
    world.bucket.close(1, 30 * SECOND, 0);

    expect([short, world.bucket.closedForMs(0)]).toEqual([20_000, 30_000]);
  });

  it('stays closed for 30 s, doubling to 5 min, where Azure does not tell for how long', () => {
    const world = line(budget);
    const waits = Array.from({ length: 6 }, () => {
      world.bucket.close(1, undefined, world.now);
      const waitMs = world.bucket.closedForMs(world.now);
      world.wait(waitMs);
      return waitMs / SECOND;
    });

    expect(waits).toEqual([30, 60, 120, 240, 300, 300]);
  });

  it('counts a crowd that is refused at the same time once', () => {
    const world = line(budget);
    const closed = [1, 2, 3].map(() => world.bucket.close(1, undefined, 0));

    expect(closed).toEqual([true, false, false]);
    expect(world.bucket.closedForMs(0)).toBe(30_000);
  });

  it('begins its back-off anew after a success', () => {
    const world = line(budget);
    world.bucket.close(1, undefined, 0);
    world.wait(30 * SECOND);
    world.bucket.succeeded(world.now);
    world.bucket.close(1, undefined, world.now);

    expect(world.bucket.closedForMs(world.now)).toBe(30_000);
  });

  it('takes no success for one that was sent before it was closed', () => {
    const world = line(budget);
    world.bucket.close(1, undefined, 0);
    world.bucket.succeeded(100);
    world.wait(30 * SECOND);
    world.bucket.close(1, undefined, world.now);

    expect(world.bucket.closedForMs(world.now)).toBe(60_000);
  });
});

describe('a bucket with a budget that Azure closes', () => {
  it('gains nothing by it: what was used up has to come back all the same', () => {
    const world = line();
    world.askAll('a', 'b', 'c');
    world.bucket.close(1, 300, 0);

    expect(world.askAll('d', 'e')).toEqual([1000, 2000]);
  });
});

describe('a bucket without a budget', () => {
  it('lets everybody through', () => {
    expect(line(UNENFORCED).askAll('a', 'b', 'c', 'd', 'e')).toEqual([0, 0, 0, 0, 0]);
  });

  it('does so again when it has recovered from having been closed', () => {
    const world = line(UNENFORCED);
    world.bucket.close(1, SECOND, 0);
    world.wait(4 * SECOND);

    expect(world.askAll('a', 'b', 'c', 'd', 'e')).toEqual([0, 0, 0, 0, 0]);
  });
});

describe('a bucket as metrics show it', () => {
  it('has left what nobody has a claim on', () => {
    const world = line();
    world.askAll('a');
    const some = world.bucket.left(0);
    world.askAll('b', 'c', 'd', 'e');

    expect([some, world.bucket.left(0)]).toEqual([2, -2]);
  });

  it('tells nothing where there is no budget', () => {
    expect(line(UNENFORCED).bucket.left(0)).toBeUndefined();
  });
});

describe('a bucket at rest', () => {
  it.each<readonly [string, (bucket: Bucket) => void, boolean]>([
    ['is a new one', () => undefined, true],
    ['is none that lacks a token', (bucket) => bucket.take('a', 1, 0), false],
    ['is none that somebody waits at', (bucket) => bucket.keep('a', 1, 0, MINUTE), false],
    ['is none that is closed', (bucket) => bucket.close(1, SECOND, 0), false],
  ])('%s', (_what, happens, expected) => {
    const { bucket } = line();
    happens(bucket);

    expect(bucket.isAtRest(0)).toBe(expected);
  });

  it('is what every bucket comes to be', () => {
    const world = line();
    world.askAll('a', 'b', 'c', 'd');
    world.wait(10 * MINUTE);

    expect(world.bucket.isAtRest(world.now)).toBe(true);
  });
});
