import type { Settings } from '../settings.ts';

/** The header, unless the settings withhold it. */
export function retryAfter(settings: Settings, seconds: number): Readonly<Record<string, string>> {
  return settings.throttlingRetryAfter === 'None' ? {} : { 'retry-after': String(seconds) };
}
