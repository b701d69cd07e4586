/**
 * Whether every change that the operator made to a scale set was its to make: what it detached it had on record as its own
 * and nobody declared any more, and what it attached somebody declared. Judged by what was true at the moment of the write,
 * and by who had attached what.
 */
import { BINDING, LEDGER, type VmssIdentityBinding, type VmssIdentityLedger } from '../../../src/api/types.ts';
import { type AzureChange, OTHERS, type ScaleSetModel } from '../azure-model.ts';
import type { Change } from '../kube/object-store.ts';
import type { Run } from '../run.ts';
import { isOperator } from './writes.ts';

type Judged = Pick<Run, 'firstModel' | 'azureChanges' | 'kubeChanges'>;

export function unlawfulChanges({ firstModel, azureChanges, kubeChanges }: Judged): readonly string[] {
  const foreign = new Set([...firstModel.values()].flatMap((set) => set.userAssigned.map((id) => keyOf(set, id))));
  return azureChanges.flatMap((change) => {
    const moment = momentOf(kubeChanges, change);
    const found = isOperator(change.by) ? judge(change, moment, foreign) : [];
    noteForeign(change, moment, foreign);
    return found.map((problem) => `step ${change.step}, ${change.by}: ${problem}`);
  });
}

/** What was stored when a scale set was changed. */
interface Moment {
  readonly bindings: readonly VmssIdentityBinding[];
  readonly ledger: VmssIdentityLedger['spec'] | undefined;
}

function judge({ before, after }: AzureChange, moment: Moment, foreign: ReadonlySet<string>): readonly string[] {
  if (before === undefined || after === undefined) return ['a scale set came or went'];
  const [gone, come] = [missing(before, after), missing(after, before)];
  return [
    ...gone.flatMap((id) => whyNotDetach(before, id, moment, foreign).map((why) => `detached ${id}: ${why}`)),
    ...come.filter((id) => !isDeclared(moment, id)).map((id) => `attached ${id}, which nobody declares`),
    ...judgeSystemAssigned(before, after, moment),
  ];
}

function whyNotDetach(set: ScaleSetModel, id: string, moment: Moment, foreign: ReadonlySet<string>): readonly string[] {
  const entry = moment.ledger?.entries.find(({ resourceId }) => resourceId.toLowerCase() === id);
  const isExclusive = moment.bindings.some(({ spec, metadata }) => spec.mode === 'Exclusive' && !isLeaving(metadata));
  if (entry === undefined) return isExclusive ? [] : ['there is no entry for it'];
  const isAdopted = moment.bindings.some(({ spec }) =>
    spec.userAssigned.some((each) => each.adopt && sameId(each.resourceId, id)),
  );
  return [
    ...(foreign.has(keyOf(set, id)) && !isAdopted ? ['others had attached it'] : []),
    ...(entry.phase !== 'Reattaching' && isDeclared(moment, id) ? ['a binding declares it'] : []),
  ];
}

function judgeSystemAssigned(
  before: ScaleSetModel,
  after: ScaleSetModel,
  { bindings, ledger }: Moment,
): readonly string[] {
  if (before.systemAssigned === after.systemAssigned) return [];
  const active = bindings.filter(({ metadata }) => !isLeaving(metadata));
  const says = (what: string): boolean => active.some(({ spec }) => spec.systemAssigned === what);
  if (after.systemAssigned) return says('Enabled') ? [] : ['system-assigned turned on unasked'];
  return says('Disabled') || (ledger?.systemAssigned !== undefined && !says('Enabled'))
    ? []
    : ['system-assigned turned off unasked'];
}

/** What others attach while the operator is about to attach it counts as the operator's; that is documented. */
function noteForeign({ by, before, after }: AzureChange, { ledger }: Moment, foreign: Set<string>): void {
  if (before !== undefined) for (const id of missing(before, after)) foreign.delete(keyOf(before, id));
  if (after === undefined || by !== OTHERS) return;
  for (const id of missing(after, before)) {
    const isIntended = ledger?.entries.some((entry) => sameId(entry.resourceId, id)) === true;
    if (!isIntended) foreign.add(keyOf(after, id));
  }
}

function momentOf(kubeChanges: readonly Change[], { revision, before, after }: AzureChange): Moment {
  const set = before ?? after;
  const latest = new Map<string, Change>();
  for (const change of kubeChanges) {
    if (change.revision <= revision) latest.set(`${change.collection} ${change.key}`, change);
  }
  const stored = [...latest.values()].filter(({ type }) => type !== 'DELETED');
  const of = (plural: string): readonly object[] =>
    stored.filter(({ collection }) => collection.startsWith(`${plural}.`)).map(({ object }) => object);
  const bindings = (of(BINDING.plural) as readonly VmssIdentityBinding[]).filter(({ spec }) =>
    sameId(spec.scaleSet.resourceId, set?.id),
  );
  const ledger = (of(LEDGER.plural) as readonly VmssIdentityLedger[]).find(
    ({ spec }) => sameId(spec.scaleSetId, set?.id) && (spec.uniqueId === undefined || spec.uniqueId === set?.uniqueId),
  );
  return { bindings, ledger: ledger?.spec };
}

const missing = (from: ScaleSetModel, into: ScaleSetModel | undefined): readonly string[] =>
  from.userAssigned.filter((id) => into?.userAssigned.includes(id) !== true);

/** By a binding that stays. */
const isDeclared = ({ bindings }: Moment, id: string): boolean =>
  bindings.some(
    ({ spec, metadata }) => !isLeaving(metadata) && spec.userAssigned.some(({ resourceId }) => sameId(resourceId, id)),
  );

const isLeaving = ({ deletionTimestamp }: VmssIdentityBinding['metadata']): boolean => deletionTimestamp !== undefined;

const keyOf = ({ uniqueId }: ScaleSetModel, id: string): string => `${uniqueId} ${id}`;

const sameId = (left: string, right: string | undefined): boolean => left.toLowerCase() === right?.toLowerCase();
