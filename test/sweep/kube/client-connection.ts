/** What undici is to a client: its requests come in here, and end in a {@link Seam}. */
import { Dispatcher } from 'undici';

import { expired } from './api-status.ts';
import type { Reply } from './reply.ts';
import type { WireRequest } from './request.ts';
import { type Call, connectionLost, openSeam, type OpenWatch, type Seam } from './seam.ts';
import type { WatchSession, WatchSink, WatchSpec, WireEvent } from './watch-session.ts';

/** The server as a connection needs it. */
export interface ConnectionTarget {
  call(client: string, wire: WireRequest, aborted: () => boolean): Call;
  watch(spec: WatchSpec, sink: WatchSink): WatchSession;
}

export interface ConnectionOptions {
  /** Of the one incarnation of a program whose connection it is. */
  readonly client: string;
  readonly seam?: Seam;
}

export class ClientConnection extends Dispatcher {
  readonly client: string;
  readonly #server: ConnectionTarget;
  readonly #seam: Required<Seam>;
  readonly #watches = new Set<Watch>();
  #crashed = false;

  constructor(server: ConnectionTarget, { client, seam = {} }: ConnectionOptions) {
    super();
    this.client = client;
    this.#server = server;
    this.#seam = { ...openSeam, ...seam };
  }

  get watches(): readonly OpenWatch[] {
    return [...this.#watches];
  }

  /** From now on nothing that this client has asked or will ask ends in any way. What was carried out stays. */
  crash(): void {
    this.#crashed = true;
    for (const watch of this.#watches) watch.stop();
    this.#watches.clear();
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const exchange = new Exchange(handler, () => this.#crashed);
    handler.onRequestStart?.(exchange, {});
    if (!exchange.aborted && !this.#crashed) void this.#serve(wireRequest(options), exchange);
    return true;
  }

  async #serve(wire: WireRequest, exchange: Exchange): Promise<void> {
    try {
      const reply = await this.#seam.call(this.#server.call(this.client, wire, () => exchange.aborted));
      if (exchange.isOver) return;
      if ('watch' in reply) this.#open(reply.watch, exchange);
      else exchange.answer(reply);
    } catch (error) {
      exchange.break(error instanceof Error ? error : connectionLost());
    }
  }

  #open(spec: WatchSpec, exchange: Exchange): void {
    const watch = new Watch(this.client, spec, exchange);
    this.#watches.add(watch);
    exchange.begin(() => {
      watch.stop();
      this.#watches.delete(watch);
    });
    watch.follow((sink) => this.#server.watch(spec, sink), this.#seam);
  }
}

class Watch implements OpenWatch {
  readonly client: string;
  readonly kind: WatchSpec['kind'];
  readonly namespace: string | undefined;
  readonly #exchange: Exchange;
  #session: WatchSession | undefined;

  constructor(client: string, { kind, namespace }: WatchSpec, exchange: Exchange) {
    this.client = client;
    this.kind = kind;
    this.namespace = namespace;
    this.#exchange = exchange;
  }

  follow(open: (sink: WatchSink) => WatchSession, seam: Required<Seam>): void {
    this.#session = open({
      event: (event) => seam.event({ watch: this, event, deliver: () => this.send(event) }),
      end: () => seam.end({ watch: this, deliver: () => this.end() }),
    });
    this.#session.start();
  }

  isOpen(): boolean {
    return !this.#exchange.isOver;
  }

  send(event: WireEvent): void {
    this.#exchange.send(`${JSON.stringify(event)}\n`);
  }

  end(): void {
    this.#exchange.end();
  }

  break(error = connectionLost()): void {
    this.#exchange.break(error);
  }

  expire(): void {
    this.send({ type: 'ERROR', object: expired('too old resource version').toStatus() });
    this.end();
  }

  stop(): void {
    this.#session?.stop();
  }
}

/** One request and its answer. */
class Exchange implements Dispatcher.DispatchController {
  aborted = false;
  paused = false;
  reason: Error | null = null;
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #crashed: () => boolean;
  #ended = false;
  #onEnd: () => void = () => undefined;

  constructor(handler: Dispatcher.DispatchHandler, crashed: () => boolean) {
    this.#handler = handler;
    this.#crashed = crashed;
  }

  get isOver(): boolean {
    return this.aborted || this.#ended || this.#crashed();
  }

  begin(onEnd: () => void): void {
    this.#onEnd = onEnd;
    this.#handler.onResponseStart?.(this, 200, { 'content-type': 'application/json' });
  }

  answer({ code, headers, body }: Exclude<Reply, { readonly watch: WatchSpec }>): void {
    this.#handler.onResponseStart?.(this, code, { 'content-type': 'application/json', ...headers });
    this.send(typeof body === 'string' ? body : JSON.stringify(body));
    this.end();
  }

  send(text: string): void {
    if (!this.isOver) this.#handler.onResponseData?.(this, Buffer.from(text));
  }

  end(): void {
    if (this.isOver) return;
    this.#over();
    this.#handler.onResponseEnd?.(this, {});
  }

  break(error: Error): void {
    if (this.isOver) return;
    this.#over();
    this.#handler.onResponseError?.(this, error);
  }

  abort(reason: Error): void {
    if (this.isOver) return;
    this.aborted = true;
    this.reason = reason;
    this.#over();
    this.#handler.onResponseError?.(this, reason);
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  #over(): void {
    this.#ended = true;
    this.#onEnd();
  }
}

const wireRequest = ({ method, path, headers, body }: Dispatcher.DispatchOptions): WireRequest => ({
  method,
  path,
  contentType: (headers as Readonly<Record<string, string>> | undefined)?.['content-type'],
  body: typeof body === 'string' ? body : undefined,
});
