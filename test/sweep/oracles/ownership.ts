/**
 * Whether every change that the operator made to a scale set was its to make, by design §3: what it detached was on record
 * as its own, and nobody wanted or held it; what it attached was on record, declared, and permitted whole by one policy.
 */
import type { LedgerEntry, VmssIdentityLedgerSpec } from '../../../src/api/types.ts';
import type { AzureChange, ScaleSetModel } from '../azure-model.ts';
import type { Deed, Judged } from './deed.ts';
import { ForeignIdentities, type Origins } from './foreign.ts';
import { ledgerAt, viewsOf } from './moment.ts';
import { fold } from './pattern.ts';
import {
  declares,
  holdersOf,
  isFrozen,
  isLeaving,
  isMember,
  isOrphan,
  isProtected,
  mayHave,
  type Members,
  nameOf,
  renouncersOf,
  type View,
  wantersOf,
} from './sets.ts';
import { whyNotSurplus } from './surplus.ts';
import { systemAssignedFlaws } from './system-assigned.ts';
import { isOperator } from './writes.ts';

export function unlawfulChanges(run: Judged): readonly string[] {
  const foreign = new ForeignIdentities(run);
  return run.azureChanges.flatMap((change) => {
    const flaws = isOperator(change.by) ? flawsOf(change, foreign, run) : [];
    foreign.note(change);
    return flaws.map((flaw) => `step ${change.step}, ${change.by}: ${flaw}`);
  });
}

/** None, if by anything that the operator may have gone by there is none. */
function flawsOf(change: AzureChange, foreign: Origins, run: Judged): readonly string[] {
  const { before, after, by, revision, known } = change;
  if (before === undefined || after === undefined) return ['a scale set came or went'];
  const deed: Deed = {
    ...{ before, after, change, foreign, run },
    ledger: ledgerAt(run.kubeChanges, revision, before),
    ledgerBefore: ledgerAt(run.kubeChanges, known?.revision ?? revision, before),
  };
  const views = viewsOf(run.kubeChanges, { by, revision, known, scaleSetId: before.id });
  const judgements = views.map((view) => flawsInView(view, deed));
  return judgements.find((flaws) => flaws.length === 0) ?? judgements[0] ?? [];
}

function flawsInView(view: View, deed: Deed): readonly string[] {
  const { before, after } = deed;
  return [
    ...missing(before, after).flatMap((id) => whyNotDetach(view, id, deed).map((why) => `detached ${id}: ${why}`)),
    ...missing(after, before).flatMap((id) => whyNotAttach(view, id, deed).map((why) => `attached ${id}: ${why}`)),
    ...systemAssignedFlaws(view, deed),
  ];
}

function whyNotDetach(view: View, id: string, deed: Deed): readonly string[] {
  if (isProtected(view, id)) return ['a policy protects it'];
  const entry = entryIn(deed.ledger, id);
  const recorded = [...(entry?.for ?? []), ...(entryIn(deed.ledgerBefore, id)?.for ?? [])];
  if (entry === undefined || isOrphan(view, entry.for)) return whyNotSurplus(view, id, recorded, deed);
  const isForeign = deed.foreign.isForeign(deed.before, id);
  return [
    ...(isForeign ? ['others had attached it'] : []),
    ...(entry.phase === 'Reattaching' ? whyNotReattach(view, id) : whyNotTakeBack(view, id, entry, recorded)),
  ];
}

function whyNotTakeBack(view: View, id: string, { phase }: LedgerEntry, recorded: Members): readonly string[] {
  return [
    ...(phase === 'Detaching' ? [] : [`it was on record as ${phase}`]),
    ...wantersOf(view, id).map((binding) => `${nameOf(binding)} wants it`),
    ...holdersOf(view, id, recorded).map((binding) => `${nameOf(binding)} holds it`),
    ...renouncersOf(view, recorded).map((binding) => `${nameOf(binding)} has renounced it`),
  ];
}

/** Everybody's consent is asked for. */
function whyNotReattach(view: View, id: string): readonly string[] {
  const asked = view.bindings.filter(
    (binding) => !isLeaving(binding) && declares(binding, id) && mayHave(view, binding, id),
  );
  return [
    ...(wantersOf(view, id).length === 0 ? ['nobody wants it reattached'] : []),
    ...asked
      .filter((binding) => isFrozen(binding) || binding.spec.staleIdentities !== 'Reattach')
      .map((binding) => `${nameOf(binding)} does not want it reattached`),
  ];
}

function whyNotAttach(view: View, id: string, { ledger }: Deed): readonly string[] {
  const entry = entryIn(ledger, id);
  if (entry === undefined) return ['there was no entry for it'];
  if (entry.phase === 'Detaching') return ['it was on record as Detaching'];
  // What was detached to be attached again is given back to whoever may have it.
  const owed = entry.phase === 'Reattaching' ? view.bindings.filter((binding) => mayHave(view, binding, id)) : [];
  const lawfully = [...wantersOf(view, id), ...owed];
  if (lawfully.length === 0) return ['nobody wants it who may have it by one policy'];
  return lawfully.some((binding) => isMember(binding, entry.for)) ? [] : ['it was on record for nobody who wants it'];
}

const entryIn = (ledger: VmssIdentityLedgerSpec | undefined, id: string): LedgerEntry | undefined =>
  ledger?.entries.find(({ resourceId }) => fold(resourceId) === fold(id));

const missing = (from: ScaleSetModel, into: ScaleSetModel | undefined): readonly string[] =>
  from.userAssigned.filter((id) => into?.userAssigned.includes(id) !== true);
