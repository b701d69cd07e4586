import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Connection } from './connections.ts';
import type { RequestHead, StreamFault } from './fault.ts';
import { errorEventLine } from './status.ts';

const NEWLINE = 0x0a;

/** The body of one answer on its way to the client: of a watch line by line, so that a fault comes between two or within one. */
export class Relay {
  readonly head: RequestHead;
  readonly #source: IncomingMessage;
  readonly #target: ServerResponse;
  readonly #connection: Connection;
  #rest: Buffer = Buffer.alloc(0);
  #silent = false;
  #cut: Extract<StreamFault, { readonly type: 'truncate' }> | undefined;

  constructor(head: RequestHead, source: IncomingMessage, target: ServerResponse, connection: Connection) {
    this.head = head;
    this.#source = source;
    this.#target = target;
    this.#connection = connection;
  }

  /** Passes on what comes. Resolves when there is no more to pass on, however that came about. */
  run(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const source = this.#source;
    const target = this.#target;
    source.on('data', (chunk: Buffer) => this.#take(chunk));
    source.on('end', () => {
      this.#pass(this.#rest);
      if (!this.#silent) target.end();
    });
    source.on('error', () => undefined);
    // The API server went away in the middle: so does the proxy, which otherwise would vouch for half an answer.
    source.on('close', () => {
      if (!source.complete && !this.#silent) this.#connection.reset();
    });
    target.on('drain', () => source.resume());
    target.on('close', () => {
      source.destroy();
      resolve(undefined);
    });
    return promise;
  }

  strike(fault: StreamFault): void {
    switch (fault.type) {
      case 'reset':
        this.#connection.reset();
        break;
      case 'halfOpen':
        this.#silent = true;
        break;
      case 'errorEvent':
        this.#silent = true;
        this.#target.end(errorEventLine(fault));
        break;
      case 'truncate':
        this.#cut = fault;
        break;
    }
  }

  #take(chunk: Buffer): void {
    if (this.head.kind !== 'watch') {
      this.#pass(chunk);
      return;
    }
    const pending = Buffer.concat([this.#rest, chunk]);
    const end = pending.lastIndexOf(NEWLINE) + 1;
    this.#rest = pending.subarray(end);
    this.#pass(pending.subarray(0, end));
  }

  #pass(bytes: Buffer): void {
    if (this.#silent || bytes.length === 0) return;
    if (this.#cut !== undefined) this.#breakOff(bytes, this.#cut.orderly === true);
    else if (!this.#target.write(bytes)) this.#source.pause();
  }

  #breakOff(bytes: Buffer, orderly: boolean): void {
    this.#silent = true;
    const firstLine = this.head.kind === 'watch' ? bytes.subarray(0, bytes.indexOf(NEWLINE)) : bytes;
    const half = firstLine.subarray(0, firstLine.length / 2);
    if (orderly) this.#target.end(half);
    else this.#target.write(half, () => this.#target.destroy());
  }
}
