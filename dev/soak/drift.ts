/** What others do to the scale sets, by chance: the model knows whose each identity is. */
import type { Drift } from '../simulator/control/drift.ts';
import type { FleetScaleSet } from './fleet.ts';
import { fold, type Model } from './model.ts';
import type { Random } from './random.ts';

export interface Interference {
  readonly scaleSetId: string;
  readonly drift: Drift;
}

/** How often something of the operator's may be taken off and still comes back at once. */
const UNCONTESTED = 2;

/** Undefined when chance fell on something that is not possible now. */
export function nextInterference(model: Model, random: Random): Interference | undefined {
  const set = random.pick(model.scaleSets);
  const drift = driftOf(model, set, random);
  return drift && { scaleSetId: set.id, drift };
}

/** Puts into the model what others attached and took off. */
export function applyInterference(model: Model, { scaleSetId, drift }: Interference): void {
  if (drift.kind === 'Attach') for (const id of drift.identities) model.plant(scaleSetId, id);
  if (drift.kind === 'Strip') {
    for (const id of drift.identities ?? []) {
      model.uproot(scaleSetId, id);
      model.strip(scaleSetId, id);
    }
  }
  if (drift.kind === 'DisableSystemAssigned') model.strip(scaleSetId, 'systemAssigned');
  if (drift.kind === 'EnableSystemAssigned') model.turnOn(scaleSetId);
}

function driftOf(model: Model, set: FleetScaleSet, random: Random): Drift | undefined {
  const foreign = model.foreignOn(set.id);
  const own = set.pools.foreign.filter((id) => foreign.has(fold(id)));
  const absent = set.pools.foreign.filter((id) => !foreign.has(fold(id)));
  switch (random.pick(['strip', 'strip', 'strip', 'plant', 'plant', 'uproot', 'system', 'recase', 'scale'] as const)) {
    case 'strip':
      return stripped(model, set, random);
    case 'plant':
      return absent.length === 0 ? undefined : { kind: 'Attach', identities: random.sample(absent, 1) };
    case 'uproot':
      return own.length === 0 ? undefined : { kind: 'Strip', identities: random.sample(own, 1) };
    case 'system':
      return toggled(model, set);
    case 'recase':
      return { kind: 'Recase', to: random.pick(['lower', 'upper', 'resourcegroups']) };
    case 'scale':
      return { kind: 'Scale', capacity: random.between(1, 9) };
  }
}

/**
 * Someone takes off what bindings declare: never what was theirs before, for then it would be the operator's, and never a
 * third time, for then it would be contested.
 */
function stripped(model: Model, set: FleetScaleSet, random: Random): Drift | undefined {
  const declared = declaredOn(model, set)
    .filter((id) => set.pools.declarable.some((own) => fold(own) === fold(id)))
    .filter((id) => model.timesStripped(set.id, id) < UNCONTESTED);
  return declared.length === 0
    ? undefined
    : { kind: 'Strip', identities: random.sample(declared, random.between(1, 3)) };
}

function toggled(model: Model, set: FleetScaleSet): Drift | undefined {
  if (set.flexible) return undefined;
  const manager = model.bindings.find(({ binding }) => binding.scaleSet.id === set.id && binding.managesSystemAssigned);
  if (manager === undefined) return { kind: 'EnableSystemAssigned' };
  // Where it was on before, the operator turns on again what it then takes for its own.
  const isOthers = model.expected(set.id).systemAssigned !== 'On' || set.systemAssigned;
  const isContested = model.timesStripped(set.id, 'systemAssigned') >= UNCONTESTED;
  return isOthers || isContested ? undefined : { kind: 'DisableSystemAssigned' };
}

function declaredOn(model: Model, set: FleetScaleSet): readonly string[] {
  const all = model.bindings
    .filter(({ binding }) => binding.scaleSet.id === set.id)
    .flatMap(({ declared }) => declared?.userAssigned ?? []);
  return [...new Set(all)];
}
