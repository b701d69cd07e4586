/** What is declared while a pass is under way: nothing is taken away that somebody has come to want meanwhile. */
import { isDeepStrictEqual } from 'node:util';

import type { VmssIdentityBinding } from '../api/types.ts';
import type { PlannedPatch } from '../identity/patch.ts';
import type { ClusterPort } from './cluster-port.ts';
import type { Subject } from './subject.ts';

/** Something was declared anew since the pass began, which was about to take something away: it is to begin again. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';

  constructor() {
    super('bindings or policies changed while the pass was under way');
  }
}

/**
 * To be asked right before a write. Objects once only in a row, so that whoever keeps changing a binding does not keep on
 * the scale set what another one has given up.
 * @throws Overtaken when the write takes something away, and was planned without what is declared now
 */
export function demandNotOvertaken(
  subject: Subject,
  { narrows }: Pick<PlannedPatch, 'narrows'>,
  cluster: ClusterPort,
): void {
  const { memory } = subject;
  memory.overtaken = narrows && !memory.overtaken && isOutdated(subject, cluster);
  if (memory.overtaken) throw new Overtaken();
}

/** A binding that has only come to be deleted changes nothing for the worse: what it gives up is taken back later. */
function isOutdated({ id, bound, policies }: Subject, cluster: ClusterPort): boolean {
  const known = new Set(bound.map(({ binding }) => versionOf(binding)));
  const isNew = (binding: VmssIdentityBinding): boolean =>
    binding.metadata.deletionTimestamp === undefined && !known.has(versionOf(binding));
  return cluster.bindingsOf(id.key).some(isNew) || !isDeepStrictEqual(cluster.policies(), policies);
}

const versionOf = ({ metadata }: VmssIdentityBinding): string => `${metadata.uid}/${String(metadata.generation)}`;
