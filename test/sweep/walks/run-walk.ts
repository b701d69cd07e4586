/** One walk, from its first move until everything is gone, and what was wrong on the way. */
import { POLICY } from '../../../src/api/types.ts';
import { flawsOf } from '../oracles.ts';
import { historyOf, type Run } from '../run.ts';
import { SweepError } from '../scheduler.ts';
import { formatTrace } from '../trace.ts';
import { World } from '../world.ts';
import { flawsAtRest } from './at-rest.ts';
import { AzureHands } from './azure-hands.ts';
import { beginning } from './cast.ts';
import { walkCounts } from './counts.ts';
import { deleteLedger, moveInKube } from './kube-hands.ts';
import { leftovers } from './leftovers.ts';
import type { Move, Walk } from './moves.ts';
import { ownershipOf } from './ownership-history.ts';
import { lawfulRaces } from './races.ts';

const SECOND_MS = 1000;
/** How long the longest back-off lasts, and what comes after it. */
const REST_MS = 75 * 60 * SECOND_MS;
const INTERVALS_AT_REST = 3;
/** How long a new one takes to come. */
const RESTART_MS = 2000;
const MAX_STEPS = 100_000;
const SHOWN_LINES = 400;
const LIST = /\/(?:virtualMachineScaleSets|userAssignedIdentities)$/;

export interface WalkResult {
  readonly problems: readonly string[];
  /** How to see it again. */
  readonly description: string;
}

export async function runWalk(walk: Walk): Promise<WalkResult> {
  const walker = new Walker(walk);
  try {
    return { problems: await walker.problems(), description: walker.describe() };
  } catch (error) {
    if (error instanceof SweepError) return { problems: [error.message], description: '' };
    throw error;
  } finally {
    walker.world.end();
  }
}

class Walker {
  readonly world: World;
  readonly #walk: Walk;
  readonly #hands: AzureHands;
  readonly #found: string[] = [];
  readonly #beforeAll: number;

  constructor(walk: Walk) {
    this.#walk = walk;
    const flags = ['--leader-elect=false'];
    this.world = new World(beginning, { seed: walk.seed, flags, maxSteps: MAX_STEPS });
    this.#hands = new AzureHands(this.world);
    this.#beforeAll = this.world.kube.revision;
    const { operationMs, deletedIdentity, missingIdentity } = walk;
    this.world.azure.settings({ operationMs, deletedIdentity, missingIdentity });
  }

  async problems(): Promise<readonly string[]> {
    const { world } = this;
    world.startOperator();
    for (const move of this.#walk.moves) await this.#do(move);
    this.#hands.heal();
    await world.scheduler.runFor(REST_MS);
    const restless = await this.#restless();
    this.#found.push(...restless, ...this.#flawsAtRest());
    // What is wrong by now would only be said again.
    if (this.#found.length === 0) await this.#deleteEverything();
    return this.#found;
  }

  /** The trace without what goes on at rest, which is most of it. */
  describe(): string {
    const { trace } = this.world.scheduler;
    const told = trace.filter(({ method, path }) => !(method === 'BOOKMARK' || method === 'WATCH' || LIST.test(path)));
    return formatTrace(told.slice(0, SHOWN_LINES));
  }

  async #do(move: Move): Promise<void> {
    const { scheduler } = this.world;
    walkCounts.moves += 1;
    switch (move.kind) {
      case 'wait':
        await scheduler.runFor(move.seconds * SECOND_MS);
        return;
      case 'steps': {
        const until = scheduler.steps + move.count;
        await scheduler.runUntil('some steps', () => scheduler.steps >= until);
        return;
      }
      case 'crash':
      case 'restart':
        await this.#end(move.kind);
        return;
      case 'delete ledger':
        deleteLedger(this.world, move.scaleSet);
        return;
      case 'attach':
      case 'strip':
      case 'system-assigned':
      case 'create or delete':
      case 'recreate':
      case 'grant or revoke':
      case 'replace':
      case 'remove or create':
      case 'tag':
      case 'busy':
        this.#hands.move(move);
        return;
      default: {
        if (move.kind === 'bind wrongly' || move.kind === 'policy wrongly' || move.kind === 'move binding')
          walkCounts.invalidValues += 1;
        const problem = moveInKube(this.world, move);
        if (problem !== undefined) this.#found.push(problem);
      }
    }
  }

  async #end(how: 'crash' | 'restart'): Promise<void> {
    const { world } = this;
    const last = world.incarnations.at(-1);
    if (how === 'crash') last?.crash();
    else {
      let isStopped = false;
      void last?.stop().then(() => (isStopped = true));
      await world.scheduler.runUntil('the operator has stopped', () => isStopped);
    }
    await world.scheduler.runFor(RESTART_MS);
    world.startOperator();
  }

  async #restless(): Promise<readonly string[]> {
    const { world } = this;
    const [kube, azure] = [world.kube.revision, world.azureChanges.length];
    await world.runIntervals(INTERVALS_AT_REST);
    const written = world.kube.changes.filter(
      ({ revision, collection }) => revision > kube && !collection.startsWith('leases.'),
    );
    return [
      ...written.map(
        ({ by, verb, collection, key, subresource }) =>
          `at rest: ${by} ${verb} ${collection} ${key} ${subresource ?? ''}`,
      ),
      ...world.azureChanges.slice(azure).map(({ by }) => `at rest: ${by} changed a scale set`),
    ];
  }

  #flawsAtRest(): readonly string[] {
    const { flaws, ours } = this.#flawsSoFar();
    return [...flaws, ...flawsAtRest(this.world, ours)];
  }

  #flawsSoFar(): { readonly flaws: readonly string[]; readonly ours: ReadonlySet<string> } {
    const run = this.#run();
    const { problems, ours } = ownershipOf(run);
    const workload = { name: 'a walk', beginning, stages: [] };
    return { flaws: [...lawfulRaces(run, flawsOf(workload, run)), ...problems], ours };
  }

  async #deleteEverything(): Promise<void> {
    const { world } = this;
    for (const { metadata } of world.kube.users.list(POLICY)) world.users.removePolicy(metadata.name);
    world.users.policy();
    // What is seen of a deletion before it is seen of the policies would be judged by the old ones.
    await world.runIntervals(1);
    for (const { metadata } of world.users.bindings()) world.users.unbind(metadata.name, metadata.namespace);
    await world.scheduler.runFor(REST_MS);
    this.#found.push(...(await this.#restless()));
    const mayBeOrphaned = this.#walk.moves.some(({ kind }) => kind === 'take off finalizer');
    const { flaws, ours } = this.#flawsSoFar();
    this.#found.push(...flaws, ...leftovers(world, ours, mayBeOrphaned));
  }

  #run(): Run {
    const { world } = this;
    const { requests, elapsedMs: doneMs } = world.scheduler;
    return { ...historyOf(world, this.#beforeAll), requests, doneMs, restless: [], description: '' };
  }
}
