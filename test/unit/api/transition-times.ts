/** When `lastTransitionTime` may move, from one status of a binding to the next that the operator writes. */
import type { VmssIdentityBindingStatus } from '../../../src/api/types.ts';

interface Timed {
  readonly what: string;
  /** What has to change for the time to move. */
  readonly state: string;
  readonly atMs: number;
}

function timedIn({ conditions = [], userAssigned = [] }: VmssIdentityBindingStatus): readonly Timed[] {
  const timed = [
    ...conditions.map(({ type, status, ...rest }) => ({ ...rest, what: type, state: status })),
    ...userAssigned.map(({ resourceId, ...rest }) => ({ ...rest, what: resourceId })),
  ];
  return timed.map(({ what, state, lastTransitionTime }) => ({ what, state, atMs: Date.parse(lastTransitionTime) }));
}

/** Each time that stands in both, as it was and as it is. */
function pairs(
  before: VmssIdentityBindingStatus,
  after: VmssIdentityBindingStatus,
): readonly (readonly [Timed, Timed])[] {
  const known = new Map(timedIn(before).map((timed) => [timed.what, timed]));
  return timedIn(after).flatMap((timed) => {
    const earlier = known.get(timed.what);
    return earlier === undefined ? [] : [[earlier, timed] as const];
  });
}

/** A line for each time that moved without a change of its status or state. */
export function movedWithoutChange(
  before: VmssIdentityBindingStatus,
  after: VmssIdentityBindingStatus,
): readonly string[] {
  return pairs(before, after)
    .filter(([was, is]) => was.state === is.state && was.atMs !== is.atMs)
    .map(([{ what, state }]) => `the time of ${what} moved, and it is ${state} as before`);
}

/** A line for each time that went back: not to be held against processes whose clocks differ. */
export function movedBack(before: VmssIdentityBindingStatus, after: VmssIdentityBindingStatus): readonly string[] {
  return pairs(before, after)
    .filter(([was, is]) => is.atMs < was.atMs)
    .map(([, { what, state }]) => `the time of ${what} moved back when it became ${state}`);
}
