/** Which of Azure's limits are closed by Azure itself: told once when it begins, and once when it is over. */
import type { AzureLog } from '../request.ts';
import type { Bucket } from './bucket.ts';
import type { Scope } from './buckets.ts';

export type BudgetLog = Pick<AzureLog, 'info' | 'warn'>;

export class Closures {
  readonly #closed = new Map<Bucket, Scope>();

  /** @param code with which Azure refused */
  began(scope: Scope, bucket: Bucket, code: string, now: number, log: BudgetLog): void {
    if (this.#closed.has(bucket)) return;
    this.#closed.set(bucket, scope);
    const waitMs = Math.ceil(bucket.closedForMs(now));
    log.warn('Azure throttles: nothing more of this kind is sent until it is over', { ...scope, code, waitMs });
  }

  /** Looks which of them are over. */
  review(now: number, log: BudgetLog): void {
    for (const [bucket, scope] of this.#closed) {
      if (bucket.closedForMs(now) > 0) continue;
      this.#closed.delete(bucket);
      log.info('Azure takes requests of this kind again', { ...scope });
    }
  }
}
