import { divergences } from './oracles.ts';
import { type Run, type RunOptions, runWorkload } from './run.ts';
import { SweepError } from './scheduler.ts';
import type { Workload } from './workload.ts';

export interface Judgement {
  readonly steps: number;
  /** What was wrong, and then how to see it again; empty when nothing was. */
  readonly problems: readonly string[];
}

/** @param allowed how often something may be written on top of what the reference wrote */
export async function judge(
  workload: Workload,
  reference: Run,
  options: RunOptions,
  allowed: (what: string) => number,
): Promise<Judgement> {
  try {
    const run = await runWorkload(workload, options);
    const found = divergences(workload, reference, run, allowed);
    return { steps: run.steps, problems: found.length === 0 ? [] : [...found, run.description] };
  } catch (error) {
    if (error instanceof SweepError) return { steps: 0, problems: [error.message] };
    throw error;
  }
}
