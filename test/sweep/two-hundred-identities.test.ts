/** A run of this one takes five times as long as that of any other: a crash at some of its requests, not at all of them. */
import { describe, expect, it } from 'vitest';

import { allowedAfterCrash, arrangeCrash, crashPoints } from './crashes.ts';
import { judge } from './judge.ts';
import { flawsOf } from './oracles.ts';
import { runWorkload } from './run.ts';
import { twoHundredIdentities as workload } from './workloads/two-hundred-identities.ts';

/** Has no factor in common with what comes in twos and fours. */
const EVERY = 5;
const SHOWN = 2;

describe(workload.name, () => {
  it('comes to rest, without a flaw, when nothing goes wrong', async () => {
    const run = await runWorkload(workload);
    expect([...flawsOf(workload, run)], run.description).toEqual([]);
  });

  it('ends the same wherever the operator crashes', async () => {
    const reference = await runWorkload(workload);
    const allowed = allowedAfterCrash(reference);
    const points = crashPoints(reference.requests).filter((_point, index) => index % EVERY === 0);
    const found: string[] = [];
    for (const point of points) {
      const { problems } = await judge(
        workload,
        reference,
        { arrange: (world) => arrangeCrash(world, point) },
        allowed,
      );
      if (problems.length > 0) found.push([`crash ${point.when} request ${point.request}:`, ...problems].join('\n'));
    }
    expect(found.length, found.slice(0, SHOWN).join('\n\n')).toBe(0);
    console.log(`${points.length} crash points of ${2 * reference.requests}, ${found.length} divergences`);
  });
});
