/** Waiting by condition. */
import { setTimeout as pause } from 'node:timers/promises';

/** Long enough for a machine that does other heavy work. */
const LIMIT_MS = 90_000;
const BETWEEN_MS = 100;

/**
 * Asks again and again until the answer is neither undefined nor false, and returns it.
 * @param what ends the sentence "waited in vain for …"
 * @throws Error when the limit is over, with the last error of `ask` as its cause
 */
export async function eventually<T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  limitMs: number = LIMIT_MS,
  betweenMs: number = BETWEEN_MS,
): Promise<T> {
  const until = performance.now() + limitMs;
  let cause: unknown;
  do {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      cause = error;
    }
    await pause(betweenMs);
  } while (performance.now() < until);
  throw new Error(`waited in vain for ${what}`, { cause });
}
