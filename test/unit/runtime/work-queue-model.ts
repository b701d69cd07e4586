import type { Priority } from '../../../src/runtime/work-queue.ts';

interface Delayed {
  readonly key: string;
  readonly atMs: number;
  readonly priority: Priority;
  readonly order: number;
}

const rank = (priority: Priority | undefined): number => (priority === 'high' ? 2 : priority === 'low' ? 1 : 0);
const higher = (a: Priority, b: Priority | undefined): Priority => (rank(a) >= rank(b) ? a : b!);

/** What a work queue should do, said as simply as can be: lists that are looked through from the start. */
export class WorkQueueModel {
  nowMs = 0;
  ready: { readonly key: string; readonly priority: Priority }[] = [];
  running: string[] = [];
  again: { readonly key: string; readonly priority: Priority }[] = [];
  delayed: Delayed[] = [];
  failures: Record<string, number> = {};
  #order = 0;

  add(key: string, priority: Priority): void {
    const delayed = this.delayed.find((entry) => entry.key === key);
    this.delayed = this.delayed.filter((entry) => entry !== delayed);
    this.#put(key, higher(priority, delayed?.priority));
  }

  addAfter(key: string, delayMs: number, priority: Priority): void {
    if (this.ready.some((entry) => entry.key === key) || this.again.some((entry) => entry.key === key)) return;
    const before = this.delayed.find((entry) => entry.key === key);
    const delayed = {
      key,
      atMs: Math.min(this.nowMs + delayMs, before?.atMs ?? Infinity),
      priority: higher(priority, before?.priority),
      order: this.#order++,
    };
    this.delayed = [...this.delayed.filter((entry) => entry !== before), delayed];
  }

  /** Without jitter. */
  addRateLimited(key: string): void {
    const failures = this.failures[key] ?? 0;
    this.failures[key] = failures + 1;
    this.addAfter(key, Math.min(300_000, 1_000 * 2 ** failures), 'low');
  }

  forget(key: string): void {
    this.failures[key] = 0;
  }

  /** The key that a worker gets now. */
  get(): string | undefined {
    const next = this.ready.find(({ priority }) => priority === 'high') ?? this.ready[0];
    if (next === undefined) return undefined;
    this.ready = this.ready.filter((entry) => entry !== next);
    this.running.push(next.key);
    return next.key;
  }

  done(key: string): void {
    this.running = this.running.filter((other) => other !== key);
    const again = this.again.find((entry) => entry.key === key);
    this.again = this.again.filter((entry) => entry !== again);
    if (again !== undefined) this.#put(key, again.priority);
  }

  advance(ms: number): void {
    this.nowMs += ms;
    const due = this.delayed.filter(({ atMs }) => atMs <= this.nowMs);
    this.delayed = this.delayed.filter(({ atMs }) => atMs > this.nowMs);
    for (const { key, priority } of due.toSorted((a, b) => a.atMs - b.atMs || a.order - b.order))
      this.#put(key, priority);
  }

  #put(key: string, priority: Priority): void {
    const list = this.running.includes(key) ? this.again : this.ready;
    const index = list.findIndex((entry) => entry.key === key);
    const before = list[index];
    if (before === undefined) list.push({ key, priority });
    else if (rank(priority) > rank(before.priority)) {
      // Among those of high priority it is the last that came.
      list.splice(index, 1);
      list.push({ key, priority });
    }
  }
}
