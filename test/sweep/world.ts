/** One simulated Azure, one API server, those who use both, and the incarnations of the operator between them. */
import type { HttpClient } from '@azure/core-rest-pipeline';

import { type Control, createControl } from '../../dev/simulator/control/control.ts';
import type { Drift } from '../../dev/simulator/control/drift.ts';
import { createInProcessHttpClient } from '../../dev/simulator/http-client.ts';
import type { Seed } from '../../dev/simulator/seed.ts';
import { applySeed } from '../../dev/simulator/seeding.ts';
import { createState, type State } from '../../dev/simulator/state.ts';
import type { Config } from '../../src/config.ts';
import { seededRandom } from '../unit/runtime/virtual-clock.ts';
import { type AzureChange, changesBetween, modelOf, OTHERS, type ScaleSetModel } from './azure-model.ts';
import { configOf, type Incarnation, OPERATOR_NAMESPACE, startIncarnation } from './incarnation.ts';
import { MemoryApiServer } from './kube/memory-api-server.ts';
import type { StoreSnapshot } from './kube/object-store.ts';
import { type Tell, telling } from './kube-seam.ts';
import { CLIENT, GROUP, identityIdOf, LOCATION, NAMESPACE, scaleSetIdOf, SUBSCRIPTION, TENANT } from './names.ts';
import { EPOCH_MS, Scheduler, type SchedulerOptions } from './scheduler.ts';
import { SweepUsers } from './users.ts';

/** A world before anything has happened in it; any number of worlds begin with it. */
export interface Beginning {
  readonly azure: State;
  readonly kube: StoreSnapshot;
}

export interface BeginningOptions {
  /** Namespaces of users beside the first. */
  readonly namespaces?: readonly string[];
  /** Names of identities. Default: one, two, three, theirs and guest, whom no workload names. */
  readonly identities?: readonly string[];
  /** Default: `web` without any identity. */
  readonly scaleSets?: NonNullable<
    NonNullable<NonNullable<Seed['subscriptions']>[0]['resourceGroups']>[0]['scaleSets']
  >;
  readonly settings?: Seed['settings'];
}

/** So that all that is worth waiting for happens soon, and a run has few steps. */
const FLAGS = ['--interval', '2m'];
const TOKEN_SECONDS = 10 * 365 * 24 * 3600;

export function beginningOf(options: BeginningOptions = {}): Beginning {
  const azure = createState({});
  const identities = (options.identities ?? ['one', 'two', 'three', 'theirs', 'guest']).map((name) => ({ name }));
  const scaleSets = options.scaleSets ?? [{ name: 'web' }];
  const group = { name: GROUP, location: LOCATION, identities, scaleSets };
  const seed: Seed = {
    settings: { tokenSeconds: TOKEN_SECONDS, ...options.settings },
    principals: [{ clientId: CLIENT, tenant: TENANT }],
    subscriptions: [{ id: SUBSCRIPTION, tenant: TENANT, resourceGroups: [group] }],
  };
  applySeed(azure, seed, EPOCH_MS);
  const kube = new MemoryApiServer({ clock: new Scheduler().clock, random: seededRandom() });
  for (const name of [OPERATOR_NAMESPACE, NAMESPACE, ...(options.namespaces ?? [])]) kube.users.createNamespace(name);
  return { azure, kube: kube.snapshot() };
}

export interface WorldOptions extends SchedulerOptions {
  /** Of the operator, beside those of every sweep. */
  readonly flags?: readonly string[];
}

export class World {
  readonly scheduler: Scheduler;
  readonly kube: MemoryApiServer;
  readonly azure: Control;
  readonly users: SweepUsers;
  readonly azureChanges: AzureChange[] = [];
  readonly incarnations: Incarnation[] = [];
  /** Until when what goes wrong goes on, in virtual time: there is no rest before. */
  troubledUntilMs = 0;
  /** How far the wall clock of an incarnation is ahead, by its number, when it starts. */
  skewOf: (number: number) => number = () => 0;
  /** What becomes of what comes on a watch, of all incarnations. */
  tell: Tell = telling;
  /** The scale sets as they were in the beginning. */
  readonly firstModel: ReadonlyMap<string, ScaleSetModel>;
  readonly #state: State;
  readonly #config: Config;
  readonly #token: string;
  readonly #http: HttpClient;

  constructor(beginning: Beginning, { flags = [], ...options }: WorldOptions = {}) {
    this.scheduler = new Scheduler(options);
    const { clock } = this.scheduler;
    this.#state = structuredClone(beginning.azure);
    this.firstModel = modelOf(this.#state);
    this.azure = createControl(this.#state, () => clock.now());
    this.#http = createInProcessHttpClient(this.#state, clock);
    this.#token = this.azure.token(CLIENT);
    // Names that it makes up must not be those of the beginning.
    this.kube = new MemoryApiServer({ clock, random: laterRandom(), from: beginning.kube });
    this.users = new SweepUsers(this.kube);
    this.#config = configOf([...FLAGS, ...flags]);
  }

  /** Another incarnation of the operator. */
  startOperator(): Incarnation {
    const number = this.incarnations.length + 1;
    const incarnation = startIncarnation({
      scheduler: this.scheduler,
      kube: this.kube,
      azure: this.#azureFor(`operator-${number}`),
      token: this.#token,
      config: this.#config,
      number,
      skewMs: this.skewOf(number),
      tell: (delivery) => this.tell(delivery),
    });
    this.incarnations.push(incarnation);
    return incarnation;
  }

  /** Someone else's hand on a scale set. */
  drift(scaleSetId: string, change: Drift): void {
    this.#noted(OTHERS, () => this.azure.drift(scaleSetId, change));
  }

  /** Deletes it and creates it anew under the same name. */
  replaceScaleSet(scaleSetId: string): void {
    this.#noted(OTHERS, () => this.azure.replaceScaleSet(scaleSetId));
  }

  model(): ReadonlyMap<string, ScaleSetModel> {
    return modelOf(this.#state);
  }

  /** Whether a scale set has these user-assigned identities, by name, and no other one but the guest. */
  has(scaleSet: string, identities: readonly string[]): boolean {
    const found = [...this.model().values()].find(({ id }) => id === scaleSetIdOf(scaleSet).toLowerCase());
    const wanted = identities.map((name) => identityIdOf(name).toLowerCase()).toSorted();
    const counted = found?.userAssigned.filter((id) => id !== identityIdOf('guest').toLowerCase());
    return JSON.stringify(counted) === JSON.stringify(wanted);
  }

  /** Takes everything down; nothing of it goes on. */
  end(): void {
    for (const incarnation of this.incarnations) incarnation.crash();
  }

  /** Lets so many intervals of the operator pass. */
  async runIntervals(count: number): Promise<void> {
    // An interval has jitter of a tenth.
    await this.scheduler.runFor(count * this.#config.intervalMs * 1.1);
  }

  #azureFor(name: string): HttpClient {
    return {
      sendRequest: (request) =>
        request.method === 'GET'
          ? this.#http.sendRequest(request)
          : this.#noted(name, () => this.#http.sendRequest(request)),
    };
  }

  #noted<T>(by: string, act: () => T): T {
    const before = modelOf(this.#state);
    const result = act();
    const when = { step: this.scheduler.steps, virtualMs: this.scheduler.elapsedMs, revision: this.kube.revision };
    for (const change of changesBetween(before, modelOf(this.#state))) {
      this.azureChanges.push({ ...when, by, ...change });
    }
    return result;
  }
}

function laterRandom(): ReturnType<typeof seededRandom> {
  const random = seededRandom();
  return { next: () => random.next(), uuid: () => random.uuid().replace('-8000-', '-9000-') };
}
