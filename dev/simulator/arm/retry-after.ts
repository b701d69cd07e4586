import type { Settings } from '../settings.ts';

/** The header, in the form of the day. A date is rounded up to the second, so that it never asks to come too early. */
export function retryAfter(
  settings: Pick<Settings, 'retryAfterForm'>,
  seconds: number | null,
  nowMs: number,
): Readonly<Record<string, string>> {
  if (seconds === null) return {};
  if (settings.retryAfterForm === 'Seconds') return { 'retry-after': String(seconds) };
  return { 'retry-after': new Date(Math.ceil(nowMs / 1_000 + seconds) * 1_000).toUTCString() };
}
