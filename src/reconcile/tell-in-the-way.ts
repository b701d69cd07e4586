/** Which identities of others keep Azure from any change: their names are for the log alone, which no tenant reads. */
import type { Logger } from '../telemetry/logger.ts';
import type { Hold } from './memory.ts';
import type { Subject } from './subject.ts';

/** Tells of them once for each row of refusals: when `hold` has just begun it. */
export function tellInTheWay({ id }: Subject, before: Hold | undefined, hold: Hold | undefined, logger: Logger): void {
  if (hold?.inTheWay === undefined || hold === before || hold.attempts > 1) return;
  const identities = hold.inTheWay;
  logger.warn('identities of others keep Azure from any change', { scaleSet: id.resourceId, identities });
}
