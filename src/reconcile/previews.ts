/** What would be done for the bindings that observe, on what a pass knows of the scale set. */
import type { ArmKey } from '../identity/arm-id.ts';
import { isObserving } from '../identity/declaration.ts';
import { ledgerFor } from '../identity/ledger.ts';
import { type Preview, previewOf } from '../identity/preview.ts';
import type { LiveScaleSet } from '../identity/scale-set.ts';
import type { View } from '../identity/view.ts';
import { untouchables } from './decide.ts';
import { type Subject, versionsOf } from './subject.ts';

/** By uid of the binding. */
export function previewsOn(
  subject: Subject,
  scaleSet: LiveScaleSet,
  verdicts: View['verdicts'],
  now: number,
): ReadonlyMap<string, Preview> {
  const { id, declarations, ledger, bound } = subject;
  const observing = declarations.filter(isObserving);
  const outlook = {
    scaleSetId: id.resourceId,
    scaleSet,
    now,
    declarations,
    ledger: ledgerFor(ledger?.spec, scaleSet.uniqueId),
    ...untouchables(subject, scaleSet),
    bindings: versionsOf(bound),
    attachable: (key: ArmKey) => verdicts.get(key)?.state === 'Pending',
  };
  return new Map(observing.map((declaration) => [declaration.uid, previewOf(outlook, declaration)]));
}
