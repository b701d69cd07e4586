/** How long Azure asks to wait, in whichever of its ways it says so. */

/** Headers by name in any case, as the pipeline and a lower-cased `Map` both give them. */
export interface ReplyHeaders {
  get(name: string): string | undefined;
}

/** More than Azure ever asks; a larger figure is a mistake that must not stop a scale set for good. */
const MAX_WAIT_MS = 24 * 3_600_000;

/** `Retry-After` as seconds or HTTP date, or one of the two headers in milliseconds. Undefined when none is usable. */
export function retryAfterOf(headers: ReplyHeaders, nowMs: number): number | undefined {
  for (const name of ['retry-after-ms', 'x-ms-retry-after-ms']) {
    const ms = amount(headers.get(name));
    if (ms !== undefined) return capped(ms);
  }
  const header = headers.get('retry-after');
  const seconds = amount(header);
  if (seconds !== undefined) return capped(seconds * 1000);
  // An HTTP date begins with the day's name; `Date.parse` would also take "-5" or "1 apple" for a date.
  const date = header !== undefined && /^[a-z]{3}/i.test(header.trim()) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? undefined : capped(date - nowMs);
}

/**
 * A wait that is told in the text of an error only: "Retry after 20 seconds", "Please try again after '10' seconds",
 * "retry after 2 minutes", "Try again in 5 seconds".
 */
export function retryAfterInText(text: string): number | undefined {
  const match = /\b(?:re)?try(?: again)?[ -](?:after:?|in)\s{0,3}'?(\d{1,6})'?\s{0,3}(second|minute|hour)/i.exec(text);
  const unitMs = { second: 1000, minute: 60_000, hour: 3_600_000 }[match?.[2]?.toLowerCase() ?? ''];
  return match?.[1] === undefined || unitMs === undefined ? undefined : capped(Number(match[1]) * unitMs);
}

function amount(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d{1,15}(?:\.\d{1,9})?\s*$/.test(text) ? Number(text) : undefined;
}

function capped(ms: number): number {
  return Math.ceil(Math.min(Math.max(ms, 0), MAX_WAIT_MS));
}
