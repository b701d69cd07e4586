/**
 * Everything that a pass touches, in one process: the real port to Azure over the simulated Azure, Kubernetes in memory,
 * and time that passes only when the test says so.
 */
import type { HttpClient } from '@azure/core-rest-pipeline';

import { type Control, createControl } from '../../../dev/simulator/control/control.ts';
import type { Fault, FaultEffect, FaultMatch } from '../../../dev/simulator/faults.ts';
import { createInProcessHttpClient } from '../../../dev/simulator/http-client.ts';
import { applySeed } from '../../../dev/simulator/seeding.ts';
import { createState } from '../../../dev/simulator/state.ts';
import type { VmssIdentityBinding, VmssIdentityPolicySpec } from '../../../src/api/types.ts';
import { createAzurePort } from '../../../src/azure/port.ts';
import { type ArmKey, armKey } from '../../../src/identity/arm-id.ts';
import type { AzurePort } from '../../../src/reconcile/azure-port.ts';
import type { ListedScaleSet } from '../../../src/reconcile/inventory.ts';
import { type Outcome, Reconciler } from '../../../src/reconcile/reconciler.ts';
import { fixedRandom, settle, VirtualClock } from '../runtime/virtual-clock.ts';
import { clientId, identity, latest, origin, type Parts, seedOf, subscriptionId } from '../simulator/azure.ts';
import { recordingLogger } from '../telemetry/recording-logger.ts';
import { Journal, journaled, nameOf } from './journal.ts';
import { MemoryCluster } from './memory-cluster.ts';
import { policy, scaleSet } from './objects.ts';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

export interface WorldParts extends Parts {
  readonly bindings?: readonly VmssIdentityBinding[];
  /** Default: one that allows everything. */
  readonly policies?: readonly VmssIdentityPolicySpec[];
  /** How long a write takes in Azure: 0, answered as done, unless said. */
  readonly operationMs?: number;
  /** Default: the latest. */
  readonly apiVersion?: string;
  /** What lies between the operator and Azure: nothing unless said. */
  readonly network?: (azure: HttpClient) => HttpClient;
}

export class World {
  readonly clock = new VirtualClock('2026-05-07T07:32:41Z');
  readonly journal = new Journal();
  readonly cluster = new MemoryCluster(this.journal, () => this.clock.now());
  readonly logger = recordingLogger();
  readonly control: Control;
  readonly #state = createState({});
  readonly #apiVersion: string;
  readonly #network: NonNullable<WorldParts['network']>;
  readonly #listed = new Map<ArmKey, ListedScaleSet>();
  readonly #due = new Map<string, number>();
  #current = new AbortController();
  #azure: AzurePort;
  #reconciler: Reconciler;

  constructor({
    bindings = [],
    policies = [policy()],
    operationMs = 0,
    apiVersion = latest,
    network = (azure) => azure,
    ...parts
  }: WorldParts = {}) {
    this.#apiVersion = apiVersion;
    this.#network = network;
    const settings = { operationMs, ...parts.settings };
    const identities = parts.identities ?? ['app', 'bus', 'cdn', 'dns'];
    applySeed(this.#state, seedOf({ ...parts, identities, settings }), this.clock.now());
    this.control = createControl(this.#state, () => this.clock.now());
    this.cluster.setPolicies(...policies);
    for (const each of bindings) this.cluster.apply(each);
    this.#azure = this.#createPort();
    this.#reconciler = this.#createReconciler();
  }

  /** One pass over a scale set. A request that hangs is given the time that it takes to be given up. */
  async pass(name = 'web', options: { readonly hangs?: boolean } = {}): Promise<Outcome> {
    this.#current = new AbortController();
    const running = this.#reconciler.reconcile(this.key(name), this.#current.signal);
    // A failure is looked at when time has passed.
    running.catch(() => undefined);
    if (options.hangs === true) {
      for (let turn = 0; turn < 10; turn += 1) await settle();
      await this.clock.advance(MINUTE);
    }
    const outcome = await running;
    const { requeueAfterMs } = outcome;
    if (requeueAfterMs === undefined) this.#due.delete(name);
    else this.#due.set(name, this.clock.now() + requeueAfterMs);
    return outcome;
  }

  /** Lets time pass, with passes over `web` whenever the one before asked for it. */
  async run(ms: number): Promise<void> {
    const end = this.clock.now() + ms;
    let atOnce = 0;
    for (;;) {
      const due = this.#due.get('web');
      if (due === undefined || due > end) break;
      const wait = Math.max(0, due - this.clock.now());
      atOnce = wait < SECOND ? atOnce + 1 : 0;
      if (atOnce > 3) throw new Error('a hot loop: pass after pass without a wait');
      await this.clock.advance(wait);
      await this.pass();
    }
    await this.clock.advance(Math.max(0, end - this.clock.now()));
  }

  /** Lists the subscription, as the inventory does from time to time. */
  async list(): Promise<void> {
    const at = this.clock.now();
    const list = await this.#azure.listScaleSets(subscriptionId, new AbortController().signal);
    this.#listed.clear();
    if (!list.ok) throw new Error(list.failure.message);
    for (const each of list.value) this.#listed.set(each.key, { scaleSet: each, at });
  }

  /** The process ends just before the next line of the journal that begins like this; the pass is then rejected. */
  crashBefore(line: string): void {
    this.journal.before(line, () => {
      this.#current.abort(new Error('crash'));
      throw new Error('crash');
    });
  }

  /** A new process: nothing in memory, the same cluster and the same Azure. */
  restart(): void {
    this.#listed.clear();
    this.#azure = this.#createPort();
    this.#reconciler = this.#createReconciler();
  }

  /** What happened since it was last asked. */
  take(): readonly string[] {
    return this.journal.take();
  }

  /** The PATCHes among what happened since it was last asked. */
  takeWrites(): readonly string[] {
    return this.take().filter((line) => line.startsWith('PATCH'));
  }

  /** Azure has something else to say to the next request that fits, or the next few. */
  fault(match: FaultMatch, effect: FaultEffect, options: Pick<Fault, 'nth' | 'count'> = {}): void {
    this.control.addFault({ match, effect, ...options });
  }

  /** In how long the next pass over `web` is due. */
  get waitMs(): number | undefined {
    const due = this.#due.get('web');
    return due === undefined ? undefined : due - this.clock.now();
  }

  /** By which a scale set is known in the operator. */
  key(name = 'web'): ArmKey {
    return armKey(scaleSet(name));
  }

  /** The names of the user-assigned identities of a scale set. */
  assigned(name = 'web'): readonly string[] {
    return this.control
      .scaleSet(scaleSet(name))
      .userAssigned.map(({ id }) => nameOf(id))
      .toSorted();
  }

  /** Whether a scale set has a system-assigned identity. */
  isSystemAssigned(name = 'web'): boolean {
    return this.control.scaleSet(scaleSet(name)).systemAssigned !== undefined;
  }

  /** The status of a binding's identity. */
  identity(binding: string, name: string) {
    const { userAssigned = [] } = this.cluster.binding(binding).status;
    return userAssigned.find(({ resourceId }) => armKey(resourceId) === armKey(identity(name)));
  }

  /** The condition Ready of a binding. */
  ready(binding: string) {
    return this.cluster.binding(binding).status.conditions?.find(({ type }) => type === 'Ready');
  }

  #createPort(): AzurePort {
    const { clock, control } = this;
    return createAzurePort({
      endpoint: origin,
      scope: 'https://management.azure.com/.default',
      apiVersion: this.#apiVersion,
      credential: {
        getToken: async () => ({ token: control.token(clientId), expiresOnTimestamp: clock.now() + 23 * HOUR }),
      },
      httpClient: this.#network(journaled(createInProcessHttpClient(this.#state, clock), this.journal)),
      clock,
      random: fixedRandom(0),
    });
  }

  #createReconciler(): Reconciler {
    return new Reconciler({
      azure: this.#azure,
      cluster: this.cluster,
      random: fixedRandom(0),
      now: () => this.clock.now(),
      listed: (key) => this.#listed.get(key),
      follow: () => undefined,
      logger: this.logger,
    });
  }
}

/** Faults, by what a test means. */
export const faults = {
  patch: { method: 'PATCH' },
  getScaleSet: { method: 'GET', path: 'virtualMachineScaleSets/web$' },
  poll: { path: '/operations/' },
  getIdentity: (name: string): FaultMatch => ({ method: 'GET', path: `userAssignedIdentities/${name}$` }),
  permissions: { path: 'Microsoft.Authorization/permissions$' },
} as const;
