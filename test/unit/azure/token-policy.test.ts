import { createHttpHeaders, createPipelineRequest, type PipelineResponse } from '@azure/core-rest-pipeline';
import { describe, expect, it } from 'vitest';

import { tokenPolicy } from '../../../src/azure/token-policy.ts';

const TOKENS = { get: () => Promise.resolve({ value: 'secret' }), renew: () => Promise.resolve(undefined) };

function send(url: string): {
  readonly outcome: Promise<PipelineResponse>;
  readonly passed: () => readonly (string | undefined)[];
} {
  const passed: (string | undefined)[] = [];
  const outcome = tokenPolicy('https://management.azure.com', TOKENS).sendRequest(
    createPipelineRequest({ url }),
    (request) => {
      passed.push(request.headers.get('authorization'));
      return Promise.resolve({ request, status: 200, headers: createHttpHeaders() });
    },
  );
  return { outcome, passed: () => passed };
}

describe('the token', () => {
  it('goes to the ARM endpoint', async () => {
    const { outcome, passed } = send('https://management.azure.com/subscriptions');
    await outcome;
    expect(passed()).toEqual(['Bearer secret']);
  });

  it.each([
    'https://evil.example/',
    'http://management.azure.com/',
    'https://management.azure.com:444/',
    'https://x@management.azure.com/',
  ])('does not go elsewhere, whoever made the URL, and neither does the request: %s', async (url) => {
    const { outcome, passed } = send(url);
    await expect(outcome).rejects.toThrow(TypeError);
    expect(passed()).toEqual([]);
  });
});
