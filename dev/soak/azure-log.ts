/** The simulated Azure's log of requests, taken in as it grows and kept small. */
import type { LogEntry } from '../simulator/request-log.ts';
import { type ScaleSetWrite, scaleSetWrites } from '../simulator/writers.ts';
import { isOthers } from './fleet.ts';
import { fold } from './model.ts';

/** How long a request may be without an answer before it is taken for one that never gets any, in milliseconds. */
const PATIENCE_MS = 60_000;

interface Body {
  readonly identity?: { readonly userAssignedIdentities?: Readonly<Record<string, object | null>> };
}

export class AzureLog {
  readonly writes: ScaleSetWrite[] = [];
  /** Requests that would have taken off what others attached: a line each. */
  readonly harms: string[] = [];
  /** Requests by method and status; `list` and `poll` count by themselves. */
  readonly counts = new Map<string, number>();
  readonly #mayLose: (scaleSetId: string) => boolean;
  #since = 0;

  /** @param mayLose scale sets of which a binding declares that what others attached goes */
  constructor(mayLose: (scaleSetId: string) => boolean) {
    this.#mayLose = mayLose;
  }

  /** From here on the log has to be read next. */
  get since(): number {
    return this.#since;
  }

  /** Takes in what comes after `since`, up to the first request that may still be answered. */
  add(entries: readonly Readonly<LogEntry>[]): void {
    const newest = entries.at(-1)?.timeMs ?? 0;
    const open = entries.findIndex(({ status, timeMs }) => status === undefined && timeMs > newest - PATIENCE_MS);
    const settled = open === -1 ? entries : entries.slice(0, open);
    this.#since = settled.at(-1)?.sequence ?? this.#since;
    this.writes.push(...scaleSetWrites(settled));
    for (const entry of settled) {
      const name = `${kindOf(entry)} ${String(entry.status)}`;
      this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
      this.harms.push(...this.#harmsOf(entry));
    }
  }

  #harmsOf({ method, path, body, sequence }: LogEntry): readonly string[] {
    if (method !== 'PATCH' || this.#mayLose(fold(path))) return [];
    return Object.entries((body as Body | undefined)?.identity?.userAssignedIdentities ?? {})
      .filter(([id, value]) => value === null && isOthers(id))
      .map(([id]) => `request ${String(sequence)} detaches ${id} from ${path}`);
  }
}

function kindOf({ method, path }: LogEntry): string {
  const name = path.toLowerCase();
  if (name.endsWith('/virtualmachinescalesets') || name.endsWith('/userassignedidentities')) return 'list';
  if (name.includes('/operations/')) return 'poll';
  return name.endsWith('/token') ? 'token' : method;
}
