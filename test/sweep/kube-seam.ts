import { Dispatcher } from 'undici';

import type { VirtualProcess } from './virtual-process.ts';

/**
 * The way of one process to the API server: each request waits for its turn, so does each event of a watch, in its order,
 * and nothing comes to who is gone.
 */
export class KubeSeam extends Dispatcher {
  readonly #process: VirtualProcess;
  readonly #server: Dispatcher;

  constructor(process: VirtualProcess, server: Dispatcher) {
    super();
    this.#process = process;
    this.#server = server;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const { signal } = options as Dispatcher.RequestOptions;
    const [path = '', query = ''] = options.path.split('?');
    const watches = new URLSearchParams(query).get('watch') === 'true';
    this.#process.park(
      { side: 'K', method: watches ? 'WATCH' : options.method, path },
      (answered) => {
        const heard = watches ? this.#watching(path, handler, answered) : this.#answering(handler, answered);
        this.#server.dispatch(options, heard);
      },
      signal as AbortSignal | undefined,
    );
    return true;
  }

  #answering(handler: Dispatcher.DispatchHandler, answered: (outcome: string) => void): Dispatcher.DispatchHandler {
    const whileAlive = (tell: () => void): void => {
      if (this.#process.alive) tell();
    };
    let closed = (): void => undefined;
    return {
      onRequestStart: (controller, context: unknown) => {
        closed = this.#process.atEnd(() => controller.abort(new Error('the process has ended')));
        whileAlive(() => handler.onRequestStart?.(controller, context));
      },
      onResponseStart: (controller, status, headers, text) => {
        answered(String(status));
        whileAlive(() => handler.onResponseStart?.(controller, status, headers, text));
      },
      onResponseData: (controller, chunk) => whileAlive(() => handler.onResponseData?.(controller, chunk)),
      onResponseEnd: (controller, trailers) => {
        closed();
        whileAlive(() => handler.onResponseEnd?.(controller, trailers));
      },
      onResponseError: (controller, error) => {
        closed();
        answered(error.name);
        whileAlive(() => handler.onResponseError?.(controller, error));
      },
    };
  }

  /** The same, but what comes after the head waits: one thing at a time, in its order. */
  #watching(
    path: string,
    handler: Dispatcher.DispatchHandler,
    answered: (outcome: string) => void,
  ): Dispatcher.DispatchHandler {
    const coming: { readonly what: string; readonly tell: () => void }[] = [];
    const parkNext = (): void => {
      const next = coming[0];
      if (next === undefined) return;
      this.#process.park({ side: 'E', method: next.what, path }, (delivered) => {
        coming.shift();
        delivered('told');
        next.tell();
        parkNext();
      });
    };
    const queue = (what: string, tell: () => void): void => {
      coming.push({ what, tell });
      if (coming.length === 1) parkNext();
    };
    const { onResponseData, onResponseEnd, onResponseError, ...head } = this.#answering(handler, answered);
    return {
      ...head,
      onResponseData: (controller, chunk) =>
        queue(eventsIn(chunk), () => {
          if (!controller.aborted) onResponseData?.(controller, chunk);
        }),
      onResponseEnd: (controller, trailers) => queue('END', () => onResponseEnd?.(controller, trailers)),
      onResponseError: (controller, error) => {
        // A connection that was given up brings nothing more.
        coming.length = 0;
        onResponseError?.(controller, error);
      },
    };
  }
}

/** The types of the events, and the names and versions of what they are about. */
function eventsIn(chunk: Buffer): string {
  const lines = chunk
    .toString()
    .split('\n')
    .filter((line) => line !== '');
  return lines.map((line) => eventIn(JSON.parse(line) as WireEvent)).join('+');
}

interface WireEvent {
  readonly type: string;
  readonly object?: { readonly metadata?: { readonly name?: string; readonly resourceVersion?: string } };
}

const eventIn = ({ type, object: { metadata: { name = '', resourceVersion = '' } = {} } = {} }: WireEvent): string =>
  `${type}:${name}@${resourceVersion}`;
