import { describe, expect, it } from 'vitest';

import { applyChange, type Change, firstDeclared, nextChange } from '../../../dev/soak/changes.ts';
import { applyInterference, type Interference, nextInterference } from '../../../dev/soak/drift.ts';
import { createFleet, type Fleet, isOthers } from '../../../dev/soak/fleet.ts';
import { fold, Model } from '../../../dev/soak/model.ts';
import { createRandom } from '../../../dev/soak/random.ts';
import { nextWeather } from '../../../dev/soak/weather.ts';

const STEPS = 500;

interface History {
  readonly fleet: Fleet;
  readonly model: Model;
  readonly changes: readonly Change[];
  readonly interferences: readonly Interference[];
}

/** Steps of people and of others, from a seed. */
function history(seed: number): History {
  const random = createRandom(seed);
  const fleet = createFleet({ bindings: 60, scaleSets: 40, namespaces: 4 }, random.fork('fleet'));
  const model = new Model(fleet);
  for (const { binding } of model.bindings) model.declare(binding.key, firstDeclared(binding, random));
  const changes: Change[] = [];
  const interferences: Interference[] = [];
  for (let step = 0; step < STEPS; step += 1) {
    const change = nextChange(model, random);
    applyChange(model, change);
    changes.push(change);
    const interference = nextInterference(model, random);
    if (interference === undefined) continue;
    applyInterference(model, interference);
    interferences.push(interference);
  }
  return { fleet, model, changes, interferences };
}

describe('a load', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(history(1)).toEqual(history(1));
    expect(history(1).changes).not.toEqual(history(2).changes);
  });

  it('makes every kind of change', () => {
    const { changes } = history(3);

    expect(new Set(changes.map(({ kind }) => kind))).toEqual(new Set(['Declare', 'Delete', 'Recreate', 'Request']));
  });

  it('declares what others attached only where they had before there was any binding', () => {
    const { fleet, changes } = history(4);
    const sets = new Map(fleet.bindings.map(({ key, scaleSet }) => [key, scaleSet]));

    const declaredOfOthers = changes.flatMap((change) =>
      'declared' in change
        ? change.declared.userAssigned.filter(isOthers).map((id) => ({ id, set: sets.get(change.key) }))
        : [],
    );

    expect(declaredOfOthers.length).toBeGreaterThan(0);
    expect(declaredOfOthers.filter(({ id, set }) => set?.foreign.includes(id) !== true)).toEqual([]);
  });

  it('leaves an Exclusive binding active, and alone on its scale set', () => {
    const { fleet, model } = history(5);
    const exclusive = model.bindings.filter(({ binding }) => binding.scaleSet.exclusive);

    expect(exclusive.length).toBeGreaterThan(0);
    expect(exclusive.filter(({ declared }) => declared === undefined || declared.suspend)).toEqual([]);
    expect(new Set(exclusive.map(({ binding }) => binding.scaleSet.id)).size).toBe(exclusive.length);
    expect(fleet.scaleSets.filter((set) => set.exclusive)).toHaveLength(exclusive.length);
  });
});

describe('what others do', () => {
  it('takes off what bindings declare, but nothing that was attached by others and is declared too', () => {
    const { fleet, interferences } = history(6);
    const shared = new Set(fleet.scaleSets.flatMap(({ pools }) => pools.shared.map(fold)));
    const stripped = interferences.flatMap(({ drift }) => (drift.kind === 'Strip' ? (drift.identities ?? []) : []));

    expect(stripped.some((id) => !isOthers(id))).toBe(true);
    expect(stripped.filter((id) => shared.has(fold(id)))).toEqual([]);
  });

  it('turns on the system-assigned identity only where no binding does', () => {
    const { model, interferences } = history(7);
    const managed = new Set(
      model.bindings.filter(({ binding }) => binding.managesSystemAssigned).map(({ binding }) => binding.scaleSet.id),
    );
    const turnedOn = interferences.filter(({ drift }) => drift.kind === 'EnableSystemAssigned');

    expect(turnedOn.length).toBeGreaterThan(0);
    expect(turnedOn.filter(({ scaleSetId }) => managed.has(scaleSetId))).toEqual([]);
  });
});

describe('the weather', () => {
  it('shows no scale set without its identity in two reads in a row', () => {
    const random = createRandom(8);
    const ids = ['/a', '/b', '/c'];

    const blank = Array.from({ length: 30 }, (_, count) =>
      nextWeather(ids, count, random)
        .faults.filter(({ effect }) => effect.kind === 'withoutIdentity')
        .map(({ match }) => match?.path),
    );

    expect(blank.every((paths) => paths.length === 1)).toBe(true);
    expect(blank.filter(([path], index) => path === blank[index + 1]?.[0])).toEqual([]);
  });
});
