import type { HttpClient, PipelineRequest } from '@azure/core-rest-pipeline';

import type { VirtualProcess } from './virtual-process.ts';

/** The way of one process to Azure: each request waits for its turn, and no answer comes to who is gone. */
export function azureSeam(process: VirtualProcess, azure: HttpClient): HttpClient {
  return {
    sendRequest: (request) => {
      const { method, url, abortSignal } = request;
      const call = { side: 'A', method, path: new URL(url).pathname } as const;
      const send = async (answered: (outcome: string) => void) => {
        try {
          // What is on its way arrives, even when nobody waits for the answer any more.
          const response = await azure.sendRequest(abortSignal?.aborted === true ? unaborted(request) : request);
          answered(String(response.status));
          return response;
        } catch (error) {
          answered(error instanceof Error ? error.name : 'failed');
          throw error;
        }
      };
      return process.inTurn(call, send, abortSignal as AbortSignal | undefined);
    },
  };
}

function unaborted(request: PipelineRequest): PipelineRequest {
  const { abortSignal: _abortSignal, ...rest } = request;
  return rest;
}
