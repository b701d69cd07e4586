/** What the simulated Azure says of its scale sets, and every change of it with who made it. */
import { scaleSetId } from '../../dev/simulator/resource-id.ts';
import type { ScaleSet, State } from '../../dev/simulator/state.ts';
import type { Known } from './shown.ts';

/** The identity of a scale set. */
export interface ScaleSetModel {
  /** In lower case. */
  readonly id: string;
  readonly uniqueId: string;
  readonly systemAssigned: boolean;
  /** Ids in lower case. */
  readonly userAssigned: readonly string[];
  readonly tagNames: readonly string[];
}

export interface AzureChange {
  readonly step: number;
  readonly virtualMs: number;
  /** `others`, or the name of an incarnation. */
  readonly by: string;
  /** Of the API server, when it was made: what the ledger and the bindings were then. */
  readonly revision: number;
  /** What the pass went by that asked for it; of an incarnation's change only. */
  readonly known?: Known | undefined;
  /** Undefined where there was no such scale set. */
  readonly before: ScaleSetModel | undefined;
  /** Undefined where there is none any more. */
  readonly after: ScaleSetModel | undefined;
}

export const OTHERS = 'others';

/** All scale sets, by uniqueId. */
export function modelOf(state: State): ReadonlyMap<string, ScaleSetModel> {
  const sets = [...state.subscriptions.values()].flatMap(({ scaleSets }) => [...scaleSets.values()]);
  return new Map(sets.map((set) => [set.uniqueId, modelOfSet(set)]));
}

const modelOfSet = (set: ScaleSet): ScaleSetModel => ({
  id: scaleSetId(set).toLowerCase(),
  uniqueId: set.uniqueId,
  systemAssigned: set.identity.systemAssigned !== undefined,
  userAssigned: [...set.identity.userAssigned.keys()].toSorted(),
  tagNames: Object.keys(set.tags ?? {}),
});

/** The scale sets that differ. */
export function changesBetween(
  before: ReadonlyMap<string, ScaleSetModel>,
  after: ReadonlyMap<string, ScaleSetModel>,
): readonly Pick<AzureChange, 'before' | 'after'>[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((uniqueId) => ({ before: before.get(uniqueId), after: after.get(uniqueId) }))
    .filter((pair) => JSON.stringify(pair.before) !== JSON.stringify(pair.after));
}
