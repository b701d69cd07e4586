/**
 * Whose each identity is, from who attached it, and whether what the operator had on record was ever let go without a
 * reason that design §3 knows: what it forgets stays on the scale set for good.
 */
import { LEDGER, type VmssIdentityLedger } from '../../../src/api/types.ts';
import { type AzureChange, OTHERS, type ScaleSetModel } from '../azure-model.ts';
import type { Change } from '../kube/object-store.ts';
import { isOperator } from '../oracles/writes.ts';
import type { Run } from '../run.ts';
import { Moments } from './moments.ts';
import { type Declared, type Entry, isLeaving, isMember, isProtected, leavesItThere, lower } from './standing.ts';

type Judged = Pick<Run, 'firstModel' | 'azureChanges' | 'kubeChanges'>;

export interface Ownership {
  readonly problems: readonly string[];
  /** `<uniqueId> <id>` of what the operator attached, and has to take off. */
  readonly ours: ReadonlySet<string>;
}

export const ownedKey = (uniqueId: string, id: string): string => `${uniqueId} ${id}`;

/** How long before a write it may have been decided on, in virtual time. */
export const DECIDED_BEFORE_MS = 500;

export function ownershipOf(judged: Judged): Ownership {
  return new History(judged).told();
}

class History {
  readonly #judged: Judged;
  readonly #moments: Moments;
  readonly #problems: string[] = [];
  readonly #ours = new Set<string>();
  readonly #live: Map<string, ScaleSetModel>;

  constructor(judged: Judged) {
    this.#judged = judged;
    this.#moments = new Moments(judged.kubeChanges);
    this.#live = new Map(judged.firstModel);
  }

  told(): Ownership {
    const { azureChanges, kubeChanges } = this.#judged;
    let next = 0;
    for (const change of kubeChanges.filter(({ collection }) => collection.startsWith(`${LEDGER.plural}.`))) {
      for (; azureChanges[next] !== undefined && azureChanges[next]!.revision < change.revision; next++) {
        this.#azure(azureChanges[next]!);
      }
      this.#moments.upTo(change.revision);
      this.#ledger(change);
    }
    for (; azureChanges[next] !== undefined; next++) this.#azure(azureChanges[next]!);
    return { problems: this.#problems, ours: this.#ours };
  }

  #azure({ by, before, after, step }: AzureChange): void {
    const uniqueId = (after ?? before)?.uniqueId ?? '';
    const [was, is] = [before?.userAssigned ?? [], after?.userAssigned ?? []];
    for (const id of was.filter((each) => !is.includes(each))) this.#ours.delete(ownedKey(uniqueId, id));
    if (after === undefined) this.#live.delete(uniqueId);
    else this.#live.set(uniqueId, after);
    if (!isOperator(by) || after === undefined) return;
    for (const id of is.filter((each) => !was.includes(each))) {
      if (this.#isRecorded(after.id, uniqueId, id)) this.#ours.add(ownedKey(uniqueId, id));
      // "recreated under the same name: everything below is void": planned for the one before, it has become nobody's.
      else if (!this.#isRecorded(after.id, undefined, id)) {
        this.#problems.push(`step ${step}, ${by}: attached ${id} without a record of it`);
      }
    }
  }

  /** @param uniqueId undefined: whichever scale set of this name the record is of */
  #isRecorded(scaleSetId: string, uniqueId: string | undefined, id: string): boolean {
    const { ledger } = this.#moments.declared(scaleSetId, uniqueId, false);
    return ledger?.entries.some(({ resourceId }) => lower(resourceId) === id) === true;
  }

  #ledger({ by, type, object, previous, revision }: Change): void {
    const before = (previous as object | undefined as VmssIdentityLedger | undefined)?.spec;
    if (before === undefined) return;
    const after = type === 'DELETED' ? undefined : (object as object as VmssIdentityLedger).spec;
    const { uniqueId = '' } = before;
    const live = this.#live.get(uniqueId);
    const kept = new Set(after?.uniqueId === uniqueId ? after.entries.map(({ resourceId }) => lower(resourceId)) : []);
    for (const entry of before.entries) {
      const id = lower(entry.resourceId);
      if (kept.has(id) || live?.userAssigned.includes(id) !== true) continue;
      const wasOurs = this.#ours.delete(ownedKey(uniqueId, id));
      // What someone deletes by hand is theirs to answer for; what we never attached is nobody's loss.
      if (by === OTHERS || !isOperator(by) || !wasOurs) continue;
      const declared = this.#moments.declared(before.scaleSetId, uniqueId, false);
      if (!this.#isRenounced(declared, entry)) {
        this.#problems.push(`revision ${revision}, ${by}: forgot ${id}, which it had attached (${entry.phase})`);
      }
    }
  }

  /** "To renounce is to leave `for` without detaching; the last to leave decides". */
  #isRenounced(declared: Declared, entry: Entry): boolean {
    if (isProtected(declared, lower(entry.resourceId))) return true;
    return declared.bindings.some(
      (binding) => isMember(entry, binding) && isLeaving(binding) && leavesItThere(binding),
    );
  }
}
