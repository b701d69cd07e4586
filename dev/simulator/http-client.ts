import {
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
  RestError,
} from '@azure/core-rest-pipeline';

import { handleRequest } from './core.ts';
import type { Answer, SimulatorRequest } from './http.ts';
import type { State } from './state.ts';

/** The clock that the simulated Azure, and who waits for it, live by. */
export interface SimulatedTime {
  /** ms since the epoch */
  now(): number;
  /** Resolves `ms` later. */
  sleep(ms: number): Promise<void>;
}

/**
 * The network under an Azure SDK client, replaced by the simulated Azure in the same process: no socket, and no time but
 * the one given. A reset, a time-out and an abort fail as they do over Node's own client.
 */
export function createInProcessHttpClient(state: State, time: SimulatedTime): HttpClient {
  return {
    sendRequest: async (request) => {
      if (request.abortSignal?.aborted === true) throw new AbortError();
      const answer = handleRequest(state, requestOf(request), time.now());
      return Promise.race([enact(request, answer, time), ...interruptions(request, answer, time)]);
    },
  };
}

async function enact(request: PipelineRequest, answer: Answer, time: SimulatedTime): Promise<PipelineResponse> {
  switch (answer.kind) {
    case 'response': {
      const { status, headers, body } = answer;
      return { request, status, headers: createHttpHeaders(headers), bodyAsText: body };
    }
    case 'reset':
      throw new RestError('socket hang up', { code: 'ECONNRESET', request });
    case 'hang':
      return new Promise(() => undefined);
    case 'delay':
      await time.sleep(answer.ms);
      return enact(request, answer.answer(time.now()), time);
  }
}

/** Only what has to wait can be interrupted; an immediate answer costs no timer. */
function interruptions(request: PipelineRequest, answer: Answer, time: SimulatedTime): readonly Promise<never>[] {
  if (answer.kind === 'response' || answer.kind === 'reset') return [];
  const aborted = new Promise<never>((_resolve, reject) => {
    request.abortSignal?.addEventListener('abort', () => {
      reject(new AbortError());
    });
  });
  if (request.timeout <= 0) return [aborted];
  const timedOut = time.sleep(request.timeout).then(() => {
    throw new AbortError();
  });
  return [aborted, timedOut];
}

class AbortError extends Error {
  constructor() {
    super('The operation was aborted.');
    this.name = 'AbortError';
  }
}

function requestOf(request: PipelineRequest): SimulatorRequest {
  const { method, url, headers, body } = request;
  if (body !== undefined && body !== null && typeof body !== 'string') {
    throw new TypeError('the simulated Azure takes texts for bodies only');
  }
  return { method, url, headers: headers.toJSON(), body: body ?? '' };
}
