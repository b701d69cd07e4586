import { describe, expect, it } from 'vitest';

import { realClock, realRandom } from '../../../src/runtime/clock.ts';
import { VirtualClock } from './virtual-clock.ts';

describe('sleep', () => {
  it('ends when the time has passed', async () => {
    const clock = new VirtualClock();
    let awake = false;
    const sleeping = clock.sleep(1_000).then(() => (awake = true));
    await clock.advance(999);
    expect(awake).toBe(false);
    await clock.advance(1);
    expect(awake).toBe(true);
    await sleeping;
  });

  it('rejects with the reason of the signal, and leaves no timer behind', async () => {
    const clock = new VirtualClock();
    const controller = new AbortController();
    const sleeping = clock.sleep(1_000, controller.signal);
    controller.abort(new Error('enough'));
    await expect(sleeping).rejects.toThrow('enough');
    expect(clock.pending).toBe(0);
  });

  it('rejects at once when the signal was aborted before', async () => {
    const clock = new VirtualClock();
    await expect(clock.sleep(1_000, AbortSignal.abort(new Error('no')))).rejects.toThrow('no');
    expect(clock.pending).toBe(0);
  });
});

describe('timeoutSignal', () => {
  it('aborts with a TimeoutError when its time is up', async () => {
    const clock = new VirtualClock();
    using limit = clock.timeoutSignal(500);
    await clock.advance(499);
    expect(limit.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(limit.signal.reason).toMatchObject({ name: 'TimeoutError' });
    expect(limit.timedOut()).toBe(true);
  });

  it('aborts with the reason of its parent, which is no time-out', async () => {
    const clock = new VirtualClock();
    const parent = new AbortController();
    using limit = clock.timeoutSignal(500, parent.signal);
    parent.abort(new Error('stop'));
    expect(limit.signal.reason).toMatchObject({ message: 'stop' });
    await clock.advance(1_000);
    expect(limit.timedOut()).toBe(false);
  });

  it('is aborted from the start when its parent is', () => {
    const clock = new VirtualClock();
    using limit = clock.timeoutSignal(500, AbortSignal.abort());
    expect(limit.signal.aborted).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('neither times out nor follows its parent after it was disposed of', async () => {
    const clock = new VirtualClock();
    const parent = new AbortController();
    const limit = clock.timeoutSignal(500, parent.signal);
    limit[Symbol.dispose]();
    await clock.advance(1_000);
    parent.abort();
    expect(limit.signal.aborted).toBe(false);
    expect(clock.pending).toBe(0);
  });
});

describe('the virtual clock', () => {
  it('fires timers in the order of their times, and lets promises go on in between', async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    clock.setTimer(20, () => seen.push('late'));
    clock.setTimer(10, () => {
      seen.push('early');
      void Promise.resolve().then(() => clock.setTimer(5, () => seen.push('set in between')));
    });
    clock.setTimer(20, () => seen.push('later'));
    await clock.advance(20);
    expect(seen).toEqual(['early', 'set in between', 'late', 'later']);
  });

  it('moves wall time and monotonic time together', async () => {
    const clock = new VirtualClock('2026-05-01T00:00:00Z');
    await clock.advance(1_500);
    expect(new Date(clock.now()).toISOString()).toBe('2026-05-01T00:00:01.500Z');
    expect(clock.monotonicMs()).toBe(1_500);
  });
});

describe('the real clock', () => {
  it('fires a timer, and not a cancelled one', async () => {
    const fired: string[] = [];
    await new Promise<void>((resolve) => {
      realClock.setTimer(1, () => fired.push('cancelled'))();
      realClock.setTimer(2, () => {
        fired.push('kept');
        resolve();
      });
    });
    expect(fired).toEqual(['kept']);
  });

  it('fires a timer whose time is over already, without a warning of Node', async () => {
    const warnings: string[] = [];
    const hear = ({ name }: Error): number => warnings.push(name);
    process.on('warning', hear);
    await new Promise<void>((resolve) => {
      realClock.setTimer(-5, resolve);
    });
    await realClock.sleep(-1);
    process.removeListener('warning', hear);
    expect(warnings).toEqual([]);
  });

  it('does not fire at once a timer that is longer than Node can set', async () => {
    let fired = false;
    const cancel = realClock.setTimer(2 ** 32, () => (fired = true));
    await realClock.sleep(5);
    cancel();
    expect(fired).toBe(false);
  });

  it('tells a wall time of this century and a monotonic time that does not go back', () => {
    expect(realClock.now()).toBeGreaterThan(Date.parse('2025-01-01'));
    const before = realClock.monotonicMs();
    expect(realClock.monotonicMs()).toBeGreaterThanOrEqual(before);
  });
});

describe('real randomness', () => {
  it('gives numbers from 0 up to 1, and UUIDs', () => {
    const number = realRandom.next();
    expect(number).toBeGreaterThanOrEqual(0);
    expect(number).toBeLessThan(1);
    expect(realRandom.uuid()).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });
});
