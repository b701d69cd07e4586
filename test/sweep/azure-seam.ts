import type { HttpClient, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline';

import type { VirtualProcess } from './virtual-process.ts';

/** The way of one process to Azure: each request waits for its turn, and no answer comes to who is gone. */
export function azureSeam(process: VirtualProcess, azure: HttpClient): HttpClient {
  return { sendRequest: (request) => process.whileAlive(sendInTurn(process, azure, request)) };
}

function sendInTurn(process: VirtualProcess, azure: HttpClient, request: PipelineRequest): Promise<PipelineResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<PipelineResponse>();
  const signal = request.abortSignal as AbortSignal | undefined;
  signal?.addEventListener('abort', () => reject(aborted()), { once: true });
  const proceed = (answered: (outcome: string) => void): void => {
    azure.sendRequest(request).then(
      (response) => {
        answered(String(response.status));
        resolve(response);
      },
      (error: unknown) => {
        answered(error instanceof Error ? error.name : 'failed');
        reject(error as Error);
      },
    );
  };
  process.park({ side: 'A', method: request.method, path: new URL(request.url).pathname }, proceed, signal);
  return promise;
}

const aborted = (): Error => Object.assign(new Error('The operation was aborted.'), { name: 'AbortError' });
