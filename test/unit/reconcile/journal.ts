/** What happened in Kubernetes and in Azure, in one order, in words that a test can compare at a glance. */
import type { HttpClient, PipelineRequest } from '@azure/core-rest-pipeline';

import type { VmssIdentityBindingStatus } from '../../../src/api/types.ts';
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

/** `GET web`, `GET a`, `POLL`, `LIST`, `PATCH web UserAssigned +a -b`. */
function tellRequest({ method, url, body }: PipelineRequest): string {
  const path = decodeURIComponent(new URL(url).pathname);
  if (path.endsWith('/permissions')) return `GET permissions on ${nameOf(path.split('/providers/Microsoft.Auth')[0]!)}`;
  if (path.includes('/operations/')) return 'POLL';
  if (path.endsWith('/virtualMachineScaleSets')) return 'LIST';
  if (method !== 'PATCH') return `${method} ${nameOf(path)}`;
  const { type, userAssignedIdentities = {} } = (
    JSON.parse(body as string) as {
      identity: { type: string; userAssignedIdentities?: Readonly<Record<string, object | null>> };
    }
  ).identity;
  const changes = Object.entries(userAssignedIdentities).map(
    ([id, value]) => ` ${value === null ? '-' : '+'}${nameOf(id)}`,
  );
  return `PATCH ${nameOf(path)} ${type.replace(', ', '+')}${changes.sort().join('')}`;
}

/** Writes down every request before it is sent, and how it was refused after; lets no PATCH pass without If-Match. */
export function journaled(client: HttpClient, journal: Journal): HttpClient {
  return {
    sendRequest: async (request) => {
      const line = journal.add(tellRequest(request));
      if (request.method === 'PATCH' && !/^"\d+"$/.test(request.headers.get('if-match') ?? '')) {
        throw new Error('a PATCH without the etag of a read');
      }
      try {
        const response = await client.sendRequest(request);
        if (response.status >= 400) journal.amend(line, ` → ${String(response.status)}`);
        return response;
      } catch (error) {
        journal.amend(line, ' → nothing');
        throw error;
      }
    },
  };
}
