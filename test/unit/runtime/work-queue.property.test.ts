import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { WorkQueue } from '../../../src/runtime/work-queue.ts';
import { fixedRandom, VirtualClock } from './virtual-clock.ts';
import { WorkQueueModel } from './work-queue-model.ts';

const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const priority = fc.constantFrom('high' as const, 'low' as const);
const step = fc.oneof(
  fc.record({ does: fc.constant('add' as const), key, priority }),
  fc.record({ does: fc.constant('addAfter' as const), key, priority, delayMs: fc.integer({ min: 1, max: 3_000 }) }),
  fc.record({ does: fc.constant('addRateLimited' as const), key }),
  fc.record({ does: fc.constant('forget' as const), key }),
  fc.record({ does: fc.constant('get' as const) }),
  fc.record({ does: fc.constant('done' as const), key }),
  fc.record({ does: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 2_000 }) }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Does the same to both; what the queue gives out must be what the model does. */
const perform = async (now: Step, queue: WorkQueue<string>, model: WorkQueueModel, clock: VirtualClock) => {
  switch (now.does) {
    case 'add':
      queue.add(now.key, { priority: now.priority });
      model.add(now.key, now.priority);
      break;
    case 'addAfter':
      queue.addAfter(now.key, now.delayMs, { priority: now.priority });
      model.addAfter(now.key, now.delayMs, now.priority);
      break;
    case 'addRateLimited':
      queue.addRateLimited(now.key);
      model.addRateLimited(now.key);
      break;
    case 'forget':
      queue.forget(now.key);
      model.forget(now.key);
      break;
    case 'done':
      queue.done(now.key);
      model.done(now.key);
      break;
    case 'advance':
      await clock.advance(now.ms);
      model.advance(now.ms);
      break;
    case 'get': {
      const wanted = model.get();
      if (wanted !== undefined) expect(await queue.get()).toBe(wanted);
    }
  }
};

describe('the work queue', () => {
  it('does what its model does, whatever is done to it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const clock = new VirtualClock();
        const queue = new WorkQueue<string>({ clock, random: fixedRandom(0.5) });
        const model = new WorkQueueModel();
        for (const now of steps) {
          await perform(now, queue, model, clock);
          expect(queue.depth()).toBe(model.ready.length);
          expect(queue.runningMs()).toHaveLength(model.running.length);
          expect(clock.pending).toBe(model.delayed.length > 0 ? 1 : 0);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('loses no key that was added and not yet worked on', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const clock = new VirtualClock();
        const queue = new WorkQueue<string>({ clock, random: fixedRandom(0.5) });
        const model = new WorkQueueModel();
        for (const now of steps) await perform(now, queue, model, clock);
        const owed = new Set([...model.ready, ...model.again, ...model.delayed].map((entry) => entry.key));
        for (const held of model.running) queue.done(held);
        await clock.advance(300_000);
        const given = new Set<string>();
        while (queue.depth() > 0) given.add((await queue.get())!);
        expect(given).toEqual(owed);
      }),
      { numRuns: 200 },
    );
  });
});
