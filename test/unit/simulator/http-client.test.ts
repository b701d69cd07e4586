import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import { describe, expect, it } from 'vitest';

import { createInProcessHttpClient } from '../../../dev/simulator/http-client.ts';
import { clientId, simulatedAzure, webPath } from './azure.ts';

function client(azure = simulatedAzure()) {
  const slept: number[] = [];
  const http = createInProcessHttpClient(azure.state, {
    now: () => azure.clock.nowMs,
    sleep: (ms) => {
      slept.push(ms);
      azure.wait(ms);
      return Promise.resolve();
    },
  });
  const send = (options: { timeout?: number; abortSignal?: AbortSignal; body?: Uint8Array<ArrayBuffer> } = {}) =>
    http.sendRequest(
      createPipelineRequest({
        ...options,
        url: `https://azure.test${webPath}?api-version=2026-04-01`,
        headers: createHttpHeaders({ Authorization: `Bearer ${azure.control.token(clientId)}` }),
      }),
    );
  return { azure, send, slept };
}

describe('the in-process HTTP client', () => {
  it('answers as the server would', async () => {
    const response = await client().send();

    expect(response.status).toBe(200);
    expect(response.headers.get('ETag')).toBe('"1"');
    expect(JSON.parse(response.bodyAsText ?? '')).toMatchObject({ name: 'web' });
  });

  it('breaks a connection as Node does', async () => {
    const { azure, send } = client();
    azure.control.addFault({ effect: { kind: 'reset' } });

    await expect(send()).rejects.toMatchObject({ name: 'RestError', code: 'ECONNRESET' });
  });

  it('waits for a late answer by the clock it was given', async () => {
    const { azure, send, slept } = client();
    azure.control.addFault({ effect: { kind: 'delay', ms: 7_000 } });

    expect((await send()).status).toBe(200);
    expect(slept).toEqual([7_000]);
  });

  it('gives up on a hanging request when its time is over', async () => {
    const { azure, send, slept } = client();
    azure.control.addFault({ effect: { kind: 'hang' } });

    await expect(send({ timeout: 20_000 })).rejects.toMatchObject({ name: 'AbortError' });
    expect(slept).toEqual([20_000]);
  });

  it('gives up on a hanging request when it is aborted', async () => {
    const { azure, send } = client();
    azure.control.addFault({ effect: { kind: 'hang' } });
    const abort = new AbortController();
    const response = send({ abortSignal: abort.signal });

    abort.abort();

    await expect(response).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('sends nothing that was aborted before', async () => {
    const { azure, send } = client();

    await expect(send({ abortSignal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
    expect(azure.control.requests()).toEqual([]);
  });

  it('takes texts only', async () => {
    await expect(client().send({ body: new Uint8Array([1]) })).rejects.toThrow('texts for bodies only');
  });
});
