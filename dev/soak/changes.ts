/** What people do to their bindings, by chance: a pure function of the model and of the numbers drawn. */
import type { FleetBinding, FleetScaleSet } from './fleet.ts';
import type { Declared, Model } from './model.ts';
import type { Random } from './random.ts';

export type Change =
  | { readonly kind: 'Declare'; readonly key: string; readonly declared: Declared }
  | { readonly kind: 'Delete'; readonly key: string }
  /** Deleted, and created again under the same name as soon as it is gone. */
  | { readonly kind: 'Recreate'; readonly key: string; readonly declared: Declared }
  /** Asks the operator to look again. */
  | { readonly kind: 'Request'; readonly key: string };

const MOST_IDENTITIES = 8;

/** What a binding declares when it is created. */
export function firstDeclared(binding: FleetBinding, random: Random): Declared {
  const { pools, exclusive } = binding.scaleSet;
  const shared = random.chance(0.5) ? sharedOn(binding.scaleSet) : [];
  const userAssigned = [...random.sample(pools.declarable, random.between(1, 4)), ...shared];
  return {
    userAssigned,
    systemAssigned: binding.managesSystemAssigned ? random.pick(['Enabled', 'Enabled', 'Disabled']) : 'Unmanaged',
    deletionPolicy: !exclusive && random.chance(0.15) ? 'Retain' : 'Detach',
    suspend: false,
  };
}

export function nextChange(model: Model, random: Random): Change {
  const state = random.pick(model.bindings);
  const { key } = state.binding;
  if (state.declared === undefined) return { kind: 'Declare', key, declared: firstDeclared(state.binding, random) };
  return changeOf(state.binding, state.declared, random);
}

/** Puts into the model what the change declares. */
export function applyChange(model: Model, change: Change): void {
  if (change.kind === 'Delete' || change.kind === 'Recreate') model.delete(change.key);
  if (change.kind === 'Declare' || change.kind === 'Recreate') model.declare(change.key, change.declared);
}

function changeOf(binding: FleetBinding, declared: Declared, random: Random): Change {
  const { key } = binding;
  const change = (to: Partial<Declared>): Change => ({ kind: 'Declare', key, declared: { ...declared, ...to } });
  const { userAssigned } = declared;
  const others = choicesFor(binding).filter((id) => !userAssigned.includes(id));
  switch (kindOf(binding, declared, random)) {
    case 'add':
      return change({ userAssigned: [...userAssigned, ...random.sample(others, 1)] });
    case 'remove':
      return change({ userAssigned: random.sample(userAssigned, userAssigned.length - 1) });
    case 'replace':
      return change({ userAssigned: random.sample(choicesFor(binding), random.between(1, 4)) });
    case 'systemAssigned':
      return change({ systemAssigned: declared.systemAssigned === 'Enabled' ? 'Disabled' : 'Enabled' });
    case 'suspend':
      return change({ suspend: !declared.suspend });
    case 'request':
      return { kind: 'Request', key };
    case 'delete':
      return { kind: 'Delete', key };
    case 'recreate':
      return { kind: 'Recreate', key, declared: firstDeclared(binding, random) };
  }
}

type Kind = 'add' | 'remove' | 'replace' | 'systemAssigned' | 'suspend' | 'request' | 'delete' | 'recreate';

function kindOf(binding: FleetBinding, { userAssigned, suspend }: Declared, random: Random): Kind {
  const { exclusive } = binding.scaleSet;
  const weights: readonly (readonly [Kind, number])[] = [
    // As many come as go: a load that grows would make memory grow.
    ['add', userAssigned.length < MOST_IDENTITIES ? 25 : 0],
    ['remove', userAssigned.length > 1 ? 30 : 0],
    ['replace', 12],
    ['systemAssigned', binding.managesSystemAssigned ? 10 : 0],
    // Few are frozen at a time, and not for long: of a frozen one the model can say less.
    ['suspend', exclusive ? 0 : suspend ? 60 : 2],
    ['request', 3],
    // The detaching of what others attached waits for an Exclusive binding that stands.
    ['delete', exclusive ? 0 : 6],
    ['recreate', exclusive ? 0 : 4],
  ];
  let left = random.next() * weights.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [kind, weight] of weights) {
    left -= weight;
    if (left < 0) return kind;
  }
  return 'replace';
}

function choicesFor({ scaleSet }: FleetBinding): readonly string[] {
  return [...scaleSet.pools.declarable, ...sharedOn(scaleSet)];
}

/** Declared where it is not attached yet, it would be the operator's. */
function sharedOn({ pools, foreign }: FleetScaleSet): readonly string[] {
  return pools.shared.filter((id) => foreign.includes(id));
}
