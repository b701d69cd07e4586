/**
 * What would keep an identity from being attached that nobody is about to attach: what was found out about it before, or
 * what the lists of identities say, for nothing is asked for its sake.
 */
import type { ArmKey } from '../identity/arm-id.ts';
import { isActiveFor } from '../identity/declaration.ts';
import type { LiveScaleSet } from '../identity/scale-set.ts';
import type { IdentityVerdict } from '../identity/view.ts';
import type { Known } from './inventory/identity-roster.ts';
import { MISSING_MESSAGE, objectionTo } from './refusals.ts';
import type { Subject } from './subject.ts';

/**
 * Takes down what is to be said of an identity that the scale set does not have.
 * @param known what Azure said of the identity itself, if it has been asked
 */
export function foresee(
  { memory, declarations }: Subject,
  scaleSet: LiveScaleSet,
  key: ArmKey,
  known: Known | undefined,
  now: number,
): void {
  // Who is about to attach it looks at it first.
  if (declarations.some((one) => one.userAssigned.has(key) && isActiveFor(one, key))) return;
  const refusal = memory.refusals.get(key);
  if (refusal !== undefined && refusal.nextAttemptAt > now) return;
  // Nobody makes the attempt that would tell whether it still holds.
  memory.refusals.delete(key);
  const verdict = known && verdictOn(known, scaleSet, memory.ownPrincipalId);
  if (verdict !== undefined) memory.foreseen.set(key, verdict);
}

function verdictOn(
  known: Known,
  scaleSet: LiveScaleSet,
  ownPrincipalId: string | undefined,
): IdentityVerdict | undefined {
  if (known.state === 'found') return objectionTo(known.identity, scaleSet, ownPrincipalId);
  return { state: 'Missing', reason: 'IdentityMissing', message: MISSING_MESSAGE };
}
