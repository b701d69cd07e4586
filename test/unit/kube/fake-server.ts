import { Dispatcher } from 'undici';

/** A request as a server sees it. */
export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON. */
  readonly body: unknown;
  /** The client has gone away. */
  readonly aborted: () => boolean;
}

/** A response whose body goes on until the test ends it. */
export class FakeStream {
  #handler:
    { readonly controller: Dispatcher.DispatchController; readonly handler: Dispatcher.DispatchHandler } | undefined;

  attach(controller: Dispatcher.DispatchController, handler: Dispatcher.DispatchHandler): void {
    this.#handler = { controller, handler };
    handler.onResponseStart?.(controller, 200, {}, 'OK');
  }

  get aborted(): boolean {
    return this.#handler?.controller.aborted === true;
  }

  send(...events: readonly unknown[]): void {
    this.sendRaw(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  }

  sendRaw(text: string): void {
    this.#handler!.handler.onResponseData?.(this.#handler!.controller, Buffer.from(text));
  }

  end(): void {
    this.#handler!.handler.onResponseEnd?.(this.#handler!.controller, {});
  }

  /** The connection breaks. */
  break(): void {
    this.#handler!.handler.onResponseError?.(this.#handler!.controller, connectionError('ECONNRESET'));
  }
}

export interface FakeReply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text as it stands; anything else as JSON. */
  readonly body?: unknown;
}

/** `hang`: no answer, ever. An error: no connection. */
export type Answer = FakeReply | FakeStream | 'hang' | Error;

export const connectionError = (code: string): Error => Object.assign(new Error('connect failed'), { code });

/** A server in the same process, at the seam where connections would be made. */
export class FakeServer extends Dispatcher {
  readonly requests: FakeRequest[] = [];
  answer: (request: FakeRequest) => Answer | Promise<Answer>;

  constructor(answer: (request: FakeRequest) => Answer | Promise<Answer> = () => ({ status: 404 })) {
    super();
    this.answer = answer;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const controller = new Controller(handler);
    handler.onRequestStart?.(controller, {});
    if (!controller.aborted) void this.#respond(options, controller, handler);
    return true;
  }

  async #respond(
    options: Dispatcher.DispatchOptions,
    controller: Controller,
    handler: Dispatcher.DispatchHandler,
  ): Promise<void> {
    const request = parse(options, controller);
    this.requests.push(request);
    const answer = await this.answer(request);
    if (answer === 'hang' || controller.aborted) return;
    if (answer instanceof Error) handler.onResponseError?.(controller, answer);
    else if (answer instanceof FakeStream) answer.attach(controller, handler);
    else {
      const { status = 200, headers = {}, body = {} } = answer;
      handler.onResponseStart?.(controller, status, headers);
      handler.onResponseData?.(controller, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));
      handler.onResponseEnd?.(controller, {});
    }
  }
}

class Controller implements Dispatcher.DispatchController {
  aborted = false;
  paused = false;
  reason: Error | null = null;
  readonly #handler: Dispatcher.DispatchHandler;

  constructor(handler: Dispatcher.DispatchHandler) {
    this.#handler = handler;
  }

  abort(reason: Error): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    this.#handler.onResponseError?.(this, reason);
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }
}

const parse = (options: Dispatcher.DispatchOptions, controller: Controller): FakeRequest => {
  const url = new URL(options.path, String(options.origin));
  return {
    method: options.method,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: options.headers as Record<string, string>,
    body: typeof options.body === 'string' ? (JSON.parse(options.body) as unknown) : undefined,
    aborted: () => controller.aborted,
  };
};
