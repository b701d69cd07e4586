/** What changed on the scale sets of the simulated Azure between two looks, in words. */
import type { ScaleSetSnapshot } from '../simulator/control/snapshot.ts';

/** One line for each scale set and change; empty when nothing changed. */
export function describeChanges(
  before: readonly ScaleSetSnapshot[],
  after: readonly ScaleSetSnapshot[],
): readonly string[] {
  const known = new Map(before.map((scaleSet) => [scaleSet.uniqueId, scaleSet]));
  return after.flatMap((scaleSet) => {
    const changes = changesOf(known.get(scaleSet.uniqueId), scaleSet);
    return changes.length === 0 ? [] : [`${nameOf(scaleSet.id)}: ${changes.join(', ')}`];
  });
}

/** The identities of a scale set in one line. */
export function describeIdentities({ systemAssigned, userAssigned }: ScaleSetSnapshot): string {
  const names = userAssigned.map(({ id }) => nameOf(id)).toSorted();
  return [...(systemAssigned === undefined ? [] : ['(system-assigned)']), ...names].join(' ') || '(none)';
}

export function nameOf(resourceId: string): string {
  return resourceId.slice(resourceId.lastIndexOf('/') + 1);
}

function changesOf(before: ScaleSetSnapshot | undefined, after: ScaleSetSnapshot): readonly string[] {
  const had = new Set(before?.userAssigned.map(({ id }) => nameOf(id)));
  const has = new Set(after.userAssigned.map(({ id }) => nameOf(id)));
  const wasOn = before?.systemAssigned !== undefined;
  const isOn = after.systemAssigned !== undefined;
  return [
    ...(before === undefined ? ['created'] : []),
    ...(wasOn === isOn ? [] : [`${isOn ? '+' : '-'}(system-assigned)`]),
    ...[...has].filter((name) => !had.has(name)).map((name) => `+${name}`),
    ...[...had].filter((name) => !has.has(name)).map((name) => `-${name}`),
  ];
}
