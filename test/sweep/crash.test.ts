/** A crash before and after every request, in every workload. */
import { afterAll, describe, expect, it } from 'vitest';

import { realClock } from '../../src/runtime/clock.ts';
import { allowedAfterCrash, arrangeCrash, crashPoints } from './crashes.ts';
import { judge } from './judge.ts';
import { flawsOf } from './oracles.ts';
import { runWorkload } from './run.ts';
import { formatTrace } from './trace.ts';
import type { Workload } from './workload.ts';
import { workloads } from './workloads/index.ts';
import type { World } from './world.ts';

const counts = { crashPoints: 0, divergences: 0, steps: 0, ms: 0 };

/** Crashes everywhere, and what was wrong with the run then, where anything was. */
async function crashEverywhere(workload: Workload, replicas: number): Promise<readonly string[]> {
  const startedMs = realClock.monotonicMs();
  const reference = await runWorkload(workload, { replicas });
  const allowed = allowedAfterCrash(reference);
  const found: string[] = [];
  for (const point of crashPoints(reference.requests)) {
    const arrange = (world: World): void => arrangeCrash(world, point);
    const { steps, problems } = await judge(workload, reference, { replicas, arrange }, allowed);
    counts.crashPoints += 1;
    counts.steps += steps;
    if (problems.length > 0) found.push([`crash ${point.when} request ${point.request}:`, ...problems].join('\n'));
  }
  counts.divergences += found.length;
  counts.ms += realClock.monotonicMs() - startedMs;
  return found;
}

const SHOWN = 3;

describe.each(workloads)('$name', (workload) => {
  it('comes to rest, without a flaw, when nothing goes wrong', async () => {
    const run = await runWorkload(workload);
    expect([...flawsOf(workload, run)], run.description).toEqual([]);
  });

  it('goes the same way each time, request by request', async () => {
    const [first, again] = [await runWorkload(workload), await runWorkload(workload)];
    expect(formatTrace(again.trace)).toBe(formatTrace(first.trace));
    expect(again.end).toEqual(first.end);
  });

  it.each([
    ['the operator', 1],
    ['one of two replicas', 2],
  ])('ends the same wherever %s crashes', async (_who, replicas) => {
    const found = await crashEverywhere(workload, replicas);
    expect(found.length, found.slice(0, SHOWN).join('\n\n')).toBe(0);
  });
});

afterAll(() => {
  const perSecond = Math.round(counts.steps / (counts.ms / 1000));
  console.log(
    `${counts.crashPoints} crash points, ${counts.divergences} divergences (${counts.steps} steps, ${perSecond} a second)`,
  );
});
