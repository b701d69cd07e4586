/** What people do to the cluster of a sweep, and what they see there. */
import {
  API_VERSION,
  BINDING,
  LEDGER,
  POLICY,
  type VmssIdentityBinding,
  type VmssIdentityBindingSpec,
  type VmssIdentityLedger,
  type VmssIdentityPolicySpec,
} from '../../src/api/types.ts';
import type { MemoryApiServer } from './kube/memory-api-server.ts';
import { identityIdOf, NAMESPACE, scaleSetIdOf, SUBSCRIPTION } from './names.ts';

/** What someone declares; scale set and identities by name. */
export interface Declared extends Partial<Omit<VmssIdentityBindingSpec, 'scaleSet' | 'userAssigned'>> {
  readonly scaleSet?: string;
  readonly userAssigned?: readonly string[];
  /** Of those, the ones with `adopt: true`. */
  readonly adopt?: readonly string[];
}

const EVERYTHING = `/subscriptions/${SUBSCRIPTION}/**`;

/** Allows everything. */
const generousPolicy: VmssIdentityPolicySpec = {
  namespaces: ['*'],
  scaleSets: [EVERYTHING],
  userAssigned: [EVERYTHING],
  systemAssigned: 'EnableAndDisable',
  exclusive: 'Allow',
  adopt: 'Allow',
  protected: [],
};

export class SweepUsers {
  readonly #api: MemoryApiServer;

  constructor(api: MemoryApiServer) {
    this.#api = api;
  }

  policy(name = 'everything', change: Partial<VmssIdentityPolicySpec> = {}): void {
    const spec = { ...generousPolicy, ...change };
    this.#api.users.apply(POLICY, {
      apiVersion: API_VERSION,
      kind: POLICY.kind,
      metadata: { name },
      spec,
    } as object as Manifest);
  }

  removePolicy(name = 'everything'): void {
    this.#api.users.delete(POLICY, { name });
  }

  /** Creates the binding, or changes what is named of it. */
  bind(
    name: string,
    { scaleSet = 'web', userAssigned = [], adopt = [], ...rest }: Declared,
    namespace = NAMESPACE,
  ): void {
    const identities = userAssigned.map((each) => ({ resourceId: identityIdOf(each), adopt: adopt.includes(each) }));
    const spec = { scaleSet: { resourceId: scaleSetIdOf(scaleSet) }, userAssigned: identities, ...rest };
    const binding = { apiVersion: API_VERSION, kind: BINDING.kind, metadata: { name, namespace }, spec };
    this.#api.users.apply(BINDING, binding as object as Manifest);
  }

  unbind(name: string, namespace = NAMESPACE): void {
    this.#api.users.delete(BINDING, { name, namespace });
  }

  /** Takes its finalizers off by hand and deletes it: it is gone at once, and nobody is asked. */
  tearOut(name: string, namespace = NAMESPACE): void {
    this.#api.users.edit(BINDING, { name, namespace }, { metadata: { finalizers: [] } });
    this.unbind(name, namespace);
  }

  /** Writes into its status, as whoever may write the subresource can, that all it tells of was attached for it. */
  forgeOwnership(name: string, namespace = NAMESPACE): void {
    const told = this.binding(name, namespace)?.status.userAssigned ?? [];
    const userAssigned = told.map((each) => ({ ...each, attachedByUs: true }));
    this.#api.users.edit(BINDING, { name, namespace }, { status: { userAssigned } }, { subresource: 'status' });
  }

  bindings(): readonly VmssIdentityBinding[] {
    return this.#api.users.list(BINDING) as object as readonly VmssIdentityBinding[];
  }

  binding(name: string, namespace = NAMESPACE): VmssIdentityBinding | undefined {
    return this.#api.users.get(BINDING, { name, namespace }) as object | undefined as VmssIdentityBinding | undefined;
  }

  /** What the operator keeps on record. */
  ledgers(): readonly object[] {
    return this.#api.users.list(LEDGER);
  }

  /** In which phase an identity, by name, is on record; undefined when it is not. */
  phaseOf(identity: string): string | undefined {
    const ledgers = this.ledgers() as readonly VmssIdentityLedger[];
    const entries = ledgers.flatMap(({ spec }) => spec.entries);
    return entries.find(({ resourceId }) => resourceId === identityIdOf(identity))?.phase;
  }

  /** It says so of the spec that is there now. */
  shows(name: string, reason: string, namespace = NAMESPACE): boolean {
    const { metadata, status } = this.binding(name, namespace) ?? {};
    const ready = status?.conditions?.find(({ type }) => type === 'Ready');
    return ready?.reason === reason && status?.observedGeneration === metadata?.generation;
  }

  /** It waits for somebody to change something. */
  isStalled(name: string, namespace = NAMESPACE): boolean {
    const { status } = this.binding(name, namespace) ?? {};
    return status?.conditions?.some(({ type }) => type === 'Stalled') === true;
  }
}

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}
