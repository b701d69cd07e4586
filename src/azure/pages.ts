/** Lists that come in pages. */
import type { Result } from '../reconcile/azure-port.ts';
import { type Arm, ask, read } from './arm.ts';
import type { ArmOperation } from './call.ts';
import { member, textOf } from './json.ts';
import type { ArmUrl } from './urls.ts';
import type { Read } from './wire.ts';

interface Page {
  readonly entries: readonly unknown[];
  readonly next?: ArmUrl;
}

/** Every entry of every page. One page that fails, leads elsewhere or leads in a circle fails the whole. */
export async function listAll(
  arm: Arm,
  operation: ArmOperation,
  first: ArmUrl,
  scope: string,
  signal: AbortSignal,
): Promise<Result<readonly unknown[]>> {
  const entries: unknown[] = [];
  const seen = new Set<ArmUrl>();
  for (let next: ArmUrl | undefined = first; next !== undefined;) {
    const url: ArmUrl = next;
    seen.add(url);
    const reply = await ask(arm, { operation, method: 'GET', url }, { scope, requestIds: [] }, signal);
    if (!reply.ok) return reply;
    const page = read(reply.value, scope, (body) => readPage(arm, body, seen));
    if (!page.ok) return page;
    entries.push(...page.value.entries);
    next = page.value.next;
  }
  return { ok: true, value: entries };
}

function readPage(arm: Arm, body: unknown, seen: ReadonlySet<ArmUrl>): Read<Page> {
  const entries = member(body, 'value');
  if (!Array.isArray(entries)) return { readable: false, problem: 'it is not a list' };
  const link = textOf(member(body, 'nextLink'));
  if (link === undefined) return { readable: true, value: { entries } };
  const next = arm.url({ to: 'link', link });
  if (next === undefined) return { readable: false, problem: 'its next page is not at the ARM endpoint' };
  if (seen.has(next)) return { readable: false, problem: 'its pages lead in a circle' };
  return { readable: true, value: { entries, next } };
}
