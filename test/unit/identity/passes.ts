/** Passes over one scale set, one after another, on a model of Azure that does at once what it is asked. */
import { planPatch } from '../../../src/identity/patch.ts';
import { decide, type Situation } from '../../../src/identity/plan.ts';
import type { LiveIdentity } from '../../../src/identity/scale-set.ts';
import { applyPatch } from './azure-model.ts';
import { nameOf } from './builders.ts';

export interface Pass {
  readonly situation: Situation;
  readonly decision: ReturnType<typeof decide>;
  /** What Azure has after the planned request. */
  readonly after: LiveIdentity;
}

export function pass(given: Situation): Pass {
  const decision = decide(given);
  const { identity } = given.reading.scaleSet;
  const patch = planPatch(identity, decision.delta);
  return { situation: given, decision, after: patch === undefined ? identity : applyPatch(identity, patch.body) };
}

/** The next pass over what the one before left behind, by a GET two minutes later. */
export function next({ situation: before, decision, after }: Pass): Pass {
  const at = before.now + 120_000;
  const reading = { scaleSet: { ...before.reading.scaleSet, identity: after }, source: 'get', at } as const;
  return pass({ ...before, now: at, ledger: decision.ledger, reading });
}

export function isEmpty({ decision: { delta, needsGet } }: Pass): boolean {
  return delta.attach.length + delta.detach.length === 0 && delta.systemAssigned === 'asLive' && !needsGet;
}

export function names(live: LiveIdentity): string {
  return [...live.userAssigned.keys()].map(nameOf).sort().join();
}
