import type { Fault, RequestHead } from './fault.ts';

/** One request as it arrived, and what became of it. */
export interface LoggedRequest extends RequestHead {
  readonly sequence: number;
  /** The number of its connection: the first one is 1. */
  readonly connection: number;
  /** What happened to it, if anything did. */
  fault: Fault['type'] | undefined;
  /** As the client got it; undefined while it has none. */
  status: number | undefined;
}

/** The requests that came last. */
export class RequestLog {
  readonly #entries: LoggedRequest[] = [];
  readonly #limit: number;
  #sequence = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get entries(): readonly LoggedRequest[] {
    return this.#entries;
  }

  open(head: RequestHead, connection: number): LoggedRequest {
    const entry = { ...head, sequence: ++this.#sequence, connection, fault: undefined, status: undefined };
    this.#entries.push(entry);
    // In batches: a shift with every request would move the whole log each time.
    if (this.#entries.length > this.#limit * 1.1) this.#entries.splice(0, this.#entries.length - this.#limit);
    return entry;
  }
}
