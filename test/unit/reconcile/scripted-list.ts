/** A list whose pages are answered from a script, and which keeps what it was asked. */
import type { ArmKey } from '../../../src/identity/arm-id.ts';
import type {
  Failure,
  FailureKind,
  ListCursor,
  ListPage,
  ListScope,
  Result,
} from '../../../src/reconcile/azure-port.ts';
import type { VirtualClock } from '../runtime/virtual-clock.ts';
import { SECOND } from './world.ts';

export type Reply<T> = Result<ListPage<T>>;
/** A page by the names of its entries, `>` and the cursor of the next; `expired` for a cursor that is refused; or a failure. */
export type Step = string | Failure;

export interface ScriptedList<T> {
  readonly page: (scope: ListScope, cursor: ListCursor | undefined, signal: AbortSignal) => Promise<Reply<T>>;
  /** In which second what was asked for: `0 first`, `3 b in shop`. */
  readonly asked: string[];
}

/**
 * @param answer says by scope (`all` or a resource group), cursor (`first` for none) and count what is answered
 * @param latencyMs each page takes
 */
export function scriptedList<T extends { readonly key: ArmKey }>(
  clock: VirtualClock,
  entry: (name: string) => T,
  answer: (scope: string, cursor: string, count: number) => Step,
  latencyMs = 0,
): ScriptedList<T> {
  const asked: string[] = [];
  const startedAt = clock.now();
  const page: ScriptedList<T>['page'] = async ({ resourceGroup }, cursor, signal) => {
    const where = resourceGroup === undefined ? '' : ` in ${resourceGroup}`;
    asked.push(`${String((clock.now() - startedAt) / SECOND)} ${cursor ?? 'first'}${where}`);
    const step = answer(resourceGroup ?? 'all', cursor ?? 'first', asked.length);
    if (latencyMs > 0) await clock.sleep(latencyMs, signal);
    if (typeof step !== 'string') return { ok: false, failure: step };
    if (step === 'expired') return { ok: true, value: { state: 'expired' } };
    const [names = '', next] = step.split('>');
    const entries = names.split(' ').filter(Boolean).map(entry);
    return {
      ok: true,
      value: { state: 'page', entries, ...(next === undefined ? {} : { next: next.trim() as ListCursor }) },
    };
  };
  return { page, asked };
}

export function failure(kind: FailureKind, more: Partial<Failure> = {}): Failure {
  return { kind, code: `${kind}Code`, message: 'no', identityIds: [], hadNoEffect: true, ...more };
}
