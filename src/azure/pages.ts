/** Lists that come in pages. */
import type { Failure, FailureKind, ListCursor, ListPage, ListScope, Result } from '../reconcile/azure-port.ts';
import { type Arm, failureOf, read } from './arm.ts';
import type { ArmOperation } from './call.ts';
import { member, textOf } from './json.ts';
import type { ArmReply } from './request.ts';
import type { ArmUrl } from './urls.ts';
import type { Read } from './wire.ts';

/** One list: where it begins, and what to call it in messages. */
export interface PagedList {
  readonly operation: ArmOperation;
  readonly first: ArmUrl;
  readonly scope: string;
}

/**
 * One page.
 * @param cursor of the page before; undefined for the first
 * @throws TypeError for a cursor that leads anywhere but to the ARM endpoint: none such is ever handed out
 */
export async function readPage(
  arm: Arm,
  { operation, first, scope }: PagedList,
  cursor: ListCursor | undefined,
  signal: AbortSignal,
): Promise<Result<ListPage<unknown>>> {
  const url = cursor === undefined ? first : arm.url({ to: 'link', link: cursor });
  if (url === undefined) throw new TypeError('a list goes on at the ARM endpoint only');
  const outcome = await arm.send({ operation, method: 'GET', url }, signal);
  if (outcome.got === 'reply' && outcome.reply.status >= 200 && outcome.reply.status < 300) {
    return read(outcome.reply, scope, (body) => pageOf(arm, body));
  }
  const failure = failureOf(outcome, { scope, requestIds: [], nowMs: arm.clock.now() });
  const isExpired = cursor !== undefined && outcome.got === 'reply' && refusesCursor(outcome.reply, failure);
  return isExpired ? { ok: true, value: { state: 'expired' } } : { ok: false, failure };
}

/** Every entry of every page. One page that fails, leads elsewhere or leads in a circle fails the whole. */
export async function listAll(arm: Arm, list: PagedList, signal: AbortSignal): Promise<Result<readonly unknown[]>> {
  const entries: unknown[] = [];
  const seen = new Set<ListCursor>();
  for (let cursor: ListCursor | undefined; ;) {
    const page = await readPage(arm, list, cursor, signal);
    if (!page.ok) return page;
    if (page.value.state === 'expired') return { ok: false, failure: brokenList(list, 'it cannot be read to its end') };
    entries.push(...page.value.entries);
    cursor = page.value.next;
    if (cursor === undefined) return { ok: true, value: entries };
    if (seen.has(cursor)) return { ok: false, failure: brokenList(list, 'its pages lead in a circle') };
    seen.add(cursor);
  }
}

/** A page without its entries as they came, but as they are read; those that cannot be are left out and logged. */
export function readEntries<T>(
  arm: Arm,
  page: Result<ListPage<unknown>>,
  scope: string,
  reader: (entry: unknown) => Read<T>,
): Result<ListPage<T>> {
  if (!page.ok || page.value.state === 'expired') return page as Result<ListPage<T>>;
  const entries: T[] = [];
  const problems: string[] = [];
  for (const entry of page.value.entries) {
    const one = reader(entry);
    if (one.readable) entries.push(one.value);
    else problems.push(one.problem);
  }
  if (problems.length > 0) {
    const [problem] = problems;
    arm.log.warn('left out entries of a list that cannot be read', { scope, count: problems.length, problem });
  }
  return { ok: true, value: { ...page.value, entries } };
}

/** How a list's scope is named in messages. */
export function nameOfScope({ subscriptionId, resourceGroup }: ListScope): string {
  const group = resourceGroup === undefined ? '' : `/resourceGroups/${resourceGroup}`;
  return `/subscriptions/${subscriptionId}${group}`;
}

function pageOf(arm: Arm, body: unknown): Read<ListPage<unknown>> {
  const entries = member(body, 'value');
  if (!Array.isArray(entries)) return { readable: false, problem: 'it is not a list' };
  const link = textOf(member(body, 'nextLink'));
  if (link === undefined) return { readable: true, value: { state: 'page', entries } };
  const next = arm.url({ to: 'link', link });
  if (next === undefined) return { readable: false, problem: 'its next page is not at the ARM endpoint' };
  return { readable: true, value: { state: 'page', entries, next: next as string as ListCursor } };
}

const REFUSALS_OF_A_CURSOR: ReadonlySet<FailureKind> = new Set(['rejected', 'notFound', 'transient']);

/** A link to a page that is no longer taken: malformed by now, unknown, or gone. Rights and haste are other matters. */
function refusesCursor({ status }: ArmReply, { kind }: Failure): boolean {
  return (status === 400 || status === 404 || status === 410) && REFUSALS_OF_A_CURSOR.has(kind);
}

function brokenList({ scope }: PagedList, problem: string): Failure {
  const message = `Azure's list at ${scope} cannot be used: ${problem}; it is asked for again.`;
  return { kind: 'transient', code: 'BrokenList', message, identityIds: [], hadNoEffect: true };
}
