import { divergences } from './oracles.ts';
import { type Run, runWorkload } from './run.ts';
import { SweepError } from './scheduler.ts';
import type { Case, Sweep } from './sweeps/sweep.ts';
import type { Workload } from './workload.ts';

export interface Judgement {
  /** What was wrong; empty when nothing was. */
  readonly problems: readonly string[];
  /** How to see it again. */
  readonly description: string;
}

/** @param reference the run in which it does not go wrong */
export async function judge(
  workload: Workload,
  reference: Run,
  { seed, arrange, allowed, logs, check, ...given }: Case,
  setting: Pick<Sweep, 'replicas' | 'watchesFirst' | 'recoveryMs'> = {},
): Promise<Judgement> {
  const { replicas = 1, watchesFirst = false, recoveryMs } = { ...setting, ...given };
  try {
    const run = await runWorkload(workload, { seed, replicas, watchesFirst, ...(arrange && { arrange }) });
    const found = [
      ...divergences(workload, reference, run, allowed, recoveryMs).filter((each) => !isExplained(each, logs)),
      ...(check?.(run) ?? []),
    ];
    return { problems: found, description: run.description };
  } catch (error) {
    if (error instanceof SweepError) return { problems: [error.problem], description: error.description };
    throw error;
  }
}

const isExplained = (problem: string, logs: RegExp | undefined): boolean =>
  problem.startsWith('logged: ') && logs?.test(problem) === true;
