/**
 * The operator's view of the cluster and its hands in it: bindings, policies and ledgers from reflectors, every own write
 * noted, so that no pass sees anything older than what it wrote itself.
 */
import { isDeepStrictEqual } from 'node:util';

import {
  ABANDON_ANNOTATION,
  API_VERSION,
  BINDING,
  FINALIZER,
  POLICY,
  REQUESTED_AT_ANNOTATION,
  type VmssIdentityBinding,
  type VmssIdentityLedger,
  type VmssIdentityPolicy,
  type VmssIdentityPolicySpec,
} from '../api/types.ts';
import type { ArmKey, ScaleSetId } from '../identity/arm-id.ts';
import type { Ledger } from '../identity/ledger.ts';
import { touches } from '../identity/permit.ts';
import type { ClusterPort } from '../reconcile/cluster-port.ts';
import type { Clock, Random } from '../runtime/clock.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Availability } from './availability.ts';
import { BindingIndex, scaleSetOf } from './binding-index.ts';
import type { KubeClient } from './client.ts';
import { isKubeError, refusalOf } from './errors.ts';
import type { EventRecorder } from './events.ts';
import { addFinalizer, removeFinalizer } from './finalizers.ts';
import type { JsonPatch } from './json-patch.ts';
import { Ledgers } from './ledgers.ts';
import type { KubeObject } from './object.ts';
import { OwnWrites } from './own-writes.ts';
import {
  type AnyReflector,
  type ChangeSource,
  type ObjectHandler,
  Reflector,
  type ReflectorObserver,
  type ReflectorOptions,
} from './reflector.ts';
import { ResourceClient, type Stored } from './resource-client.ts';
import { type Urgency, urgencyOf } from './urgency.ts';

export interface ClusterOptions {
  readonly client: KubeClient;
  /** Namespaces whose bindings are served; absent: all. */
  readonly watchNamespaces: readonly string[] | undefined;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** @param reflector its name in {@link Cluster.reflectors} */
  readonly observer?: (reflector: string) => ReflectorObserver;
  /** Of the client: tells of outages, in place of each reflector. */
  readonly availability: Pick<Availability, 'tellsOf'>;
  /** A scale set has to be looked at. */
  readonly changed: (scaleSet: ArmKey, urgency: Urgency) => void;
}

type Binding = Stored<VmssIdentityBinding>;

export class Cluster implements ClusterPort {
  readonly #options: ClusterOptions;
  readonly #bindings: ResourceClient<VmssIdentityBinding>;
  readonly #bindingReflectors: readonly Reflector<VmssIdentityBinding>[];
  readonly #policyReflector: Reflector<VmssIdentityPolicy>;
  readonly #ledgers: Ledgers;
  readonly #index = new BindingIndex();
  readonly #ownWrites = new OwnWrites();

  constructor(options: ClusterOptions) {
    this.#options = options;
    this.#bindings = new ResourceClient(options.client, BINDING);
    const namespaces = options.watchNamespaces ?? [undefined];
    this.#bindingReflectors = namespaces.map((namespace) =>
      this.#reflector(bindingsIn(namespace), this.#bindings, this.#bindingHandler(), { namespace }),
    );
    const policies = new ResourceClient<VmssIdentityPolicy>(options.client, POLICY);
    this.#policyReflector = this.#reflector('policies', policies, this.#policyHandler());
    this.#ledgers = new Ledgers({
      client: options.client,
      ownWrites: this.#ownWrites,
      changed: options.changed,
      reflect: (client, handler) => this.#reflector('ledgers', client, handler, { isReplaced: true }),
    });
  }

  /** By name, for health and metrics. */
  get reflectors(): ReadonlyMap<string, AnyReflector> {
    const namespaces = this.#options.watchNamespaces ?? [];
    const bindings = this.#bindingReflectors.map((reflector, index): [string, AnyReflector] => [
      bindingsIn(namespaces[index]),
      reflector,
    ]);
    return new Map([...bindings, ['policies', this.#policyReflector], ['ledgers', this.#ledgers.reflector]]);
  }

  /** Begins to list and watch; resolves with true when all kinds are synced, with false when stopped before. */
  async start(signal: AbortSignal): Promise<boolean> {
    const all = [...this.reflectors.values()];
    for (const reflector of all) reflector.start();
    const synced = await Promise.all(all.map((reflector) => reflector.whenSynced(signal)));
    return synced.every(Boolean);
  }

  /**
   * Has all kinds listed anew, by quorum. Resolves with true when what is known is no older than the call; with false when
   * stopped or aborted before.
   */
  async relist(signal: AbortSignal): Promise<boolean> {
    const listed = await Promise.all([...this.reflectors.values()].map((reflector) => reflector.relist(signal)));
    return listed.every(Boolean);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.reflectors.values()].map((reflector) => reflector.stop()));
  }

  /** Every scale set that a binding or a ledger speaks of. */
  scaleSets(): ReadonlySet<ArmKey> {
    return new Set([...this.#index.scaleSets(), ...this.#ledgers.scaleSets()]);
  }

  /** The bound scale sets of a subscription. */
  inSubscription(subscriptionId: string): readonly ArmKey[] {
    return this.#index.inSubscription(subscriptionId);
  }

  /** A bound scale set by the texts that are held here anyway; undefined: it is not bound. */
  held(scaleSet: ArmKey): Pick<ScaleSetId, 'key' | 'resourceId'> | undefined {
    return this.#index.held(scaleSet);
  }

  /** Everything that is known, for who counts it. */
  all(): { readonly bindings: readonly VmssIdentityBinding[]; readonly ledgers: readonly VmssIdentityLedger[] } {
    return {
      bindings: this.#bindingReflectors.flatMap((reflector) => reflector.list()),
      ledgers: this.#ledgers.reflector.list(),
    };
  }

  bindingsOf(scaleSet: ArmKey): readonly VmssIdentityBinding[] {
    return this.#index.of(scaleSet);
  }

  policies(): readonly VmssIdentityPolicySpec[] {
    return this.#policyReflector.list().map(({ spec }) => spec);
  }

  ledgerOf(scaleSet: ArmKey): VmssIdentityLedger | undefined {
    return this.#ledgers.of(scaleSet);
  }

  saveLedger(
    scaleSet: ArmKey,
    current: VmssIdentityLedger | undefined,
    spec: Ledger,
    signal: AbortSignal,
  ): Promise<VmssIdentityLedger> {
    return this.#ledgers.save(scaleSet, current, spec, signal);
  }

  deleteLedger(current: VmssIdentityLedger, signal: AbortSignal): Promise<void> {
    return this.#ledgers.delete(current, signal);
  }

  async addFinalizer(binding: VmssIdentityBinding, signal: AbortSignal): Promise<void> {
    try {
      await this.#ownWrites.run(binding.metadata.uid, this.#hurry(scaleSetOf(binding)), async () => {
        const written = await addFinalizer(this.#bindings, this.#newest(binding), FINALIZER, { signal });
        this.#noteBinding(written);
        return written;
      });
    } catch (error) {
      // `invalid`: it is being deleted.
      if (isKubeError(error, 'notFound', 'testFailed', 'invalid')) await this.#lookAgain(binding, signal);
      throw error;
    }
  }

  async removeFinalizer(binding: VmssIdentityBinding, signal: AbortSignal): Promise<void> {
    try {
      const left = await removeFinalizer(this.#bindings, this.#newest(binding), FINALIZER, { signal });
      if (left === undefined) this.#noteEnd(binding);
      else this.#noteBinding(left);
    } catch (error) {
      if (isKubeError(error, 'testFailed', 'conflict')) await this.#lookAgain(binding, signal);
      throw error;
    }
  }

  async writeStatus(
    binding: VmssIdentityBinding,
    status: VmssIdentityBinding['status'],
    signal: AbortSignal,
  ): Promise<void> {
    const { uid } = binding.metadata;
    try {
      await this.#ownWrites.run(uid, this.#hurry(scaleSetOf(binding)), async () => {
        const patch = statusPatch(binding, status);
        const written = await this.#bindings.jsonPatch(binding.metadata, patch, { subresource: 'status', signal });
        this.#noteBinding(written);
        return written;
      });
    } catch (error) {
      // Gone, another one of the same name, or another spec, which the next pass judges: there is nobody to tell.
      if (!isKubeError(error, 'notFound', 'testFailed')) throw error;
      await this.#lookAgain(binding, signal);
      // Another status than the one that was seen.
      if (this.#known(binding)?.metadata.generation === binding.metadata.generation) throw error;
    }
  }

  /** What was refused shows that the view is old. Its watch may have fallen silent, and nobody is to wait for its end. */
  async #lookAgain(binding: VmssIdentityBinding, signal: AbortSignal): Promise<void> {
    try {
      this.#noteBinding(await this.#bindings.get(binding.metadata, { signal }));
    } catch (error) {
      if (isKubeError(error, 'notFound')) this.#noteEnd(binding);
    }
  }

  refusalOf(error: unknown): 'lasting' | 'passing' | undefined {
    return refusalOf(error);
  }

  announce(
    about: VmssIdentityBinding | VmssIdentityLedger,
    announcement: Parameters<ClusterPort['announce']>[1],
  ): void {
    const { name, namespace, uid } = about.metadata;
    this.#options.events.record({
      ...announcement,
      regarding: { apiVersion: API_VERSION, kind: about.kind, name, namespace, uid },
    });
  }

  #reflector<T extends KubeObject>(
    name: string,
    client: ResourceClient<T>,
    handler: ObjectHandler<Stored<T>>,
    kept: Pick<ReflectorOptions<T>, 'namespace' | 'isReplaced'> = {},
  ): Reflector<T> {
    const { clock, random, logger, observer, availability } = this.#options;
    return new Reflector<T>({
      client,
      handler,
      ...kept,
      clock,
      random,
      logger,
      observer: observer?.(name),
      availability,
    });
  }

  /** What is done when an event during an own write turns out to be somebody else's. */
  #hurry(scaleSet: ArmKey): () => void {
    return () => this.#options.changed(scaleSet, 'high');
  }

  /** The binding as it is known now: finalizers are patched from the list that was read. */
  #newest(binding: VmssIdentityBinding): Binding {
    return this.#known(binding) ?? binding;
  }

  #known(binding: VmssIdentityBinding): Binding | undefined {
    return this.#index.of(scaleSetOf(binding)).find(({ metadata }) => metadata.uid === binding.metadata.uid);
  }

  #noteBinding(written: Binding): void {
    for (const reflector of this.#bindingReflectors) reflector.noteWrite(written);
  }

  #noteEnd(binding: VmssIdentityBinding): void {
    for (const reflector of this.#bindingReflectors) reflector.noteDeletion(binding);
  }

  #bindingHandler(): ObjectHandler<Binding> {
    const { changed } = this.#options;
    return {
      added: (binding, source) => {
        changed(this.#index.put(binding), urgencyOf(source));
      },
      updated: (old, binding, source) => {
        const scaleSet = this.#index.put(binding);
        const { uid, resourceVersion } = binding.metadata;
        // What an answer shows of others' doing no event tells any more.
        const isTold =
          source === 'write'
            ? isOthersNews(old, binding)
            : isNews(old, binding) && !this.#ownWrites.mayBe(uid, resourceVersion);
        if (isTold) changed(scaleSet, 'high');
      },
      // Each term begins with a list: the index would keep all that was listed before beside it.
      same: (binding) => void this.#index.put(binding),
      deleted: (binding) => {
        this.#index.remove(binding);
        changed(scaleSetOf(binding), 'low');
      },
    };
  }

  #policyHandler(): ObjectHandler<Stored<VmssIdentityPolicy>> {
    const judgeAnew = (specs: readonly VmssIdentityPolicySpec[], source: ChangeSource): void => {
      for (const scaleSet of this.#index.scaleSets()) {
        const namespaces = this.#index.of(scaleSet).map(({ metadata }) => metadata.namespace);
        if (specs.some((spec) => touches(spec, namespaces, scaleSet))) {
          this.#options.changed(scaleSet, urgencyOf(source));
        }
      }
    };
    return {
      added: ({ spec }, source) => judgeAnew([spec], source),
      updated: (old, { spec }, source) => {
        if (!isDeepStrictEqual(old.spec, spec)) judgeAnew([old.spec, spec], source);
      },
      deleted: ({ spec }, source) => judgeAnew([spec], source),
    };
  }
}

/**
 * What was judged of one spec would read as said of the next, and a write can be long on its way: it holds for this spec
 * only, and on top of what was seen to be said before. Not for the version, which anybody's annotation changes.
 */
function statusPatch(
  { metadata, status: seen }: VmssIdentityBinding,
  status: VmssIdentityBinding['status'],
): JsonPatch {
  return [
    { op: 'test', path: '/metadata/uid', value: metadata.uid },
    { op: 'test', path: '/metadata/generation', value: metadata.generation },
    { op: 'test', path: '/status/observedGeneration', value: seen.observedGeneration },
    { op: 'test', path: '/status/conditions', value: seen.conditions ?? null },
    { op: 'add', path: '/status', value: status },
  ];
}

function bindingsIn(namespace: string | undefined): string {
  return namespace === undefined ? 'bindings' : `bindings in ${namespace}`;
}

/** Whether anything changed that a pass goes by; our own writes are none. */
function isNews(old: VmssIdentityBinding, binding: VmssIdentityBinding): boolean {
  const [before, after] = [old, binding].map(({ metadata, status }) => ({
    finalized: metadata.finalizers?.includes(FINALIZER) === true,
    status,
  }));
  return isOthersNews(old, binding) || !isDeepStrictEqual(before, after);
}

/** The same, of what we never write ourselves. */
function isOthersNews(old: VmssIdentityBinding, binding: VmssIdentityBinding): boolean {
  const [before, after] = [old, binding].map(({ metadata }) => ({
    generation: metadata.generation,
    deletion: metadata.deletionTimestamp,
    requestedAt: metadata.annotations?.[REQUESTED_AT_ANNOTATION],
    abandon: metadata.annotations?.[ABANDON_ANNOTATION],
  }));
  return !isDeepStrictEqual(before, after);
}
