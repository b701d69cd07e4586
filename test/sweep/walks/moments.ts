/** What was stored at some moment of a run: each object as its last write until then left it. */
import {
  BINDING,
  LEDGER,
  POLICY,
  type VmssIdentityBinding,
  type VmssIdentityLedger,
  type VmssIdentityPolicySpec,
} from '../../../src/api/types.ts';
import type { Change } from '../kube/object-store.ts';
import { type Declared, lower } from './standing.ts';

export class Moments {
  readonly #changes: readonly Change[];
  readonly #latest = new Map<string, Change>();
  #next = 0;

  constructor(changes: readonly Change[]) {
    this.#changes = changes.filter(({ collection }) => KINDS.some((plural) => collection.startsWith(`${plural}.`)));
  }

  /** Goes on to a revision that is not before the last one. */
  upTo(revision: number): this {
    for (;;) {
      const change = this.#changes[this.#next];
      if (change === undefined || change.revision > revision) return this;
      this.#next += 1;
      this.#latest.set(`${change.collection} ${change.key}`, change);
    }
  }

  declared(scaleSetId: string, uniqueId: string | undefined, isAks: boolean): Declared {
    const of = (plural: string): readonly object[] =>
      [...this.#latest.values()]
        .filter(({ type, collection }) => type !== 'DELETED' && collection.startsWith(`${plural}.`))
        .map(({ object }) => object);
    const id = lower(scaleSetId);
    const ledgers = of(LEDGER.plural) as readonly VmssIdentityLedger[];
    return {
      scaleSetId: id,
      bindings: (of(BINDING.plural) as readonly VmssIdentityBinding[]).filter(
        ({ spec }) => lower(spec.scaleSet.resourceId) === id,
      ),
      policies: (of(POLICY.plural) as readonly { spec: VmssIdentityPolicySpec }[]).map(({ spec }) => spec),
      ledger: ledgers.find(({ spec }) => lower(spec.scaleSetId) === id && isOf(spec, uniqueId))?.spec,
      isAks,
    };
  }
}

const KINDS = [BINDING.plural, LEDGER.plural, POLICY.plural];

/** Of another one under the same name it is void. */
const isOf = (ledger: VmssIdentityLedger['spec'], uniqueId: string | undefined): boolean =>
  uniqueId === undefined || ledger.uniqueId === undefined || ledger.uniqueId === uniqueId;
