/** Many scale sets at once: a work queue, a few workers, and one binding for each scale set. */
import type { ScaleSetSeed } from '../../../dev/simulator/seed.ts';
import type { ArmKey } from '../../../src/identity/arm-id.ts';
import { Controller } from '../../../src/runtime/controller.ts';
import { WorkQueue } from '../../../src/runtime/work-queue.ts';
import { fixedRandom } from '../runtime/virtual-clock.ts';
import { binding } from './objects.ts';
import { SECOND, World, type WorldParts } from './world.ts';

export interface FleetParts extends WorldParts {
  /** By their regions, how many scale sets. */
  readonly regions: Readonly<Record<string, number>>;
  readonly workers?: number;
}

export class Fleet {
  readonly world: World;
  /** `westeurope-0`, and so on. */
  readonly names: readonly string[];
  readonly queue: WorkQueue<ArmKey>;
  readonly #controller: Controller<ArmKey>;
  /** How many passes ran, and for how long, in milliseconds of the clock, the longest held its worker. */
  readonly passes = { count: 0, longestMs: 0 };

  constructor({ regions, workers = 4, ...parts }: FleetParts) {
    const scaleSets = Object.entries(regions).flatMap(([location, count]) =>
      Array.from({ length: count }, (_, index): ScaleSetSeed => ({ name: `${location}-${String(index)}`, location })),
    );
    this.names = scaleSets.map(({ name }) => name);
    const bindings = this.names.map((name) => binding(`of-${name}`, { scaleSet: name }));
    this.world = new World({ ...parts, scaleSets, bindings });
    const { clock, logger } = this.world;
    this.queue = new WorkQueue({ clock, random: fixedRandom(0.5) });
    this.#controller = new Controller({
      queue: this.queue,
      reconcile: (key, signal) => this.#pass(key, signal),
      workers,
      clock,
      random: fixedRandom(0.5),
      logger,
    });
    this.#controller.start();
  }

  /** Every scale set is looked at, or those of these names. */
  add(names: readonly string[] = this.names): void {
    for (const name of names) this.queue.add(this.world.key(name));
  }

  /** @returns whether it came to be within so many milliseconds */
  async until(holds: () => boolean, limitMs: number, stepMs = SECOND): Promise<boolean> {
    for (let passedMs = 0; passedMs < limitMs && !holds(); passedMs += stepMs) await this.world.clock.advance(stepMs);
    return holds();
  }

  isReady(name: string): boolean {
    return this.world.ready(`of-${name}`)?.status === 'True';
  }

  get areReady(): boolean {
    return this.names.every((name) => this.isReady(name));
  }

  /** When writes were sent, in milliseconds of the clock. */
  writes(name = ''): readonly number[] {
    return this.#requests('PATCH', name);
  }

  reads(name = ''): readonly number[] {
    return this.#requests('GET', name);
  }

  /** How often each status was written, the most. */
  mostStatuses(journal: readonly string[]): number {
    const counts = new Map<string, number>();
    for (const line of journal) {
      const [what, name = ''] = line.split(/[ :]/);
      if (what === 'status') counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    return Math.max(0, ...counts.values());
  }

  async end(): Promise<void> {
    await this.#controller.stop(0);
  }

  #requests(method: string, name: string): readonly number[] {
    const requests = this.world.control.requests();
    return requests.filter((one) => one.method === method && one.path.includes(name)).map(({ timeMs }) => timeMs);
  }

  async #pass(key: ArmKey, signal: AbortSignal): ReturnType<World['reconcile']> {
    const { clock } = this.world;
    const startedAt = clock.now();
    const outcome = await this.world.reconcile(key, signal);
    this.passes.count += 1;
    this.passes.longestMs = Math.max(this.passes.longestMs, clock.now() - startedAt);
    return outcome;
  }
}

/** The most that ever came within a window of so many milliseconds. */
export function mostWithin(times: readonly number[], windowMs: number): number {
  let most = 0;
  let start = 0;
  for (const [end, time] of times.entries()) {
    while (time - (times[start] ?? time) > windowMs) start += 1;
    most = Math.max(most, end - start + 1);
  }
  return most;
}
