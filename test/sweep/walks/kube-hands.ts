/** What people do to the cluster in a walk. */
import {
  ABANDON_ANNOTATION,
  ABANDON_VALUE,
  API_VERSION,
  BINDING,
  LEDGER,
  POLICY,
  REQUESTED_AT_ANNOTATION,
  type VmssIdentityBinding,
  type VmssIdentityLedger,
} from '../../../src/api/types.ts';
import type { KubeObject, ResourceDescriptor } from '../../../src/kube/object.ts';
import type { JsonObject } from '../kube/api-object.ts';
import { ApiFailure } from '../kube/api-status.ts';
import { scaleSetIdOf } from '../names.ts';
import type { World } from '../world.ts';
import { withFlaw } from './invalid-values.ts';
import type { BindingRef, Move, Spec } from './moves.ts';

type KubeMove = Extract<Move, { readonly binding: BindingRef } | { readonly name: string }>;

/** @returns what was wrong with the answer, which is never more than one thing */
export function moveInKube(world: World, move: KubeMove): string | undefined {
  const { users } = world.kube;
  switch (move.kind) {
    case 'bind':
      apply(world, BINDING, move.binding, withItsScaleSet(world, move.binding, move.spec));
      return undefined;
    case 'policy':
      apply(world, POLICY, { name: move.name }, move.spec);
      return undefined;
    case 'bind wrongly': {
      const whole = move.flaw.at[0] === 'scaleSet' ? move.whole : withItsScaleSet(world, move.binding, move.whole);
      return refusalOf(world, move.flaw.what, () =>
        apply(world, BINDING, move.binding, withFlaw(whole, move.flaw) as Spec),
      );
    }
    case 'policy wrongly':
      return refusalOf(world, move.flaw.what, () =>
        apply(world, POLICY, { name: move.name }, withFlaw(move.whole, move.flaw) as Spec),
      );
    case 'remove policy':
      ifThere(() => users.delete(POLICY, { name: move.name }));
      return undefined;
    default:
      return handleBinding(world, move);
  }
}

type HandledMove = Exclude<KubeMove, { readonly kind: 'bind' | 'bind wrongly' } | { readonly name: string }>;

function handleBinding(world: World, { kind, binding }: HandledMove): string | undefined {
  const { users } = world.kube;
  const existing = users.get(BINDING, binding) as object | undefined as VmssIdentityBinding | undefined;
  if (existing === undefined) return undefined;
  const annotate = (annotations: Record<string, string>): void =>
    void users.edit(BINDING, binding, { metadata: { annotations } });
  switch (kind) {
    case 'move binding': {
      const resourceId = existing.spec.scaleSet.resourceId.toLowerCase() === scaleSetIdOf('web') ? 'db' : 'web2';
      const spec = { scaleSet: { resourceId: scaleSetIdOf(resourceId) } };
      return refusalOf(world, 'another scale set', () => apply(world, BINDING, binding, spec));
    }
    case 'unbind':
      users.delete(BINDING, binding);
      return undefined;
    case 'abandon':
      annotate({ [ABANDON_ANNOTATION]: ABANDON_VALUE });
      return undefined;
    case 'ask for a look':
      annotate({ [REQUESTED_AT_ANNOTATION]: String(world.scheduler.clock.now()) });
      return undefined;
    case 'take off finalizer':
      users.edit(BINDING, binding, { metadata: { finalizers: [] } });
      return undefined;
  }
}

/** By hand: what it said is not known any more. */
export function deleteLedger(world: World, scaleSet: string): void {
  const { users } = world.kube;
  const ledgers = users.list(LEDGER) as readonly object[] as readonly VmssIdentityLedger[];
  const its = ledgers.find(({ spec }) => spec.scaleSetId.toLowerCase() === scaleSetIdOf(scaleSet).toLowerCase());
  if (its !== undefined) users.delete(LEDGER, { name: its.metadata.name });
}

function apply(world: World, kind: ResourceDescriptor, metadata: object, spec: Spec): void {
  const object = { apiVersion: API_VERSION, kind: kind.kind, metadata, spec } as object as KubeObject;
  world.kube.users.apply(kind, object);
}

/** Which cannot be changed. */
function withItsScaleSet(world: World, binding: BindingRef, spec: Spec): Spec {
  const existing = world.kube.users.get(BINDING, binding) as { readonly spec: JsonObject } | undefined;
  return existing === undefined ? spec : { ...spec, scaleSet: existing.spec['scaleSet'] };
}

function refusalOf(world: World, what: string, write: () => void): string | undefined {
  const before = world.kube.revision;
  try {
    write();
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    if (error.code !== 422) return `${what}: refused with ${error.code} and not as invalid: ${error.message}`;
    return world.kube.revision === before ? undefined : `${what}: refused, and something changed`;
  }
  return `${what}: it was taken`;
}

function ifThere(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof ApiFailure && error.code === 404)) throw error;
  }
}
