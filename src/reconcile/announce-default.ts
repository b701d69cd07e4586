/** Warns, before it is written, of a change of the identity that pods get which do not say which one they want. */
import type { ArmKey } from '../identity/arm-id.ts';
import { type Declaration, isActive, isActiveFor, isExclusiveInForce } from '../identity/declaration.ts';
import { changeOfDefault, type DefaultChange, warningOf } from '../identity/default-identity.ts';
import { entriesByKey, isMember, type Ledger } from '../identity/ledger.ts';
import type { Delta, IdentityRef } from '../identity/patch.ts';
import { ownIdentities } from '../identity/plan-status.ts';
import type { LiveIdentity, LiveScaleSet } from '../identity/scale-set.ts';
import { tell } from './announce.ts';
import type { ClusterPort } from './cluster-port.ts';
import { reattachingIn } from './stale-verdict.ts';
import type { Subject } from './subject.ts';

/**
 * Tells the bindings that `delta` is for; of each change once for each of their specs, however often it takes to have it
 * accepted.
 * @param intended what the ledger says when it is sent
 */
export function announceDefault(
  { bound, memory, ledger }: Subject,
  { identity }: LiveScaleSet,
  delta: Delta,
  intended: Ledger,
  cluster: ClusterPort,
): void {
  const change = lastingChange(identity, delta, reattachingIn(intended));
  if (change === undefined) return;
  for (const { binding, declaration } of bound) {
    if (!isConcerned(declaration, delta, ledger?.spec)) continue;
    const news = `${String(binding.metadata.generation)} ${signatureOf(change)}`;
    if (memory.announcedDefaults.get(declaration.uid) === news) continue;
    memory.announcedDefaults.set(declaration.uid, news);
    tell(cluster, binding, 'DefaultIdentityChanges', warningOf(change, ownIdentities(declaration, ledger?.spec)));
  }
}

/** What is off only to be attached again counts as there. */
function lastingChange(
  { userAssigned, ...identity }: LiveIdentity,
  { attach, detach, ...delta }: Delta,
  reattaching: ReadonlySet<ArmKey>,
): DefaultChange | undefined {
  const isHalf = ({ key }: IdentityRef): boolean => reattaching.has(key);
  const back = attach.filter(isHalf).map(({ key, resourceId }) => [key, { resourceId }] as const);
  return changeOfDefault(
    { ...identity, userAssigned: new Map([...userAssigned, ...back]) },
    { ...delta, attach: attach.filter((ref) => !isHalf(ref)), detach: detach.filter((ref) => !isHalf(ref)) },
  );
}

/** The same for every request that comes to the same: while some are refused, each carries others. */
function signatureOf({ before, after }: DefaultChange): string {
  return [before, after].map((one) => ('key' in one ? one.key : one.is)).join(' ');
}

/** Whether anything of it is written for the binding; whoever is Exclusive answers for all that goes. */
function isConcerned(
  declaration: Declaration,
  { attach, detach, systemAssigned }: Delta,
  ledger: Ledger | undefined,
): boolean {
  const entries = entriesByKey(ledger);
  const attaches = attach.some(({ key }) => declaration.userAssigned.has(key) && isActiveFor(declaration, key));
  const detaches = detach.some(({ key }) => isMember(entries.get(key)?.for, declaration.uid));
  const isAsked = declaration.systemAssigned === (systemAssigned === 'on' ? 'Enabled' : 'Disabled');
  const switches = (isAsked && isActive(declaration)) || isMember(ledger?.systemAssigned?.for, declaration.uid);
  return (
    attaches ||
    detaches ||
    (detach.length > 0 && isExclusiveInForce(declaration)) ||
    (systemAssigned !== 'asLive' && switches)
  );
}
