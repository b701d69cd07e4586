import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { webPath } from './azure.ts';
import { apiPath, farPath, otherCaller, throttledAzure } from './throttled-azure.ts';

const perScaleSet = { capacity: 3, refill: 1, everyMs: 10_000 };
const perLocation = { capacity: 5, refill: 2, everyMs: 15_000 };

interface Admitted {
  readonly atMs: number;
  readonly bucket: string;
}

/** The most that one bucket admitted within any span, less what it held and what the windows that ended in it brought. */
function excess(admitted: readonly Admitted[], bucket: string, limit: typeof perScaleSet): number {
  const times = admitted.filter((each) => each.bucket === bucket).map(({ atMs }) => atMs);
  const spans = times.flatMap((fromMs, first) =>
    times.slice(first).map((toMs, more) => ({ ms: toMs - fromMs, count: more + 1 })),
  );
  const overs = spans.map(
    ({ ms, count }) => count - limit.capacity - limit.refill * (Math.floor(ms / limit.everyMs) + 1),
  );
  return Math.max(-Infinity, ...overs);
}

describe('requests to a throttled Compute', () => {
  it('are never admitted beyond a bucket, whoever asks for whatever and whenever', () => {
    const asks = fc.array(
      fc.record({
        afterMs: fc.integer({ min: 0, max: 8_000 }),
        path: fc.constantFrom(webPath, apiPath, farPath),
        byOther: fc.boolean(),
      }),
      { minLength: 1, maxLength: 80 },
    );
    fc.assert(
      fc.property(asks, fc.constantFrom('Header' as const, 'None' as const), (requests, throttlingRetryAfter) => {
        const limits = { GetVMScaleSetResource: perScaleSet, GetVMScaleSetSubscriptionMaximum: perLocation };
        const azure = throttledAzure(limits, { settings: { throttlingRetryAfter } });
        const other = otherCaller(azure);
        const admitted = requests.flatMap(({ afterMs, path, byOther }): readonly Admitted[] => {
          azure.wait(afterMs);
          const atMs = azure.clock.nowMs;
          if (azure.get(path, byOther ? other : {}).status !== 200) return [];
          return [
            { atMs, bucket: path },
            { atMs, bucket: path === farPath ? 'northeurope' : 'westeurope' },
          ];
        });
        for (const path of [webPath, apiPath, farPath])
          expect(excess(admitted, path, perScaleSet)).toBeLessThanOrEqual(0);
        for (const location of ['northeurope', 'westeurope']) {
          expect(excess(admitted, location, perLocation)).toBeLessThanOrEqual(0);
        }
      }),
      { numRuns: 60 },
    );
  });
});
