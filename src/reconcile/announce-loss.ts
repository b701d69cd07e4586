/** Tells people what other people's writes took away beside ours. */
import { identities } from '../identity/naming.ts';
import type { Logger } from '../telemetry/logger.ts';
import { tell } from './announce.ts';
import type { ClusterPort } from './cluster-port.ts';
import type { Subject } from './subject.ts';
import type { Loss } from './unguarded-writes.ts';

/** The log and the ledger's event name it; a binding learns how much it was, and not whose. */
export function announceLoss(subject: Subject, loss: Loss, cluster: ClusterPort, logger: Logger): void {
  const idsOf = (refs: Loss['ours']): readonly string[] => refs.map(({ resourceId }) => resourceId);
  const [ours, others, { systemAssigned }] = [idsOf(loss.ours), idsOf(loss.others), loss];
  logger.warn('identities were lost in a race', { scaleSet: subject.id.resourceId, ours, others, systemAssigned });
  const lost = [...ours, ...others, ...(systemAssigned ? ['the system-assigned identity'] : [])];
  const note = `Someone else’s write to the scale set, at the moment of the operator’s, took ${identities(lost.length)} off`;
  if (subject.ledger !== undefined) {
    tell(cluster, subject.ledger, 'LostInRace', `${note}: ${lost.join(', ')}.`);
  }
  for (const { binding, declaration } of subject.bound) {
    if (!declaration.grants.scaleSet) continue;
    tell(cluster, binding, 'LostInRace', `${note}; user-assigned ones are put back once.`);
  }
}
