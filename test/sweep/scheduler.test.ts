import { describe, expect, it } from 'vitest';

import { Scheduler, SweepError } from './scheduler.ts';
import { formatTrace } from './trace.ts';
import { VirtualProcess } from './virtual-process.ts';

/** A request that is answered as soon as it is let through. */
function ask(process: VirtualProcess, path: string, signal?: AbortSignal): Promise<void> {
  const answer = async (answered: (outcome: string) => void): Promise<void> => answered('200');
  return process.inTurn({ side: 'A', method: 'GET', path }, answer, signal);
}

/** Two processes that ask one thing after another, and wait in between. */
async function workload(seed: number | undefined): Promise<string> {
  const scheduler = new Scheduler({ seed });
  let running = 0;
  const work = async (process: VirtualProcess): Promise<void> => {
    running += 1;
    for (const round of [1, 2, 3]) {
      await Promise.all(['a', 'b', 'c'].map((path) => ask(process, `/${path}/${round}`)));
      await process.clock.sleep(1000);
    }
    running -= 1;
  };
  void work(new VirtualProcess('one', scheduler));
  void work(new VirtualProcess('two', scheduler));
  await scheduler.runUntil('both are done', () => running === 0);
  return formatTrace(scheduler.trace);
}

describe('the scheduler', () => {
  it('lets through what came first when it has no seed', async () => {
    const paths = (await workload(undefined)).split('\n').slice(0, 4);
    expect(paths.map((line) => line.replace(/^.* (\w+ A)/, '$1'))).toEqual([
      'one A GET /a/1 200',
      'one A GET /b/1 200',
      'one A GET /c/1 200',
      'two A GET /a/1 200',
    ]);
  });

  it('does the same for the same seed, and something else for another', async () => {
    const [first, again, other] = [await workload(7), await workload(7), await workload(8)];
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  it('lets time pass only when nothing waits for its turn', async () => {
    const scheduler = new Scheduler();
    const process = new VirtualProcess('one', scheduler);
    const seen: string[] = [];
    process.clock.setTimer(0, () => seen.push('timer'));
    void ask(process, '/').then(() => seen.push('answer'));
    await scheduler.runUntil('both came', () => seen.length === 2);
    expect(seen).toEqual(['answer', 'timer']);
  });

  it('never settles anything of a process that has ended', async () => {
    const scheduler = new Scheduler();
    const process = new VirtualProcess('one', scheduler);
    const seen: string[] = [];
    void ask(process, '/').then(() => seen.push('answer'));
    process.clock.setTimer(1000, () => seen.push('timer'));
    process.end();
    void ask(process, '/later').then(() => seen.push('later'));
    await scheduler.runFor(10_000);
    expect(seen).toEqual([]);
    expect(scheduler.trace).toEqual([]);
  });

  it('takes back a call that is given up before its turn', async () => {
    const scheduler = new Scheduler();
    const abort = new AbortController();
    const answer = ask(new VirtualProcess('one', scheduler), '/', abort.signal);
    abort.abort();
    await expect(answer).rejects.toThrow('aborted');
    await scheduler.runFor(1000);
    expect(scheduler.trace).toEqual([]);
  });

  it('gives nothing to who asked when the request is lost', async () => {
    const scheduler = new Scheduler();
    scheduler.fateOf = () => 'lost';
    void ask(new VirtualProcess('one', scheduler), '/');
    await scheduler.runFor(1000);
    expect(formatTrace(scheduler.trace)).toMatch(/one A GET \/ lost$/);
  });

  it('says with seed and trace that nothing is left to happen', async () => {
    const scheduler = new Scheduler({ seed: 3 });
    void ask(new VirtualProcess('one', scheduler), '/seen');
    await expect(scheduler.runUntil('the moon is blue', () => false)).rejects.toThrow(
      /nothing is left to happen.*the moon is blue\nseed: 3; step: 1;/s,
    );
  });

  it.each([
    ['steps', { maxSteps: 10 }],
    ['virtual time', { maxVirtualMs: 10_000 }],
  ])('ends a run that has too much of it: %s', async (what, limits) => {
    const scheduler = new Scheduler(limits);
    const { clock } = new VirtualProcess('one', scheduler);
    const tick = (): void => void clock.setTimer(1000, tick);
    tick();
    await expect(scheduler.runUntil('never', () => false)).rejects.toThrow('too m');
    await expect(scheduler.runUntil('never', () => false)).rejects.toThrow(SweepError);
    await expect(scheduler.runUntil('never', () => false)).rejects.toThrow(what);
  });
});

/** What a process does that waits a second, asks, and hears the answer; and then it is paused. */
function pausable() {
  const scheduler = new Scheduler();
  const process = new VirtualProcess('one', scheduler);
  const seen: string[] = [];
  const see = (what: string): void => void seen.push(`${what} at ${scheduler.elapsedMs}`);
  return { scheduler, process, seen, see };
}

describe('a process that is paused', () => {
  it('goes on with what came, then with the timers that are overdue, and then with what waited', async () => {
    const { scheduler, process, seen, see } = pausable();
    const turn = Promise.withResolvers<undefined>();
    void process.inTurn({ side: 'A', method: 'GET', path: '/slow' }, () => turn.promise).then(() => see('answer'));
    await scheduler.runFor(0);
    void ask(process, '/next').then(() => see('request'));
    process.clock.setTimer(2000, () => see('later timer'));
    process.clock.setTimer(1000, () => see('timer'));
    process.pause();
    turn.resolve(undefined);
    await scheduler.runFor(60_000);
    expect(seen).toEqual([]);
    process.resume();
    await scheduler.runFor(1000);
    expect(seen.map((line) => line.replace(/ at .*/, ''))).toEqual(['answer', 'timer', 'later timer', 'request']);
  });

  it('fires a timer when it is due if that is after the pause', async () => {
    const { scheduler, process, seen, see } = pausable();
    process.clock.setTimer(5000, () => see('timer'));
    process.pause();
    await scheduler.runFor(1000);
    process.resume();
    await scheduler.runFor(10_000);
    expect(seen).toEqual(['timer at 5000']);
  });

  it('has what it sent arrive, and hears of that when it goes on', async () => {
    const { scheduler, process, seen, see } = pausable();
    void ask(process, '/sent').then(() => see('answer'));
    process.park({ side: 'E', method: 'ADDED', path: 'things' }, () => see('event'));
    process.pause();
    process.arrive();
    await scheduler.runFor(1000);
    expect([seen, formatTrace(scheduler.trace)]).toEqual([[], expect.stringMatching(/^.* A GET \/sent 200$/)]);
    process.resume();
    await scheduler.runFor(1000);
    expect(seen).toEqual(['answer at 1000', 'event at 1000']);
  });

  it('keeps back the very request whose turn it was', async () => {
    const { scheduler, process, seen, see } = pausable();
    scheduler.fateOf = () => {
      if (scheduler.elapsedMs < 1000) process.pause();
      return 'through';
    };
    void ask(process, '/').then(() => see('answer'));
    await scheduler.runFor(1000);
    process.resume();
    await scheduler.runFor(1000);
    expect(seen).toEqual(['answer at 1001']);
  });

  it('may end, and then nothing of it comes', async () => {
    const { scheduler, process, seen, see } = pausable();
    void ask(process, '/').then(() => see('answer'));
    process.clock.setTimer(1000, () => see('timer'));
    process.pause();
    process.end();
    process.resume();
    await scheduler.runFor(10_000);
    expect([seen, scheduler.trace]).toEqual([[], []]);
  });
});

describe('a process with a clock of its own', () => {
  it('shows another time of day, and measures the same durations', () => {
    const scheduler = new Scheduler();
    const { clock } = new VirtualProcess('one', scheduler, 30_000);
    expect(clock.now() - scheduler.clock.now()).toBe(30_000);
    expect(clock.monotonicMs()).toBe(scheduler.clock.monotonicMs());
  });
});
