import { type Clock, clockFrom } from '../../../src/runtime/clock.ts';

export interface ManualClock extends Clock {
  /** Lets time pass, fires what is due in order, and lets promises settle after each. */
  advance(ms: number): Promise<void>;
}

/** A clock that stands still until it is told otherwise. */
export function manualClock(startMs = Date.parse('2026-03-01T12:00:00Z')): ManualClock {
  let nowMs = startMs;
  const timers = new Set<{ readonly dueMs: number; readonly fire: () => void }>();
  const clock = clockFrom({
    now: () => nowMs,
    monotonicMs: () => nowMs - startMs,
    setTimer: (delayMs, fire) => {
      const timer = { dueMs: nowMs + Math.max(delayMs, 0), fire };
      timers.add(timer);
      return () => timers.delete(timer);
    },
  });
  return {
    ...clock,
    advance: async (ms) => {
      const endMs = nowMs + ms;
      await settled();
      for (;;) {
        const [next] = [...timers].filter(({ dueMs }) => dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs);
        if (next === undefined) break;
        timers.delete(next);
        nowMs = next.dueMs;
        next.fire();
        await settled();
      }
      nowMs = endMs;
      await settled();
    },
  };
}

/** After it, every promise that only waited for others has settled. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
