import { describe, expect, it } from 'vitest';

import { realClock, realRandom } from '../../../src/runtime/clock.ts';
import { Controller, type ControllerObserver, type Reconcile } from '../../../src/runtime/controller.ts';
import { WorkQueue } from '../../../src/runtime/work-queue.ts';
import { recordingLogger } from '../telemetry/recording-logger.ts';
import { fixedRandom, settle, VirtualClock } from './virtual-clock.ts';

type Ended = Parameters<ControllerObserver['ended']>[0];

const build = (
  reconcile: Reconcile<string>,
  workers = 2,
  signal?: AbortSignal,
  levelOf?: (error: unknown) => 'error' | 'info' | 'debug',
) => {
  const clock = new VirtualClock();
  const random = fixedRandom(0.5);
  const logger = recordingLogger();
  const ended: Ended[] = [];
  const queue = new WorkQueue<string>({ clock, random });
  const observer = { started: () => {}, ended: (run: Ended) => void ended.push(run) };
  const controller = new Controller({
    queue,
    reconcile,
    workers,
    ...(signal === undefined ? {} : { signal }),
    clock,
    random,
    logger,
    observer,
    levelOf,
  });
  controller.start();
  return { clock, queue, controller, logger, ended };
};

/** Passes that end when the test says so. */
const manual = () => {
  const running = new Map<string, { readonly end: () => void; readonly signal: AbortSignal }>();
  const started: string[] = [];
  const reconcile: Reconcile<string> = (key, signal) => {
    started.push(key);
    const { promise, resolve, reject } = Promise.withResolvers<object>();
    signal.addEventListener('abort', () => reject(signal.reason as Error));
    running.set(key, { end: () => resolve({}), signal });
    return promise;
  };
  return { running, started, reconcile };
};

describe('a pass', () => {
  it('that asks to come again does so after that time', async () => {
    const passes: number[] = [];
    const { clock, queue } = build(() => {
      passes.push(clock.now());
      return Promise.resolve({ requeueAfterMs: 60_000 });
    });
    queue.add('a');
    await clock.advance(150_000);
    expect(passes.map((at) => at - passes[0]!)).toEqual([0, 60_000, 120_000]);
  });

  it('that asks to come again first does so before what only waits for a worker', async () => {
    const taken: string[] = [];
    const { clock, queue } = build((key) => {
      taken.push(key);
      return taken.length === 1
        ? Promise.resolve({ requeueAfterMs: 100, priority: 'high' })
        : clock.sleep(60).then(() => ({}));
    }, 1);
    for (const key of ['turn', 'b', 'c', 'd', 'e']) queue.add(key, { priority: 'low' });
    await clock.advance(500);
    expect(taken).toEqual(['turn', 'b', 'c', 'turn', 'd', 'e']);
  });

  it('that succeeds ends the back-off', async () => {
    let fails = true;
    const { clock, queue } = build(() => (fails ? Promise.reject(new Error('no')) : Promise.resolve({})));
    queue.add('a');
    await clock.advance(3_500);
    fails = false;
    await clock.advance(10_000);
    expect(queue.addRateLimited('a')).toBe(1_000);
  });

  it('that fails for a reason that is told elsewhere is not told of as an error too, but counted', async () => {
    const levelOf = (error: unknown) => (error instanceof RangeError ? 'debug' : 'error');
    const reconcile = (key: string) => Promise.reject(key === 'a' ? new RangeError('no') : new Error('no'));
    const { queue, logger, ended } = build(reconcile, 1, undefined, levelOf);
    queue.add('a');
    queue.add('b');
    await settle();
    expect(logger.entries.map(({ level, message }) => [level, message])).toEqual([
      ['debug', 'pass failed'],
      ['error', 'pass failed'],
    ]);
    expect(ended.map(({ result }) => result)).toEqual(['error', 'error']);
  });

  it('that fails comes again with back-off, is logged and counted, and holds up no other', async () => {
    const passes: string[] = [];
    const { clock, queue, logger, ended } = build((key) => {
      passes.push(key);
      return key === 'bad' ? Promise.reject(new Error('no')) : Promise.resolve({});
    }, 1);
    queue.add('bad');
    queue.add('good');
    await clock.advance(3_000);
    expect(passes).toEqual(['bad', 'good', 'bad', 'bad']);
    expect(logger.entries[0]).toMatchObject({
      level: 'error',
      fields: { key: 'bad', error: { message: 'no' }, retryAfterMs: 1_000, reconcileID: expect.any(String) as string },
    });
    expect(ended.map(({ result }) => result)).toEqual(['error', 'success', 'error', 'error']);
  });

  it('that throws before it returns a promise is no different', async () => {
    const { queue, ended } = build(() => {
      throw new TypeError('a defect');
    });
    queue.add('a');
    await settle();
    expect(ended).toMatchObject([{ result: 'error', defect: true }]);
  });

  it('is told by its signal when it takes longer than two minutes', async () => {
    const { running, reconcile } = manual();
    const { clock, queue, ended } = build(reconcile);
    queue.add('a');
    await clock.advance(119_999);
    expect(running.get('a')!.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(ended).toMatchObject([{ result: 'error', timedOut: true, defect: false, durationMs: 120_000 }]);
  });

  it('leaves no timer behind', async () => {
    const { clock, queue } = build(() => Promise.resolve({}));
    queue.add('a');
    await settle();
    expect(clock.pending).toBe(0);
  });
});

describe('workers', () => {
  it('work on as many keys at once as there are workers', async () => {
    const { running, started, reconcile } = manual();
    const { queue } = build(reconcile, 2);
    for (const key of ['a', 'b', 'c']) queue.add(key);
    await settle();
    expect(started).toEqual(['a', 'b']);
    running.get('b')!.end();
    await settle();
    expect(started).toEqual(['a', 'b', 'c']);
  });

  it('are not doubled by a second start', async () => {
    const { started, reconcile } = manual();
    const { queue, controller } = build(reconcile, 1);
    controller.start();
    queue.add('a');
    queue.add('b');
    await settle();
    expect(started).toEqual(['a']);
  });
});

describe('passes that wait for nothing', () => {
  it('let timers fire and the network in between, however many they are', async () => {
    const clock = realClock;
    const queue = new WorkQueue<number>({ clock, random: realRandom });
    const passed: number[] = [];
    let passedByTheFirstTurn: number | undefined;
    const reconcile = (key: number): Promise<object> => {
      if (passed.length === 0) void clock.turn().then(() => (passedByTheFirstTurn = passed.length));
      passed.push(key);
      return Promise.resolve({});
    };
    const controller = new Controller({
      queue,
      reconcile,
      workers: 2,
      clock,
      random: realRandom,
      logger: recordingLogger(),
    });
    for (let key = 0; key < 1000; key++) queue.add(key);
    controller.start();
    while (passed.length < 1000) await clock.turn();
    await controller.stop(0);
    // Each worker had at most begun its next one.
    expect(passedByTheFirstTurn).toBeLessThanOrEqual(4);
  });
});

describe('stopping', () => {
  it('takes no more keys and waits for those that are being worked on', async () => {
    const { running, started, reconcile } = manual();
    const { queue, controller } = build(reconcile, 1);
    queue.add('a');
    queue.add('b');
    await settle();
    let stopped = false;
    const stopping = controller.stop(10_000).then(() => (stopped = true));
    await settle();
    expect(stopped).toBe(false);
    running.get('a')!.end();
    await stopping;
    expect(started).toEqual(['a']);
  });

  it('aborts what has not ended when the time is up, and does not call that a failure', async () => {
    const { reconcile } = manual();
    const { clock, queue, controller, logger } = build(reconcile, 1);
    queue.add('a');
    await settle();
    const stopping = controller.stop(10_000);
    await clock.advance(10_000);
    await stopping;
    expect(logger.entries).toMatchObject([{ level: 'info', fields: { key: 'a' } }]);
    expect(clock.pending).toBe(0);
  });

  it('ends at once when nothing is being worked on', async () => {
    const { clock, controller } = build(() => Promise.resolve({}));
    await controller.stop(10_000);
    expect(clock.pending).toBe(0);
  });
});

describe('the signal of a controller', () => {
  it('ends every pass at once when it aborts', async () => {
    const { running, reconcile } = manual();
    const over = new AbortController();
    const { queue, controller, logger } = build(reconcile, 2, over.signal);
    queue.add('a');
    queue.add('b');
    await settle();

    over.abort(new Error('the lease is lost'));

    expect([...running.values()].map(({ signal }) => signal.aborted)).toEqual([true, true]);
    await controller.stop(0);
    expect(logger.entries.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('that has aborted before lets no pass begin', async () => {
    const { started, reconcile } = manual();
    const { queue, controller } = build(reconcile, 2, AbortSignal.abort());
    queue.add('a');
    await settle();

    await controller.stop(0);
    expect(started).toEqual([]);
  });
});
