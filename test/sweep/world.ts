/** One simulated Azure, one API server, those who use both, and the incarnations of the operator between them. */
import {
  createHttpHeaders,
  createPipelineRequest,
  type PipelineRequest,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';

import { type Control, createControl } from '../../dev/simulator/control/control.ts';
import type { Drift } from '../../dev/simulator/control/drift.ts';
import { createInProcessHttpClient } from '../../dev/simulator/http-client.ts';
import type { PrincipalSeed, Seed } from '../../dev/simulator/seed.ts';
import { applySeed } from '../../dev/simulator/seeding.ts';
import { createState, type State } from '../../dev/simulator/state.ts';
import { BINDING, LEDGER, type VmssIdentityBinding, type VmssIdentityLedger } from '../../src/api/types.ts';
import type { Config } from '../../src/config.ts';
import { seededRandom } from '../unit/runtime/virtual-clock.ts';
import { type AzureChange, changesBetween, modelOf, OTHERS, type ScaleSetModel } from './azure-model.ts';
import { configOf, type Incarnation, OPERATOR_NAMESPACE, startIncarnation } from './incarnation.ts';
import { MemoryApiServer } from './kube/memory-api-server.ts';
import type { Change, StoreSnapshot } from './kube/object-store.ts';
import { collectionOf } from './kube/served-kind.ts';
import { type Tell, telling } from './kube-seam.ts';
import { CLIENT, GROUP, identityIdOf, LOCATION, NAMESPACE, scaleSetIdOf, SUBSCRIPTION, TENANT } from './names.ts';
import { EPOCH_MS, Scheduler, type SchedulerOptions } from './scheduler.ts';
import type { Known } from './shown.ts';
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
  /** What the operator may do. Default: everything, everywhere. */
  readonly permissions?: NonNullable<PrincipalSeed['permissions']>;
}

/** So that all that is worth waiting for happens soon, and a run has few steps. */
const FLAGS = ['--interval', '1m'];
/** What it takes to attach an identity to anything. */
export const ASSIGN = 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action';
const TOKEN_SECONDS = 10 * 365 * 24 * 3600;

export function beginningOf({ permissions, ...options }: BeginningOptions = {}): Beginning {
  const azure = createState({});
  const identities = (options.identities ?? ['one', 'two', 'three', 'theirs', 'guest']).map((name) => ({ name }));
  const scaleSets = options.scaleSets ?? [{ name: 'web' }];
  const group = { name: GROUP, location: LOCATION, identities, scaleSets };
  const seed: Seed = {
    settings: { tokenSeconds: TOKEN_SECONDS, ...options.settings },
    principals: [{ clientId: CLIENT, tenant: TENANT, ...(permissions === undefined ? {} : { permissions }) }],
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
  /** What the operator went by when it wrote a binding or a ledger. */
  readonly knownAtWrite = new Map<Change, Known>();
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
  #faultMs: number | undefined;

  constructor(beginning: Beginning, { flags = [], ...options }: WorldOptions = {}) {
    this.scheduler = new Scheduler(options);
    const { clock } = this.scheduler;
    this.#state = structuredClone(beginning.azure);
    this.firstModel = modelOf(this.#state);
    this.azure = createControl(this.#state, () => clock.now());
    this.#token = this.azure.token(CLIENT);
    // Names that it makes up must not be those of the beginning.
    this.kube = new MemoryApiServer({ clock, random: laterRandom(), from: beginning.kube });
    this.users = new SweepUsers(this.kube);
    this.#config = configOf([...FLAGS, ...flags]);
    this.kube.onChange((change) => this.#noteWrite(change));
  }

  /** How long what `mode: Exclusive` detaches has to stand on record before. */
  get exclusiveDelayMs(): number {
    return this.#config.exclusiveDelayMs;
  }

  /** When something went wrong last, in virtual time; undefined while nothing has. */
  get faultMs(): number | undefined {
    return this.#faultMs;
  }

  /** To be called by whoever lets something go wrong, when it does. */
  noteFault(): void {
    this.#faultMs = this.scheduler.elapsedMs;
  }

  /**
   * Another incarnation of the operator.
   * @param flags beside those of every sweep, in place of the world's; absent: the world's
   */
  startOperator(flags?: readonly string[]): Incarnation {
    const number = this.incarnations.length + 1;
    const incarnation = startIncarnation({
      scheduler: this.scheduler,
      kube: this.kube,
      azure: this.#azureFor(`operator-${number}`),
      token: this.#token,
      config: flags === undefined ? this.#config : configOf([...FLAGS, ...flags]),
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

  /** Deletes it and creates it anew under the same name, whole: nothing of it is under way. */
  replaceScaleSet(scaleSetId: string): void {
    this.#noted(OTHERS, () => {
      this.azure.finishOperations(scaleSetId);
      this.azure.replaceScaleSet(scaleSetId);
    });
  }

  /** Creates an identity, by name. */
  createIdentity(name: string): void {
    this.azure.createIdentity(identityIdOf(name));
  }

  /** Deletes an identity and creates it anew under the same name: the scale sets that have it keep the old one. */
  recreateIdentity(name: string): void {
    this.azure.recreateIdentity(identityIdOf(name));
  }

  /** Allows the operator to assign an identity, by name. */
  allowToAssign(name: string): void {
    this.azure.grant(CLIENT, { scope: identityIdOf(name), actions: [ASSIGN] });
  }

  /** Whatever else others do in Azure. */
  byOthers(act: (azure: Control) => void): void {
    this.#noted(OTHERS, () => act(this.azure));
  }

  /** Someone else's PATCH of a scale set. Refused while an operation runs. */
  patchByOthers(id: string, body: object): void {
    const url = `https://management.azure.com${id}?api-version=2024-07-01`;
    const headers = createHttpHeaders({ authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' });
    const request = createPipelineRequest({ method: 'PATCH', url, headers, body: JSON.stringify(body) });
    const { clock } = this.scheduler;
    const azure = createInProcessHttpClient(this.#state, clock);
    void this.#noted(OTHERS, () => azure.sendRequest(request));
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

  /** Whether these identities, by name, are there as they are now: none of them in an earlier life, or halfway. */
  hasWorking(scaleSet: string, identities: readonly string[]): boolean {
    const { userAssigned } = this.azure.scaleSet(scaleSetIdOf(scaleSet));
    return identities.map(identityIdOf).every((id) => {
      const assigned = userAssigned.find((each) => each.id.toLowerCase() === id.toLowerCase());
      return assigned?.clientId === this.azure.identity(id).clientId;
    });
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

  #azureFor(by: string): (request: PipelineRequest, known: Known) => Promise<PipelineResponse> {
    const { clock } = this.scheduler;
    return (request, known) => {
      const sleep = (ms: number): Promise<void> => {
        const slept = clock.sleep(ms);
        this.#noteAfter(slept, by, known);
        return slept;
      };
      const azure = createInProcessHttpClient(this.#state, { now: () => clock.now(), sleep });
      return request.method === 'GET'
        ? azure.sendRequest(request)
        : this.#noted(by, () => azure.sendRequest(request), known);
    };
  }

  /** A request whose effect takes its time has it in the turn in which the simulated Azure awakes. */
  #noteAfter(slept: Promise<void>, by: string, known: Known): void {
    let before: ReadonlyMap<string, ScaleSetModel> = new Map();
    void slept
      .then(() => {
        before = modelOf(this.#state);
      })
      .then(() => this.#noteChanges(before, by, known));
  }

  #noted<T>(by: string, act: () => T, known?: Known): T {
    const before = modelOf(this.#state);
    const result = act();
    this.#noteChanges(before, by, known);
    return result;
  }

  #noteChanges(before: ReadonlyMap<string, ScaleSetModel>, by: string, known: Known | undefined): void {
    const when = { step: this.scheduler.steps, virtualMs: this.scheduler.elapsedMs, revision: this.kube.revision };
    for (const change of changesBetween(before, modelOf(this.#state))) {
      this.azureChanges.push({ ...when, by, ...change, known });
    }
  }

  #noteWrite(change: Change): void {
    const scaleSetId = scaleSetOf(change);
    const known = this.incarnations.find(({ name }) => name === change.by)?.knownOf(scaleSetId ?? '');
    if (scaleSetId !== undefined && known !== undefined) this.knownAtWrite.set(change, known);
  }
}

function scaleSetOf({ collection, object }: Change): string | undefined {
  if (collection === collectionOf(LEDGER)) return (object as object as VmssIdentityLedger).spec.scaleSetId;
  if (collection !== collectionOf(BINDING)) return undefined;
  return (object as object as VmssIdentityBinding).spec.scaleSet.resourceId;
}

function laterRandom(): ReturnType<typeof seededRandom> {
  const random = seededRandom();
  return { next: () => random.next(), uuid: () => random.uuid().replace('-8000-', '-9000-') };
}
