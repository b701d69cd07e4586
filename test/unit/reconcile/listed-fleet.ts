/**
 * The operator's Azure side as a whole on virtual time: passes from a work queue, lists, and the simulated Azure, with
 * many scale sets in one subscription.
 */
import { createControl } from '../../../dev/simulator/control/control.ts';
import type { FaultEffect, FaultMatch } from '../../../dev/simulator/faults.ts';
import { createInProcessHttpClient } from '../../../dev/simulator/http-client.ts';
import { applySeed } from '../../../dev/simulator/seeding.ts';
import { createState } from '../../../dev/simulator/state.ts';
import { createAzurePort } from '../../../src/azure/port.ts';
import { type ArmKey, armKey } from '../../../src/identity/arm-id.ts';
import { DetachLimit } from '../../../src/reconcile/detach-limit.ts';
import { createInventories } from '../../../src/reconcile/inventory/inventories.ts';
import { Reconciler } from '../../../src/reconcile/reconciler.ts';
import { Controller } from '../../../src/runtime/controller.ts';
import { WorkQueue } from '../../../src/runtime/work-queue.ts';
import { seededRandom, settle, VirtualClock } from '../runtime/virtual-clock.ts';
import { clientId, latest, origin, type Parts, seedOf } from '../simulator/azure.ts';
import { recordingLogger } from '../telemetry/recording-logger.ts';
import { Journal, journaled } from './journal.ts';
import { MemoryCluster } from './memory-cluster.ts';
import { binding, policy, scaleSet } from './objects.ts';
import { HOUR, MINUTE } from './world.ts';

export interface FleetParts extends Pick<Parts, 'settings'> {
  /** How many scale sets there are, each bound to the identity `app`. */
  readonly count: number;
  /** The identities that each has from the start. */
  readonly has?: readonly string[];
  readonly workers?: number;
}

export class Fleet implements AsyncDisposable {
  readonly clock = new VirtualClock('2026-05-07T07:32:41Z');
  readonly journal = new Journal();
  readonly cluster = new MemoryCluster(this.journal, () => this.clock.now());
  readonly logger = recordingLogger();
  readonly control;
  readonly inventories;
  readonly names: readonly string[];
  readonly #ending = new AbortController();
  readonly #queue: WorkQueue<ArmKey>;
  readonly #controller: Controller<ArmKey>;

  constructor({ count, has = ['app'], workers = 4, settings = {} }: FleetParts) {
    const { clock, cluster, logger } = this;
    const random = seededRandom(7);
    this.names = Array.from({ length: count }, (_, index) => `set-${String(index)}`);
    const state = createState({});
    const scaleSets = this.names.map((name) => ({ name, identity: { userAssigned: has } }));
    const seed = { scaleSets, identities: ['app', 'bus', 'dns'], settings: { operationMs: 0, ...settings } };
    applySeed(state, seedOf(seed), clock.now());
    this.control = createControl(state, () => clock.now());
    cluster.setPolicies(policy());
    const bound = new Set(this.names.map((name) => armKey(scaleSet(name))));
    for (const name of this.names) cluster.apply(binding(`of-${name}`, { scaleSet: name }));

    const azure = createAzurePort({
      endpoint: origin,
      scope: 'https://management.azure.com/.default',
      apiVersion: latest,
      credential: {
        getToken: async () => ({ token: this.control.token(clientId), expiresOnTimestamp: clock.now() + 23 * HOUR }),
      },
      httpClient: journaled(createInProcessHttpClient(state, clock), this.journal, () => []),
      clock,
      random,
    });
    this.#queue = new WorkQueue<ArmKey>({ clock, random });
    this.inventories = createInventories(
      {
        azure,
        clock,
        random,
        logger,
        intervalMs: 10 * MINUTE,
        cluster: {
          inSubscription: () => [...bound],
          held: (key) => (bound.has(key) ? { key, resourceId: key } : undefined),
        },
        due: (key, inMs) => this.#queue.addAfter(key, inMs),
      },
      this.#ending.signal,
    );
    const { inventory, roster } = this.inventories;
    const reconciler = new Reconciler({
      azure,
      cluster,
      random,
      now: () => clock.now(),
      inventory,
      roster,
      exclusiveDelayMs: MINUTE,
      readOnly: false,
      detachLimit: new DetachLimit(100),
      logger,
    });
    this.#controller = new Controller<ArmKey>({
      queue: this.#queue,
      reconcile: (key, signal) => reconciler.reconcile(key, signal),
      workers,
      clock,
      random,
      logger,
    });
  }

  /** Begins, as a process does: a pass over each scale set is due. */
  start(): void {
    for (const name of this.names) this.#queue.add(armKey(scaleSet(name)), { priority: 'low' });
    this.#controller.start();
  }

  /** Lets time pass, and everything happen that happens in it. */
  async run(ms: number): Promise<void> {
    for (let turn = 0; turn < 20; turn += 1) await settle();
    await this.clock.advance(ms);
    for (let turn = 0; turn < 20; turn += 1) await settle();
  }

  /** A binding of the scale set changes. */
  touch(name: string): void {
    this.#queue.add(armKey(scaleSet(name)));
  }

  /** What was asked of Azure since it was last asked, counted: `GET set`, `LIST`, `PATCH`, `POLL`, `GET identity`. */
  takeRequests(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const line of this.journal.take()) {
      const kind = kindOf(line);
      if (kind !== undefined) counts[kind] = (counts[kind] ?? 0) + 1;
    }
    return counts;
  }

  fault(match: FaultMatch, effect: FaultEffect, count: number | null = null): void {
    this.control.addFault({ match, effect, count });
  }

  /** The names of the scale sets whose binding is Ready. */
  ready(): readonly string[] {
    return this.names.filter((name) => this.readyOf(name)?.status === 'True');
  }

  readyOf(name: string) {
    return this.cluster.binding(`of-${name}`).status.conditions?.find(({ type }) => type === 'Ready');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await this.#controller.stop(0);
    await this.inventories.ended();
  }
}

function kindOf(line: string): string | undefined {
  if (line.startsWith('GET set-')) return 'GET set';
  if (line.startsWith('GET ')) return 'GET identity';
  return /^(?:LIST identities|LIST|PATCH|POLL)/.exec(line)?.[0];
}
