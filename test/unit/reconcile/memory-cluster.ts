/**
 * Kubernetes in memory, as strict as the API server: resourceVersions, uids, finalizers, schemas. Every write is written
 * down, and everything it hands out is frozen.
 */
import type {
  VmssIdentityBinding,
  VmssIdentityBindingSpec,
  VmssIdentityBindingStatus,
  VmssIdentityLedger,
  VmssIdentityPolicySpec,
} from '../../../src/api/types.ts';
import { ABANDON_ANNOTATION, API_VERSION, FINALIZER, REQUESTED_AT_ANNOTATION } from '../../../src/api/types.ts';
import { type ArmKey, armKey, parseScaleSetId } from '../../../src/identity/arm-id.ts';
import type { Ledger } from '../../../src/identity/ledger.ts';
import { KubeError, type KubeErrorKind, refusalOf } from '../../../src/kube/errors.ts';
import type { Announcement, ClusterPort } from '../../../src/reconcile/cluster-port.ts';
import { ledgerName } from '../../../src/reconcile/ledger-name.ts';
import { assertConditionInvariants } from '../api/assert-condition-invariants.ts';
import { movedBack, movedWithoutChange } from '../api/transition-times.ts';
import { type Journal, tellLedger, tellStatus } from './journal.ts';
import { assertValid } from './schemas.ts';

/** A write that a test can have fail. */
export type Write = 'saveLedger' | 'deleteLedger' | 'addFinalizer' | 'removeFinalizer' | 'writeStatus';

export class MemoryCluster implements ClusterPort {
  readonly #journal: Journal;
  readonly #now: () => number;
  readonly #bindings = new Map<string, VmssIdentityBinding>();
  /** Of each binding, the scale set that it is for. */
  readonly #scaleSets = new Map<string, ArmKey>();
  readonly #ledgers = new Map<ArmKey, VmssIdentityLedger>();
  readonly #failures: { readonly write: Write; readonly name: string | undefined; readonly kind: KubeErrorKind }[] = [];
  readonly #refused = new Map<string, KubeErrorKind>();
  readonly #events: string[] = [];
  #policies: readonly VmssIdentityPolicySpec[] = [];
  #resourceVersion = 0;
  #eventsTaken = 0;

  constructor(journal: Journal, now: () => number) {
    this.#journal = journal;
    this.#now = now;
  }

  // --- what people do ------------------------------------------------------------------------------------------------

  apply(binding: VmssIdentityBinding): void {
    assertValid('bindingSpec', binding.spec);
    this.#put({ ...binding, metadata: { ...binding.metadata, creationTimestamp: this.#iso() } });
  }

  edit(name: string, change: Partial<VmssIdentityBindingSpec>): void {
    const binding = this.binding(name);
    const spec = { ...binding.spec, ...change };
    assertValid('bindingSpec', spec);
    this.#put({ ...binding, spec, metadata: { ...binding.metadata, generation: binding.metadata.generation + 1 } });
  }

  /** Someone writes the object as they like. */
  replace(binding: VmssIdentityBinding): void {
    this.#put(binding);
  }

  /** Someone writes into the status what they like, as far as the schema takes it. */
  forgeStatus(name: string, status: VmssIdentityBindingStatus): void {
    assertValid('bindingStatus', status);
    this.#put({ ...this.binding(name), status });
  }

  requestPass(name: string): void {
    this.#annotate(name, REQUESTED_AT_ANNOTATION, this.#iso());
  }

  abandon(name: string): void {
    this.#annotate(name, ABANDON_ANNOTATION, 'true');
  }

  delete(name: string): void {
    const binding = this.binding(name);
    if ((binding.metadata.finalizers ?? []).length === 0) this.#bindings.delete(name);
    else this.#put({ ...binding, metadata: { ...binding.metadata, deletionTimestamp: this.#iso() } });
  }

  /** Its finalizer is taken off by hand, and it is gone. */
  deleteByForce(name: string): void {
    this.#bindings.delete(name);
  }

  /** Someone deletes, or writes, a ledger by hand. */
  deleteLedgerByHand(scaleSetId: string): void {
    this.#ledgers.delete(armKey(scaleSetId));
  }

  writeLedgerByHand(spec: Ledger): void {
    this.#store(armKey(spec.scaleSetId), `uid-ledger-${spec.scaleSetId}`, spec);
  }

  setPolicies(...policies: readonly VmssIdentityPolicySpec[]): void {
    for (const spec of policies) assertValid('policySpec', spec);
    this.#policies = policies;
  }

  /** Every write of this sort of the binding of this name fails. */
  failAlways(write: Write, kind: KubeErrorKind, name: string): void {
    this.#refused.set(`${write} ${name}`, kind);
  }

  /** Nothing fails any more. */
  mend(): void {
    this.#refused.clear();
    this.#failures.length = 0;
  }

  /** The next write of this sort (of the binding of this name) fails. */
  failNext(write: Write, kind: KubeErrorKind, name?: string): void {
    this.#failures.push({ write, name, kind });
  }

  // --- what a test looks at ------------------------------------------------------------------------------------------

  /** @throws Error when it is gone */
  binding(name: string): VmssIdentityBinding {
    const found = this.#bindings.get(name);
    if (found === undefined) throw new Error(`there is no binding ${name}`);
    return found;
  }

  has(name: string): boolean {
    return this.#bindings.has(name);
  }

  /** `Warning IdentityMissing one: …`, since it was last asked. */
  takeEvents(): readonly string[] {
    const events = this.#events.slice(this.#eventsTaken);
    this.#eventsTaken = this.#events.length;
    return events;
  }

  // --- what the operator does ----------------------------------------------------------------------------------------

  bindingsOf(scaleSet: ArmKey): readonly VmssIdentityBinding[] {
    return [...this.#bindings.values()].filter(({ metadata }) => this.#scaleSets.get(metadata.name) === scaleSet);
  }

  policies(): readonly VmssIdentityPolicySpec[] {
    return this.#policies;
  }

  ledgerOf(scaleSet: ArmKey): VmssIdentityLedger | undefined {
    return this.#ledgers.get(scaleSet);
  }

  async saveLedger(
    scaleSet: ArmKey,
    current: VmssIdentityLedger | undefined,
    ledger: Ledger,
    signal: AbortSignal,
  ): Promise<VmssIdentityLedger> {
    this.#begin('saveLedger', undefined, signal);
    const stored = this.#ledgers.get(scaleSet);
    if (current === undefined && stored !== undefined) throw new KubeError('alreadyExists', 'the ledger is there');
    if (current !== undefined) this.#requireSame(current, stored);
    assertValid('ledgerSpec', ledger);
    this.#requireFinalizers(scaleSet, ledger, stored);
    this.#journal.add(`ledger: ${tellLedger(ledger)}`);
    return this.#store(scaleSet, stored?.metadata.uid ?? `uid-ledger-${String(this.#resourceVersion)}`, ledger);
  }

  async deleteLedger(current: VmssIdentityLedger, signal: AbortSignal): Promise<void> {
    this.#begin('deleteLedger', undefined, signal);
    const scaleSet = armKey(current.spec.scaleSetId);
    this.#requireSame(current, this.#ledgers.get(scaleSet));
    this.#journal.add('ledger deleted');
    this.#ledgers.delete(scaleSet);
  }

  async addFinalizer(binding: VmssIdentityBinding, signal: AbortSignal): Promise<void> {
    const { name } = binding.metadata;
    this.#begin('addFinalizer', name, signal);
    const stored = this.#requireStored(binding);
    if (stored.metadata.deletionTimestamp !== undefined) {
      throw new KubeError('invalid', 'no new finalizers can be added if the object is being deleted');
    }
    this.#journal.add(`finalizer on ${name}`);
    this.#put({ ...stored, metadata: { ...stored.metadata, finalizers: [FINALIZER] } });
  }

  async removeFinalizer(binding: VmssIdentityBinding, signal: AbortSignal): Promise<void> {
    const { name } = binding.metadata;
    this.#begin('removeFinalizer', name, signal);
    if (this.#bindings.get(name)?.metadata.uid !== binding.metadata.uid) return;
    const { finalizers: _finalizers, ...metadata } = this.binding(name).metadata;
    this.#journal.add(`finalizer off ${name}`);
    if (metadata.deletionTimestamp === undefined) this.#put({ ...this.binding(name), metadata });
    else this.#bindings.delete(name);
  }

  async writeStatus(
    binding: VmssIdentityBinding,
    status: VmssIdentityBindingStatus,
    signal: AbortSignal,
  ): Promise<void> {
    const { name } = binding.metadata;
    this.#begin('writeStatus', name, signal);
    const stored = this.#bindings.get(name);
    const { uid, generation } = binding.metadata;
    if (stored?.metadata.uid !== uid || stored.metadata.generation !== generation) return;
    assertValid('bindingStatus', status);
    assertConditionInvariants({ metadata: binding.metadata, status });
    const broken = [...movedWithoutChange(stored.status, status), ...movedBack(stored.status, status)];
    if (broken.length > 0) throw new Error(broken.join('\n'));
    this.#journal.add(`status ${name}: ${tellStatus(status)}`);
    this.#put({ ...stored, status });
  }

  refusalOf(error: unknown): ReturnType<ClusterPort['refusalOf']> {
    return refusalOf(error);
  }

  announce(about: VmssIdentityBinding | VmssIdentityLedger, { type, reason, note, forOperators }: Announcement): void {
    const name = about.kind === 'VmssIdentityLedger' ? 'ledger' : about.metadata.name;
    this.#events.push(`${type} ${reason} ${name}: ${note}`);
    if (forOperators === true) this.#events.push(`${type} ${reason} ${name} to operators: ${note}`);
  }

  // --- how it is kept ------------------------------------------------------------------------------------------------

  #begin(write: Write, name: string | undefined, signal: AbortSignal): void {
    signal.throwIfAborted();
    const index = this.#failures.findIndex((one) => one.write === write && (one.name ?? name) === name);
    const [failure] = index < 0 ? [] : this.#failures.splice(index, 1);
    const kind = failure?.kind ?? this.#refused.get(`${write} ${name ?? ''}`);
    if (kind === undefined) return;
    this.#journal.add(`${write}${name === undefined ? '' : ` of ${name}`} fails`);
    throw new KubeError(kind, `${write} fails`);
  }

  #requireStored(binding: VmssIdentityBinding): VmssIdentityBinding {
    const stored = this.#bindings.get(binding.metadata.name);
    if (stored?.metadata.uid !== binding.metadata.uid) throw new KubeError('notFound', 'the binding is gone');
    return stored;
  }

  #requireSame(current: VmssIdentityLedger, stored: VmssIdentityLedger | undefined): void {
    const { uid, resourceVersion } = current.metadata;
    if (stored?.metadata.uid !== uid || stored.metadata.resourceVersion !== resourceVersion) {
      throw new KubeError('conflict', 'the ledger has changed since it was read');
    }
  }

  /** The finalizer comes before `for`: nobody may be named for the first time who could vanish unseen. */
  #requireFinalizers(scaleSet: ArmKey, ledger: Ledger, stored: VmssIdentityLedger | undefined): void {
    const membersOf = ({ entries, systemAssigned }: Ledger): readonly string[] =>
      [...entries.flatMap((entry) => entry.for), ...(systemAssigned?.for ?? [])].map(({ uid }) => uid);
    const known = new Set(stored === undefined ? [] : membersOf(stored.spec));
    const added = new Set(membersOf(ledger).filter((uid) => !known.has(uid)));
    for (const { metadata } of this.bindingsOf(scaleSet)) {
      if (added.has(metadata.uid) && metadata.finalizers?.includes(FINALIZER) !== true) {
        throw new Error(`the ledger names ${metadata.name} before it has its finalizer`);
      }
    }
  }

  #annotate(name: string, annotation: string, value: string): void {
    const binding = this.binding(name);
    const annotations = { ...binding.metadata.annotations, [annotation]: value };
    this.#put({ ...binding, metadata: { ...binding.metadata, annotations } });
  }

  #put(binding: VmssIdentityBinding): void {
    const metadata = { ...binding.metadata, resourceVersion: this.#next() };
    this.#bindings.set(metadata.name, freeze(structuredClone({ ...binding, metadata })));
    this.#scaleSets.set(metadata.name, armKey(binding.spec.scaleSet.resourceId));
  }

  #store(scaleSet: ArmKey, uid: string, spec: Ledger): VmssIdentityLedger {
    const parsed = parseScaleSetId(scaleSet);
    const stored: VmssIdentityLedger = freeze({
      apiVersion: API_VERSION,
      kind: 'VmssIdentityLedger',
      metadata: {
        name: parsed.ok ? ledgerName(parsed.id) : '',
        uid,
        resourceVersion: this.#next(),
        generation: 1,
        creationTimestamp: this.#iso(),
      },
      spec: JSON.parse(JSON.stringify(spec)) as VmssIdentityLedger['spec'],
    });
    this.#ledgers.set(scaleSet, stored);
    return stored;
  }

  #next(): string {
    this.#resourceVersion += 1;
    return String(this.#resourceVersion);
  }

  #iso(): string {
    return new Date(this.#now()).toISOString();
  }
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value);
    for (const member of Object.values(value)) freeze(member);
  }
  return value;
}
