/** What an operator takes while something happens, looked at every second. */
import { setTimeout as pause } from 'node:timers/promises';

import type { OperatorProcess, Usage } from './operator-process.ts';

export interface UsageOver {
  /** Of the time it took. */
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  readonly peakRssMib: number;
  /** The longest that the event loop stood still, in milliseconds. */
  readonly stallMs: number;
}

const BETWEEN_MS = 1000;

/** @returns what `act` returns, and what the operator took meanwhile */
export async function usageDuring<T>(
  operator: OperatorProcess,
  act: () => Promise<T>,
): Promise<{ readonly result: T; readonly usage: UsageOver }> {
  const ending = new AbortController();
  await operator.stallMs();
  const before = await operator.usage();
  const from = performance.now();
  const looks = look(operator, before, ending.signal);
  // What is seen to have ended is not waited for any longer.
  const ended = looks.then(() => Promise.race<never>([]));
  try {
    const result = await Promise.race([act(), ended]);
    const wallSeconds = (performance.now() - from) / 1000;
    ending.abort();
    const { peakRssMib, stallMs } = await looks;
    const { cpuSeconds } = await operator.usage();
    return { result, usage: { cpuSeconds: cpuSeconds - before.cpuSeconds, wallSeconds, peakRssMib, stallMs } };
  } finally {
    ending.abort();
    await looks.catch(() => undefined);
  }
}

async function look(
  operator: OperatorProcess,
  { rssMib }: Usage,
  ending: AbortSignal,
): Promise<Pick<UsageOver, 'peakRssMib' | 'stallMs'>> {
  let peakRssMib = rssMib;
  let stallMs = 0;
  for (;;) {
    await pause(BETWEEN_MS, undefined, { signal: ending }).catch(() => undefined);
    peakRssMib = Math.max(peakRssMib, (await operator.usage()).rssMib);
    stallMs = Math.max(stallMs, await operator.stallMs());
    if (ending.aborted) return { peakRssMib, stallMs };
  }
}
