/** When which disturbance comes. */
import { setTimeout as pause } from 'node:timers/promises';

import {
  connectionDisturbances,
  type Disturbance,
  type DisturbanceParts,
  leadByFirst,
  processDisturbances,
} from './disturbances.ts';

/** From here on the second replica is left alone, so that the first one leads for long. */
const CALMER_AFTER = 0.4;
const FIRST_AFTER_SECONDS = 15;
const SHORTEST_GAP_SECONDS = 6;
const LONGEST_GAP_SECONDS = 16;

export class Timetable {
  /** How often each came. */
  readonly counts: Record<string, number> = {};
  /** What could not be done, a line each. */
  readonly failures: string[] = [];
  readonly #parts: DisturbanceParts;
  readonly #only: typeof connectionDisturbances | undefined;
  readonly #rows = new Map<typeof connectionDisturbances, [string, Disturbance][]>();

  /** @param only names of disturbances; undefined: all of them, each at its time */
  constructor(parts: DisturbanceParts, only?: readonly string[]) {
    this.#parts = parts;
    const all = { ...connectionDisturbances, ...processDisturbances };
    this.#only = only && Object.fromEntries(Object.entries(all).filter(([name]) => only.includes(name)));
  }

  get total(): number {
    return Object.values(this.counts).reduce((sum, count) => sum + count, 0);
  }

  async run(lastsMs: number, ending: AbortSignal): Promise<void> {
    const { random, leaseMs } = this.#parts;
    const calmerAt = performance.now() + CALMER_AFTER * lastsMs;
    let seconds = FIRST_AFTER_SECONDS;
    for (;;) {
      await pause(seconds * 1000, undefined, { signal: ending }).catch(() => undefined);
      if (ending.aborted) return;
      const isCalmer = leaseMs === undefined || performance.now() >= calmerAt;
      // Drawn in any case, so that what comes after does not depend on the clock.
      const isOfProcesses = random.chance(0.5);
      if (this.#only === undefined && isCalmer && leaseMs !== undefined)
        await this.#attempt('first replica leads', () => leadByFirst(this.#parts));
      const both = isOfProcesses && !isCalmer ? processDisturbances : connectionDisturbances;
      await this.#disturb(this.#only ?? both);
      seconds = random.between(SHORTEST_GAP_SECONDS, LONGEST_GAP_SECONDS);
    }
  }

  async #disturb(among: typeof connectionDisturbances): Promise<void> {
    const [name, disturbance] = this.#next(among);
    this.counts[name] = (this.counts[name] ?? 0) + 1;
    this.#parts.tell(`disturbance: ${name}`);
    await this.#attempt(name, () => disturbance(this.#parts));
  }

  /** The next of a shuffled row: pure chance would leave some out in ten minutes. */
  #next(among: typeof connectionDisturbances): [string, Disturbance] {
    const left = this.#rows.get(among) ?? [];
    if (left.length === 0) left.push(...this.#parts.random.sample(Object.entries(among), Infinity));
    this.#rows.set(among, left);
    const next = left.shift();
    if (next === undefined) throw new Error('there is no disturbance');
    return next;
  }

  async #attempt(name: string, attempt: () => Promise<void>): Promise<void> {
    try {
      await attempt();
    } catch (error) {
      this.failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
