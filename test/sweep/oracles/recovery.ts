import type { Run } from '../run.ts';

type Timed = Pick<Run, 'doneMs' | 'faultMs'>;

/**
 * Whether a run took longer to come to its end, from the last thing that went wrong on, than the run in which nothing did,
 * and what the sweep allows for its kind of fault. A run with no fault gets nothing on top.
 */
export function tooSlow(reference: Timed, run: Timed, recoveryMs: number): readonly string[] {
  const { doneMs, faultMs } = run;
  // Until then nothing was lost: what is left to do takes no longer than all of it.
  const tookMs = doneMs - (faultMs ?? 0);
  const limitMs = reference.doneMs + (faultMs === undefined ? 0 : recoveryMs);
  if (tookMs <= limitMs) return [];
  const since = faultMs === undefined ? '' : `, counted from ${faultMs} ms, when something went wrong last`;
  return [`done after ${tookMs} ms${since}; ${limitMs} ms at most were to be expected`];
}
