/** Small builders of a binding as it is stored, of what policies make of it, and of what a pass found out. */
import type {
  Condition,
  DeclaredIdentity,
  IdentityStatus,
  VmssIdentityBinding,
  VmssIdentityBindingSpec,
  VmssIdentityBindingStatus,
} from '../../../src/api/types.ts';
import { type ArmKey, armKey } from '../../../src/identity/arm-id.ts';
import { type Declaration, isObserving } from '../../../src/identity/declaration.ts';
import type { Entry, SystemEntry } from '../../../src/identity/ledger.ts';
import { grantsFor, type PolicyRules } from '../../../src/identity/permit.ts';
import { previewOf } from '../../../src/identity/preview.ts';
import { type Composed, composeStatus } from '../../../src/identity/status.ts';
import { judgeSystemAssigned } from '../../../src/identity/system-assigned.ts';
import type { IdentityVerdict, View } from '../../../src/identity/view.ts';
import { assertConditionInvariants } from '../api/assert-condition-invariants.ts';
import { identityId, identityKey, ledger, type LiveOptions, NOW, scaleSet, scaleSetId } from '../identity/builders.ts';

/** Before `NOW`, by less than the time that a policy has to come. */
export const JUST_BEFORE = '2026-03-01T11:59:00Z';
/** When conditions and identities last changed, unless a test says otherwise. */
export const BEFORE = '2026-03-01T11:00:00.000Z';

export const ALLOW_ALL: PolicyRules = {
  namespaces: ['*'],
  scaleSets: [`${scaleSetId().split('/resourceGroups')[0]!}/**`],
  userAssigned: [`${scaleSetId().split('/resourceGroups')[0]!}/**`],
  systemAssigned: 'EnableAndDisable',
  exclusive: 'Allow',
  adopt: 'Allow',
};

/** Everything but the identities of these names. */
export function allowAllBut(...names: readonly string[]): PolicyRules {
  const all = ['a', 'b', 'c', 'd'].filter((name) => !names.includes(name));
  return { ...ALLOW_ALL, userAssigned: all.map((name) => identityId(name)) };
}

export interface BindingOptions {
  readonly namespace?: string;
  readonly name?: string;
  readonly generation?: number;
  readonly createdAt?: string;
  readonly deleting?: boolean;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Names of identities, or ids. */
  readonly userAssigned?: readonly string[];
  /** Take all of them over. */
  readonly adopt?: boolean;
  readonly spec?: Partial<Omit<VmssIdentityBindingSpec, 'userAssigned'>>;
  readonly status?: Partial<VmssIdentityBindingStatus>;
  readonly policies?: readonly PolicyRules[];
}

/** A binding as the API server returns it: with every default. */
export function stored(options: BindingOptions = {}): VmssIdentityBinding {
  const { namespace = 'shop', name = 'web', userAssigned = ['a'] } = options;
  const ids = userAssigned.map((id) => (id.startsWith('/') ? id : identityId(id)));
  return {
    apiVersion: 'vmss-identity.dev/v1alpha1',
    kind: 'VmssIdentityBinding',
    metadata: {
      namespace,
      name,
      uid: `uid-${name}`,
      resourceVersion: '7',
      generation: options.generation ?? 3,
      creationTimestamp: options.createdAt ?? '2026-03-01T09:00:00Z',
      ...(options.deleting === true ? { deletionTimestamp: '2026-03-01T11:59:59Z' } : {}),
      ...(options.annotations === undefined ? {} : { annotations: options.annotations }),
    },
    spec: {
      scaleSet: { resourceId: scaleSetId() },
      systemAssigned: 'Unmanaged',
      mode: 'Additive',
      deletionPolicy: 'Detach',
      managementPolicy: 'Manage',
      staleIdentities: 'Report',
      suspend: false,
      ...options.spec,
      userAssigned: ids.map((resourceId): DeclaredIdentity => ({ resourceId, adopt: options.adopt ?? false })),
    },
    status: { observedGeneration: -1, ...options.status },
  };
}

/** What the policies make of a binding. */
export function declare({ metadata, spec }: VmssIdentityBinding, policies: readonly PolicyRules[]): Declaration {
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    uid: metadata.uid,
    deleting: metadata.deletionTimestamp !== undefined,
    retain: spec.deletionPolicy === 'Retain',
    abandoned: false,
    suspended: spec.suspend,
    observe: spec.managementPolicy === 'Observe',
    exclusive: spec.mode === 'Exclusive',
    reattach: spec.staleIdentities === 'Reattach',
    systemAssigned: spec.systemAssigned,
    userAssigned: new Map(
      spec.userAssigned.map(({ resourceId, adopt }) => [armKey(resourceId), { resourceId, adopt }]),
    ),
    grants: grantsFor(policies, metadata.namespace, armKey(spec.scaleSet.resourceId)),
  };
}

export interface ViewOptions extends Partial<Omit<View, 'scaleSet' | 'verdicts'>> {
  /** Absent: the scale set was not read in this pass. */
  readonly live?: LiveOptions;
  readonly entries?: readonly Entry[];
  readonly systemEntry?: SystemEntry;
  /** By name of the identity. */
  readonly verdicts?: Readonly<Record<string, IdentityVerdict>>;
}

function viewOf({ live, entries, systemEntry, verdicts = {}, ...rest }: ViewOptions = {}): View {
  const isRecorded = entries !== undefined || systemEntry !== undefined;
  const recorded = ledger(entries ?? [], systemEntry === undefined ? {} : { systemAssigned: systemEntry });
  return {
    now: NOW,
    ...(live === undefined ? {} : { scaleSet: scaleSet(live) }),
    ledger: isRecorded ? recorded : undefined,
    verdicts: new Map(Object.entries(verdicts).map(([name, verdict]) => [identityKey(name), verdict])),
    system: judgeSystemAssigned([], undefined),
    ...rest,
  };
}

/** What would be done for a binding that observes, on what was found out. */
function previewed(declaration: Declaration, others: readonly Declaration[], view: View): View {
  const { now, scaleSet: seen, ledger: recorded, verdicts } = view;
  if (seen === undefined || !isObserving(declaration)) return view;
  const outlook = {
    scaleSetId: seen.resourceId,
    now,
    scaleSet: seen,
    declarations: [declaration, ...others],
    ledger: recorded,
    untouchable: () => false,
    systemUntouchable: false,
    bindings: [],
    attachable: (key: ArmKey) => verdicts.get(key)?.state === 'Pending',
  };
  return { ...view, previews: new Map([[declaration.uid, previewOf(outlook, declaration)]]) };
}

/**
 * Composes the status of one binding; whatever the test is about, its conditions must agree with each other.
 * @param others of the same scale set
 */
export function compose(
  options: BindingOptions,
  view: ViewOptions = {},
  others: readonly Declaration[] = [],
): Composed {
  const { policies = [ALLOW_ALL] } = options;
  const binding = stored(options);
  const declaration = declare(binding, policies);
  const system = judgeSystemAssigned([declaration, ...others], viewOf(view).ledger?.systemAssigned);
  const found = previewed(declaration, others, viewOf({ system, ...view }));
  const composed = composeStatus(binding, declaration, found);
  assertConditionInvariants({ metadata: binding.metadata, status: composed.status });
  return composed;
}

function conditionsOf(composed: Composed): readonly Condition[] {
  return composed.status.conditions ?? [];
}

/** The condition `Ready`. */
export function readyOf(composed: Composed): Condition {
  return conditionsOf(composed).find(({ type }) => type === 'Ready')!;
}

/** `Ready=False Reconciling Assigning`: what a person sees first. */
export function shown(composed: Composed): string {
  const ready = readyOf(composed);
  const companion = conditionsOf(composed).find(({ type }) => type !== 'Ready')?.type;
  return [`Ready=${ready.status}`, ...(companion === undefined ? [] : [companion]), ready.reason].join(' ');
}

/** The status of the identity of this name. */
export function identityOf(composed: Composed, name: string): IdentityStatus {
  return composed.status.userAssigned!.find(({ resourceId }) => armKey(resourceId) === identityKey(name))!;
}

/** A status with which a binding was Ready for its generation 3. */
export function readyStatus(...names: readonly string[]): VmssIdentityBindingStatus {
  return {
    observedGeneration: 3,
    conditions: [
      {
        type: 'Ready',
        status: 'True',
        observedGeneration: 3,
        lastTransitionTime: BEFORE,
        reason: 'Assigned',
        message: 'All is well.',
      },
    ],
    scaleSet: { name: 'web', orchestrationMode: 'Uniform', location: 'westeurope' },
    userAssigned: names.map((name) => identityStatus(name, 'Assigned', { attachedByUs: true, clientId: name })),
    summary: `${String(names.length)}/${String(names.length)}`,
  };
}

export function identityStatus(
  name: string,
  state: IdentityStatus['state'],
  rest: Partial<IdentityStatus> = {},
): IdentityStatus {
  return { resourceId: identityId(name), state, attachedByUs: false, lastTransitionTime: BEFORE, ...rest };
}

export const ASSIGNED: IdentityVerdict = { state: 'Assigned', principalId: 'principal', clientId: 'client' };
