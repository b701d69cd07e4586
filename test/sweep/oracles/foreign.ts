/** Who attached what: what others did stays theirs, whatever the ledger comes to say, unless it was adopted in order. */
import { LEDGER, type VmssIdentityLedger } from '../../../src/api/types.ts';
import { type AzureChange, OTHERS, type ScaleSetModel } from '../azure-model.ts';
import { collectionOf } from '../kube/served-kind.ts';
import type { Run } from '../run.ts';
import { ledgerAt } from './moment.ts';
import { fold } from './pattern.ts';

export interface Origins {
  /** Whether others attached it, and nobody has adopted it since. */
  isForeign(set: ScaleSetModel, id: string): boolean;
}

export class ForeignIdentities implements Origins {
  readonly #run: Pick<Run, 'kubeChanges'>;
  /** At which revision each came, by scale set and id. */
  readonly #since = new Map<string, number>();

  constructor(run: Pick<Run, 'firstModel' | 'kubeChanges'>) {
    this.#run = run;
    for (const set of run.firstModel.values()) for (const id of set.userAssigned) this.#since.set(keyOf(set, id), 0);
  }

  isForeign(set: ScaleSetModel, id: string): boolean {
    const since = this.#since.get(keyOf(set, id));
    return since !== undefined && !this.#isAdopted(set, id, since);
  }

  /** What others attach while the operator is about to attach it counts as the operator's; that is documented. */
  note({ by, before, after, revision }: AzureChange): void {
    const [had, has] = [new Set(before?.userAssigned), new Set(after?.userAssigned)];
    if (before !== undefined) for (const id of had) if (!has.has(id)) this.#since.delete(keyOf(before, id));
    if (after === undefined || by !== OTHERS) return;
    const ledger = ledgerAt(this.#run.kubeChanges, revision, after);
    const intended = new Set(ledger?.entries.map(({ resourceId }) => fold(resourceId)));
    for (const id of has) if (!had.has(id) && !intended.has(id)) this.#since.set(keyOf(after, id), revision);
  }

  /** Adopted is what comes to stand in the ledger as `Attached` at once; whether it may, is judged where it is written. */
  #isAdopted(set: ScaleSetModel, id: string, since: number): boolean {
    return this.#run.kubeChanges.some(({ collection, revision, object, previous }) => {
      if (collection !== collectionOf(LEDGER) || revision <= since) return false;
      const [now, before] = [object, previous].map((each) => entriesOf(each, set));
      return now?.get(id) === 'Attached' && before?.has(id) !== true;
    });
  }
}

function entriesOf(object: object | undefined, set: ScaleSetModel): ReadonlyMap<string, string> {
  const { spec } = (object ?? {}) as Partial<VmssIdentityLedger>;
  const isAbout =
    spec !== undefined && fold(spec.scaleSetId) === set.id && (spec.uniqueId ?? set.uniqueId) === set.uniqueId;
  return new Map(isAbout ? spec.entries.map(({ resourceId, phase }) => [fold(resourceId), phase]) : []);
}

const keyOf = ({ uniqueId }: ScaleSetModel, id: string): string => `${uniqueId} ${id}`;
