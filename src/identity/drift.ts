/** What others undid: the ledger says that it is attached, and the scale set does not show it. */
import { type ArmKey, armKey } from './arm-id.ts';
import { type Ledger, ledgerFor } from './ledger.ts';
import type { LiveScaleSet } from './scale-set.ts';

/**
 * The identities that the ledger has as attached, or as turned on, and that are not there. An entry gets that far only by
 * a look at Azure, and leaves it before anything is detached for us: so whatever is gone, someone else took it.
 */
export function undoneByOthers(
  recorded: Ledger | undefined,
  { identity, uniqueId }: LiveScaleSet,
): readonly (ArmKey | 'systemAssigned')[] {
  const ledger = ledgerFor(recorded, uniqueId);
  if (ledger === undefined) return [];
  const attached = ledger.entries.filter(({ phase }) => phase === 'Attached');
  const gone = attached.map((entry) => armKey(entry.resourceId)).filter((key) => !identity.userAssigned.has(key));
  const wasOn = ledger.systemAssigned?.phase === 'Enabled';
  return wasOn && identity.systemAssigned === undefined ? [...gone, 'systemAssigned'] : gone;
}
