/** What others undid: the ledger says that it is attached, and the scale set does not show it. */
import type { ArmKey } from './arm-id.ts';
import { entriesByKey, type EntryPhase, type Ledger, ledgerFor } from './ledger.ts';
import type { LiveScaleSet } from './scale-set.ts';

/**
 * The identities that the ledger has as attached, or as turned on, and that are not there. An entry gets that far only by
 * a look at Azure, and leaves it before anything is detached for us: so whatever is gone, someone else took it.
 * @param landed what a write that has just succeeded brought: an intent of the ledger that was certainly there
 */
export function undoneByOthers(
  recorded: Ledger | undefined,
  { identity, uniqueId }: LiveScaleSet,
  landed: ReadonlySet<ArmKey | 'systemAssigned'> = new Set(),
): readonly (ArmKey | 'systemAssigned')[] {
  const ledger = ledgerFor(recorded, uniqueId);
  if (ledger === undefined) return [];
  const wasThere = (key: ArmKey, phase: EntryPhase): boolean =>
    phase === 'Attached' || (phase === 'Attaching' && landed.has(key));
  const gone = [...entriesByKey(ledger)]
    .filter(([key, { phase }]) => wasThere(key, phase) && !identity.userAssigned.has(key))
    .map(([key]) => key);
  const phase = ledger.systemAssigned?.phase;
  const wasOn = phase === 'Enabled' || (phase === 'Enabling' && landed.has('systemAssigned'));
  return wasOn && identity.systemAssigned === undefined ? [...gone, 'systemAssigned'] : gone;
}
