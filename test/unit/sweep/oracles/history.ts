/** Small histories by hand, for oracles to judge. */
import {
  API_VERSION,
  BINDING,
  FINALIZER,
  LEDGER,
  POLICY,
  type VmssIdentityBindingSpec,
  type VmssIdentityLedgerSpec,
  type VmssIdentityPolicySpec,
} from '../../../../src/api/types.ts';
import type { AzureChange, ScaleSetModel } from '../../../sweep/azure-model.ts';
import { type ApiObject, keyOfObject } from '../../../sweep/kube/api-object.ts';
import type { Change } from '../../../sweep/kube/object-store.ts';
import { collectionOf } from '../../../sweep/kube/served-kind.ts';
import { identityIdOf, NAMESPACE, scaleSetIdOf, SUBSCRIPTION } from '../../../sweep/names.ts';
import type { Judged } from '../../../sweep/oracles/deed.ts';
import { EPOCH_MS } from '../../../sweep/scheduler.ts';
import { type Known, type Sight, sightKey } from '../../../sweep/shown.ts';
import type { TraceLine } from '../../../sweep/trace.ts';

export const OPERATOR = 'operator-1';
export const EXCLUSIVE_DELAY_MS = 60_000;
const UNIQUE_ID = 'unique-web';
const EVERYTHING = `/subscriptions/${SUBSCRIPTION}/**`;

export const lower = (name: string): string => identityIdOf(name).toLowerCase();

export const uidOf = (name: string, namespace = NAMESPACE): string => `uid-${namespace}-${name}`;

/** The scale set `web` with these identities, by name. */
export const model = (userAssigned: readonly string[], change: Partial<ScaleSetModel> = {}): ScaleSetModel => ({
  id: scaleSetIdOf('web').toLowerCase(),
  uniqueId: UNIQUE_ID,
  systemAssigned: false,
  userAssigned: userAssigned.map(lower).toSorted(),
  tagNames: [],
  ...change,
});

type Phase = VmssIdentityLedgerSpec['entries'][0]['phase'];

/** An entry for bindings of the first namespace, by name. */
export const entry = (name: string, phase: Phase, ...members: readonly string[]) => ({
  resourceId: identityIdOf(name),
  phase,
  since: '2026-01-01T00:00:00Z',
  for: members.map(memberOf),
});

export const memberOf = (name: string) => ({ namespace: NAMESPACE, name, uid: uidOf(name) });

interface BindingMeta {
  readonly namespace?: string;
  readonly generation?: number;
  readonly deleting?: boolean;
  readonly finalizer?: boolean;
  readonly annotations?: Readonly<Record<string, string>>;
  /** What of its status matters; written by the operator then. */
  readonly status?: object;
  readonly atMs?: number;
}

interface SpecGiven extends Partial<Omit<VmssIdentityBindingSpec, 'userAssigned' | 'scaleSet'>> {
  /** By name. */
  readonly userAssigned?: readonly string[];
  readonly adopt?: readonly string[];
}

export class History {
  readonly kubeChanges: Change[] = [];
  readonly azureChanges: AzureChange[] = [];
  readonly trace: TraceLine[] = [];
  readonly knownAtWrite = new Map<Change, Known>();
  readonly exclusiveDelayMs = EXCLUSIVE_DELAY_MS;
  readonly firstModel: ReadonlyMap<string, ScaleSetModel>;
  readonly #objects = new Map<string, ApiObject>();
  #revision = 100;
  #model: ScaleSetModel;

  constructor(first: ScaleSetModel = model([])) {
    this.firstModel = new Map([[first.uniqueId, first]]);
    this.#model = first;
  }

  get run(): Judged {
    return this;
  }

  get revision(): number {
    return this.#revision;
  }

  policy(name = 'everything', change: Partial<VmssIdentityPolicySpec> = {}): this {
    const spec = {
      ...{ namespaces: ['*'], scaleSets: [EVERYTHING], userAssigned: [EVERYTHING] },
      ...{ systemAssigned: 'EnableAndDisable', exclusive: 'Allow', adopt: 'Allow', protected: [] },
      ...change,
    };
    this.put({ kind: POLICY.kind, metadata: { name, uid: `uid-${name}` }, spec }, collectionOf(POLICY));
    return this;
  }

  removePolicy(name = 'everything'): this {
    this.remove(collectionOf(POLICY), name);
    return this;
  }

  /** A request to Azure, whatever came of it. */
  asked(method: 'GET' | 'PATCH'): this {
    const path = scaleSetIdOf('web');
    this.trace.push({ from: OPERATOR, side: 'A', method, path, step: 1, request: 1, virtualMs: 0, outcome: '409' });
    return this;
  }

  /** Of the scale set `web`, with the finalizer unless said. */
  binding(name: string, given: SpecGiven = {}, meta: BindingMeta = {}): this {
    const { userAssigned = [], adopt = [], ...rest } = given;
    const { namespace = NAMESPACE, generation = 1, deleting, finalizer = true, annotations, status, atMs } = meta;
    const spec = {
      ...{ systemAssigned: 'Unmanaged', mode: 'Additive', deletionPolicy: 'Detach', managementPolicy: 'Manage' },
      ...{ staleIdentities: 'Report', suspend: false, scaleSet: { resourceId: scaleSetIdOf('web') } },
      userAssigned: userAssigned.map((each) => ({ resourceId: identityIdOf(each), adopt: adopt.includes(each) })),
      ...rest,
    };
    const metadata = {
      ...{ name, namespace, uid: uidOf(name, namespace), generation, annotations },
      finalizers: finalizer ? [FINALIZER] : [],
      ...(deleting === true ? { deletionTimestamp: '2026-01-01T00:00:10Z' } : {}),
    };
    const told = status === undefined ? {} : { status };
    this.put(
      { kind: BINDING.kind, metadata, spec, ...told },
      collectionOf(BINDING),
      ...(status === undefined ? [] : [{ by: OPERATOR, subresource: 'status' as const, atMs: atMs ?? EPOCH_MS }]),
    );
    return this;
  }

  removeBinding(name: string, by = 'user'): this {
    this.remove(collectionOf(BINDING), `${NAMESPACE}/${name}`, by);
    return this;
  }

  /** Written by the operator, by what it knows then. */
  ledger(
    change: Partial<VmssIdentityLedgerSpec>,
    { atMs = EPOCH_MS, known }: { atMs?: number; known?: Known } = {},
  ): this {
    const going = known ?? this.known();
    const spec = { scaleSetId: scaleSetIdOf('web'), uniqueId: UNIQUE_ID, entries: [], foreign: [], ...change };
    const ledger = { kind: LEDGER.kind, metadata: { name: 'web-1', uid: 'uid-ledger' }, spec };
    this.knownAtWrite.set(this.put(ledger, collectionOf(LEDGER), { by: OPERATOR, atMs }), going);
    return this;
  }

  /** What a process knows that has been shown all there is. */
  known(startedAt = 100): Known {
    const sights = new Map<string, Sight>();
    for (const [name, object] of this.#objects) sights.set(name, { revision: this.#revision, object });
    return { startedAt, revision: this.#revision, sights };
  }

  /** The scale set comes to be so, by the operator's hand unless said. */
  azure(after: ScaleSetModel, { by = OPERATOR, known = this.known(), virtualMs = 0 }: Partial<AzureChange> = {}): this {
    const before = this.#model;
    this.#model = after;
    this.azureChanges.push({ step: 1, virtualMs, by, revision: this.#revision, known, before, after });
    return this;
  }

  put(
    given: { readonly kind: string; readonly metadata: object; readonly spec?: object },
    collection: string,
    written: Partial<Change> = {},
  ): Change {
    const metadata = { ...given.metadata, resourceVersion: String(++this.#revision), creationTimestamp: '' };
    const object = { apiVersion: API_VERSION, ...given, metadata } as object as ApiObject;
    const name = sightKey(collection, keyOfObject(object));
    const previous = this.#objects.get(name);
    this.#objects.set(name, object);
    return this.#changed({
      type: previous === undefined ? 'ADDED' : 'MODIFIED',
      object,
      previous,
      collection,
      ...written,
    });
  }

  remove(collection: string, key: string, by = 'user'): void {
    const name = sightKey(collection, key);
    const object = this.#objects.get(name);
    if (object === undefined) throw new Error(`there is no ${name}`);
    this.#objects.delete(name);
    this.#revision += 1;
    this.#changed({ type: 'DELETED', object, previous: object, collection, by });
  }

  #changed(change: Pick<Change, 'type' | 'object' | 'previous' | 'collection'> & Partial<Change>): Change {
    const whole: Change = {
      ...{ revision: this.#revision, atMs: EPOCH_MS, by: 'user', verb: 'patch', subresource: undefined },
      key: keyOfObject(change.object),
      ...change,
    };
    this.kubeChanges.push(whole);
    return whole;
  }
}
