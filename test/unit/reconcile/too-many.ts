import type { FaultEffect } from '../../../dev/simulator/faults.ts';

/** Compute's refusal of too many requests. */
export function tooMany(policy: string, retryAfterSeconds: number): FaultEffect {
  return {
    kind: 'status',
    status: 429,
    headers: { 'retry-after': String(retryAfterSeconds) },
    body: {
      error: {
        code: 'OperationNotAllowed',
        message: 'The server rejected the request because too many requests have been received for this subscription.',
        details: [{ code: 'TooManyRequests', target: policy, message: '{}' }],
      },
    },
  };
}
