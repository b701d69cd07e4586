/** What happened in Kubernetes and in Azure, in one order, in words that a test can compare at a glance. */
import type { HttpClient, PipelineRequest } from '@azure/core-rest-pipeline';

import type { VmssIdentityBindingStatus } from '../../../src/api/types.ts';
import { ARRAY_API_VERSION } from '../../../src/config/api-versions.ts';
import type { Ledger, Member } from '../../../src/identity/ledger.ts';

export class Journal {
  readonly #lines: string[] = [];
  readonly #once: { readonly start: string; readonly action: () => void }[] = [];
  #taken = 0;

  add(line: string): number {
    const index = this.#once.findIndex(({ start }) => line.startsWith(start));
    const [due] = index < 0 ? [] : this.#once.splice(index, 1);
    due?.action();
    return this.#lines.push(line) - 1;
  }

  /** Just before the next line that begins like this, something else happens. */
  before(start: string, action: () => void): void {
    this.#once.push({ start, action });
  }

  /** Nothing is to happen any more that was to happen before a line. */
  clear(): void {
    this.#once.length = 0;
  }

  /** Adds to a line what became known later. */
  amend(index: number, text: string): void {
    this.#lines[index] = `${this.#lines[index] ?? ''}${text}`;
  }

  /** Everything since it was last asked. */
  take(): readonly string[] {
    const lines = this.#lines.slice(this.#taken);
    this.#taken = this.#lines.length;
    return lines;
  }
}

/** The last part of an id. */
export function nameOf(resourceId: string): string {
  return resourceId.slice(resourceId.lastIndexOf('/') + 1);
}

const namesOf = (members: readonly Member[]): string => members.map(({ name }) => name).join(',');

/** `Attached a for one,two; Enabled system for one; operation`. */
export function tellLedger({ entries, systemAssigned, operation }: Ledger): string {
  const failure = operation?.lastError === undefined ? '' : ` failed ${operation.lastError.code}`;
  return [
    ...entries.map(({ phase, resourceId, for: members }) => `${phase} ${nameOf(resourceId)} for ${namesOf(members)}`),
    ...(systemAssigned === undefined ? [] : [`${systemAssigned.phase} system for ${namesOf(systemAssigned.for)}`]),
    ...(operation === undefined ? [] : [`operation${failure}`]),
  ].join('; ');
}

/** `True Assigned 1/1`. */
export function tellStatus({ conditions, summary }: VmssIdentityBindingStatus): string {
  const ready = conditions?.find(({ type }) => type === 'Ready');
  return `${ready?.status ?? 'none'} ${ready?.reason ?? ''} ${summary ?? ''}`.trimEnd();
}

/** ` in shop` for a list of a resource group. */
function groupOf(path: string): string {
  const group = /\/resourceGroups\/([^/]+)\//i.exec(path)?.[1];
  return group === undefined ? '' : ` in ${group}`;
}

/** `GET web`, `GET a`, `POLL`, `LIST`, `LIST identities in shop`, `PATCH web UserAssigned +a -b`. */
function tellRequest({ method, url, body }: PipelineRequest, assigned: Assigned): string {
  const path = decodeURIComponent(new URL(url).pathname);
  if (path.endsWith('/permissions')) return `GET permissions on ${nameOf(path.split('/providers/Microsoft.Auth')[0]!)}`;
  if (path.includes('/operations/')) return 'POLL';
  if (path.endsWith('/virtualMachineScaleSets')) return `LIST${groupOf(path)}`;
  if (path.endsWith('/userAssignedIdentities')) return `LIST identities${groupOf(path)}`;
  if (method !== 'PATCH') return `${method} ${nameOf(path)}`;
  const { type, userAssignedIdentities = {}, identityIds } = (JSON.parse(body as string) as Body).identity;
  const changes = Object.entries(userAssignedIdentities).map(
    ([id, value]) => `${value === null ? '-' : '+'}${nameOf(id)}`,
  );
  const told = identityIds === undefined ? changes : changesBy(identityIds, assigned(path));
  return ['PATCH', nameOf(path), type.replace(', ', '+'), ...told.toSorted()].join(' ');
}

interface Body {
  readonly identity: {
    readonly type: string;
    readonly userAssignedIdentities?: Readonly<Record<string, object | null>>;
    readonly identityIds?: readonly string[];
  };
}

/** The ids that a scale set has. */
type Assigned = (scaleSetId: string) => readonly string[];

/** What a whole list changes. */
function changesBy(list: readonly string[], assigned: readonly string[]): readonly string[] {
  const [before, after] = [assigned, list].map((ids) => new Set(ids.map((id) => id.toLowerCase()))) as [
    Set<string>,
    Set<string>,
  ];
  return [
    ...list.filter((id) => !before.has(id.toLowerCase())).map((id) => `+${nameOf(id)}`),
    ...assigned.filter((id) => !after.has(id.toLowerCase())).map((id) => `-${nameOf(id)}`),
  ];
}

/**
 * Writes down every request before it is sent, and how it was refused after. It lets no PATCH pass without If-Match; of a
 * whole list, none that does not follow right upon a read of the same scale set.
 */
export function journaled(client: HttpClient, journal: Journal, assigned: Assigned): HttpClient {
  let last: string | undefined;
  return {
    sendRequest: async (request) => {
      const line = journal.add(tellRequest(request, assigned));
      const isGuarded = /^"\d+"$/.test(request.headers.get('if-match') ?? '');
      const isFresh = isWhole(request) && last === `GET ${request.url}`;
      if (request.method === 'PATCH' && !isGuarded && !isFresh) throw new Error('a PATCH without the etag of a read');
      try {
        const response = await client.sendRequest(request);
        // What is not let in is sent again with another token.
        if (response.status !== 401) last = `${request.method} ${request.url}`;
        if (response.status >= 400) journal.amend(line, ` → ${String(response.status)}`);
        return response;
      } catch (error) {
        journal.amend(line, ' → nothing');
        throw error;
      }
    },
  };
}

/** Of the api-version in which a write replaces the whole list. */
function isWhole({ url }: PipelineRequest): boolean {
  return new URL(url).searchParams.get('api-version') === ARRAY_API_VERSION;
}

/**
 * A journal of the array shape as one of the other would be: without the read right before each write, and without those
 * after it that tell what came of it.
 */
export function withoutGuardReads(lines: readonly string[]): readonly string[] {
  const kept: string[] = [];
  let written: string | undefined;
  for (const [index, line] of lines.entries()) {
    const [method, name] = line.split(' ');
    if (method === 'PATCH') written = line.includes(' → ') ? undefined : name;
    else if (line !== `GET ${written ?? ''}`) written = undefined;
    const isGuard = method === 'GET' && lines[index + 1]?.startsWith(`PATCH ${name ?? ''} `) === true;
    if (!isGuard && (method !== 'GET' || name !== written)) kept.push(line);
  }
  return kept;
}
