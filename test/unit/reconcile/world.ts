/**
 * Everything that a pass touches, in one process: the real port to Azure over the simulated Azure, Kubernetes in memory,
 * and time that passes only when the test says so.
 */
import type { HttpClient, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline';

import { type Control, createControl } from '../../../dev/simulator/control/control.ts';
import type { Fault, FaultEffect, FaultMatch } from '../../../dev/simulator/faults.ts';
import { createInProcessHttpClient } from '../../../dev/simulator/http-client.ts';
import { applySeed } from '../../../dev/simulator/seeding.ts';
import { createState } from '../../../dev/simulator/state.ts';
import type { VmssIdentityBinding, VmssIdentityPolicySpec } from '../../../src/api/types.ts';
import { createAzurePort } from '../../../src/azure/port.ts';
import { ARRAY_API_VERSION } from '../../../src/config/api-versions.ts';
import { type ArmKey, armKey } from '../../../src/identity/arm-id.ts';
import type { LiveScaleSet } from '../../../src/identity/scale-set.ts';
import type { AzurePort } from '../../../src/reconcile/azure-port.ts';
import { IdentityRoster } from '../../../src/reconcile/inventory/identity-roster.ts';
import type { ListedScaleSet } from '../../../src/reconcile/inventory/subscription-inventory.ts';
import { type Outcome, Reconciler } from '../../../src/reconcile/reconciler.ts';
import { identityId } from '../../../src/reconcile/subject.ts';
import type { Logger } from '../../../src/telemetry/logger.ts';
import { fixedRandom, settle, VirtualClock } from '../runtime/virtual-clock.ts';
import { clientId, identity, origin, type Parts, seedOf, subscriptionId } from '../simulator/azure.ts';
import { recordingLogger } from '../telemetry/recording-logger.ts';
import { Journal, journaled, nameOf, withoutGuardReads } from './journal.ts';
import { MemoryCluster } from './memory-cluster.ts';
import { policy, scaleSet } from './objects.ts';
import { shape } from './shape.ts';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

export interface WorldParts extends Parts {
  readonly bindings?: readonly VmssIdentityBinding[];
  /** Default: one that allows everything. */
  readonly policies?: readonly VmssIdentityPolicySpec[];
  /** How long a write takes in Azure: 0, answered as done, unless said. */
  readonly operationMs?: number;
  /** Default: that of the file. */
  readonly apiVersion?: string;
  /** Default: none of the limits is kept to that are shared with others, but what Azure says. */
  readonly budgetShare?: number;
  /** What is left of the lease that writes go by. Default: nobody else could be writing. */
  readonly leaseRemainingMs?: () => number;
  /** What lies between the operator and Azure: nothing unless said. */
  readonly network?: (azure: HttpClient) => HttpClient;
  /** Sees every request to Azure, and what it is answered. */
  readonly overheard?: (request: PipelineRequest, response: PipelineResponse) => void;
}

export class World {
  readonly clock = new VirtualClock('2026-05-07T07:32:41Z');
  readonly journal = new Journal();
  readonly cluster = new MemoryCluster(this.journal, () => this.clock.now());
  readonly logger = recordingLogger();
  readonly control: Control;
  /** Identities that writes of others took away beside ours, as they are counted. */
  lostInRace = 0;
  /** What passes tell of for metrics: each line once for each time. */
  readonly heard: string[] = [];
  readonly #state = createState({});
  readonly #apiVersion: string;
  readonly #budgetShare: number;
  readonly #leaseRemainingMs: () => number;
  readonly #network: NonNullable<WorldParts['network']>;
  readonly #overheard: NonNullable<WorldParts['overheard']>;
  readonly #listed = new Map<ArmKey, ListedScaleSet>();
  readonly #due = new Map<string, number>();
  /** The scale sets of which the roster of identities says that a pass would find something else now. */
  readonly contradicted: string[] = [];
  /** Whether lists watch over the operations in flight. */
  watched = false;
  roster: IdentityRoster;
  #current = new AbortController();
  #passes = 0;
  #azure: AzurePort;
  #reconciler: Reconciler;

  constructor({
    bindings = [],
    policies = [policy()],
    operationMs = 0,
    apiVersion = shape.apiVersion,
    budgetShare = 0,
    leaseRemainingMs = () => Number.POSITIVE_INFINITY,
    network = (azure) => azure,
    overheard = () => undefined,
    ...parts
  }: WorldParts = {}) {
    this.#apiVersion = apiVersion;
    this.#budgetShare = budgetShare;
    this.#leaseRemainingMs = leaseRemainingMs;
    this.#network = network;
    this.#overheard = overheard;
    const settings = { operationMs, ...parts.settings };
    const identities = parts.identities ?? ['app', 'bus', 'cdn', 'dns'];
    applySeed(this.#state, seedOf({ ...parts, identities, settings }), this.clock.now());
    this.control = createControl(this.#state, () => this.clock.now());
    this.cluster.setPolicies(...policies);
    for (const each of bindings) this.cluster.apply(each);
    this.#azure = this.#createPort();
    this.roster = this.#createRoster();
    this.#reconciler = this.#createReconciler();
  }

  /** One pass over a scale set. A request that hangs is given the time that it takes to be given up. */
  async pass(name = 'web', options: { readonly hangs?: boolean } = {}): Promise<Outcome> {
    this.#current = new AbortController();
    const logger = this.logger.child({ reconcileID: `pass ${++this.#passes}` });
    const running = this.#reconciler.reconcile(this.key(name), this.#current.signal, logger);
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

  /** A pass as whoever runs many of them at once begins it. */
  reconcile(scaleSet: ArmKey, signal: AbortSignal, logger?: Logger): Promise<Outcome> {
    return this.#reconciler.reconcile(scaleSet, signal, logger);
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
    const list = await this.#azure.listScaleSets({ subscriptionId }, undefined, new AbortController().signal);
    this.#listed.clear();
    if (!list.ok) throw new Error(list.failure.message);
    if (list.value.state !== 'page' || list.value.next !== undefined) throw new Error('more than one page');
    const wholeAt = this.clock.now();
    for (const each of list.value.entries) this.#listed.set(each.key, { scaleSet: each, at, wholeAt });
  }

  /** Lists the identities, as the inventory does from time to time, and reads by itself what is missing there. */
  async listIdentities(): Promise<void> {
    const { signal } = new AbortController();
    const at = this.clock.now();
    const list = await this.#azure.listIdentities({ subscriptionId }, undefined, signal);
    if (!list.ok || list.value.state !== 'page') throw new Error('no list of identities');
    const believed = list.value.entries.filter((each) => this.roster.noteListed(each, at)).map(({ key }) => key);
    for (const key of this.roster.wantedIn(subscriptionId).filter((one) => !believed.includes(one))) {
      const id = identityId(key);
      if (id !== undefined) this.roster.note(key, await this.#azure.getIdentity(id, signal), at);
    }
  }

  /** Lists again, and Azure lags behind: the new list shows what the last one did, with a change if one is given. */
  listLagging(change: Partial<LiveScaleSet> = {}): void {
    const now = this.clock.now();
    for (const [key, { scaleSet: shown }] of this.#listed) {
      this.#listed.set(key, { scaleSet: { ...shown, ...change }, at: now, wholeAt: now });
    }
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
    this.roster = this.#createRoster();
    this.#reconciler = this.#createReconciler();
  }

  /** What happened since it was last asked. */
  take(): readonly string[] {
    const lines = this.journal.take();
    return this.#apiVersion === ARRAY_API_VERSION ? withoutGuardReads(lines) : lines;
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

  /** By which an identity is known in the operator. */
  identityKey(name: string): ArmKey {
    return armKey(identity(name));
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
    const network = createInProcessHttpClient(this.#state, clock);
    const client: HttpClient = {
      sendRequest: async (request) => {
        const response = await network.sendRequest(request);
        this.#overheard(request, response);
        return response;
      },
    };
    return createAzurePort({
      endpoint: origin,
      scope: 'https://management.azure.com/.default',
      apiVersion: this.#apiVersion,
      credential: {
        getToken: async () => ({ token: control.token(clientId), expiresOnTimestamp: clock.now() + 23 * HOUR }),
      },
      httpClient: this.#network(
        journaled(client, this.journal, (id) => control.scaleSet(id).userAssigned.map((assigned) => assigned.id)),
      ),
      clock,
      random: fixedRandom(0),
      budgetShare: this.#budgetShare,
      logger: this.logger,
      fence: { remainingMs: this.#leaseRemainingMs, retryMs: 5 * SECOND },
    });
  }

  #createRoster(): IdentityRoster {
    return new IdentityRoster({
      now: () => this.clock.now(),
      wanted: () => undefined,
      contradicted: (scaleSetKey) => this.contradicted.push(nameOf(scaleSetKey)),
    });
  }

  #createReconciler(): Reconciler {
    return new Reconciler({
      azure: this.#azure,
      cluster: this.cluster,
      random: fixedRandom(0),
      now: () => this.clock.now(),
      exclusiveDelayMs: MINUTE,
      inventory: {
        follow: () => undefined,
        entry: ({ key }) => this.#listed.get(key),
        waitMs: () => undefined,
        noteOperation: () => undefined,
        watches: () => this.watched,
      },
      roster: this.roster,
      logger: this.logger,
      lostInRace: (identities) => {
        this.lostInRace += identities;
      },
      observer: {
        driftFound: (kind, count) => this.heard.push(`drift: ${kind} ${String(count)}`),
        operationEnded: (result, ms) => this.heard.push(`operation: ${result} after ${String(ms / SECOND)} s`),
        detached: (count) => this.heard.push(`detached: ${String(count)}`),
        abandoned: (count) => this.heard.push(`abandoned: ${String(count)}`),
      },
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
