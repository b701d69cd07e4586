/** Warns, before it is written, of a change of the identity that pods get which do not say which one they want. */
import { type Declaration, isActive, isActiveFor, isExclusiveInForce } from '../identity/declaration.ts';
import { changeOfDefault, warningOf } from '../identity/default-identity.ts';
import { entriesByKey, type Ledger, type Member } from '../identity/ledger.ts';
import type { Delta } from '../identity/patch.ts';
import { ownIdentities } from '../identity/plan-status.ts';
import type { LiveScaleSet } from '../identity/scale-set.ts';
import { tell } from './announce.ts';
import type { ClusterPort } from './cluster-port.ts';
import type { Subject } from './subject.ts';

/** Tells the bindings that `delta` is for; of each change once, however often it takes to have it accepted. */
export function announceDefault(
  { bound, memory, ledger }: Subject,
  { identity }: LiveScaleSet,
  delta: Delta,
  cluster: ClusterPort,
): void {
  const change = changeOfDefault(identity, delta);
  const news = JSON.stringify(change);
  if (change === undefined || memory.announcedDefault === news) return;
  memory.announcedDefault = news;
  for (const { binding, declaration } of bound) {
    if (!isConcerned(declaration, delta, ledger?.spec)) continue;
    tell(cluster, binding, 'DefaultIdentityChanges', warningOf(change, ownIdentities(declaration, ledger?.spec)));
  }
}

/** Whether anything of it is written for the binding; whoever is Exclusive answers for all that goes. */
function isConcerned(
  declaration: Declaration,
  { attach, detach, systemAssigned }: Delta,
  ledger: Ledger | undefined,
): boolean {
  const isMember = (members: readonly Member[] = []): boolean => members.some(({ uid }) => uid === declaration.uid);
  const entries = entriesByKey(ledger);
  const attaches = attach.some(({ key }) => declaration.userAssigned.has(key) && isActiveFor(declaration, key));
  const detaches = detach.some(({ key }) => isMember(entries.get(key)?.for));
  const isAsked = declaration.systemAssigned === (systemAssigned === 'on' ? 'Enabled' : 'Disabled');
  const switches = (isAsked && isActive(declaration)) || isMember(ledger?.systemAssigned?.for);
  return (
    attaches ||
    detaches ||
    (detach.length > 0 && isExclusiveInForce(declaration)) ||
    (systemAssigned !== 'asLive' && switches)
  );
}
