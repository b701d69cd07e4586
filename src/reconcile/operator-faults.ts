/** What Azure refuses for the way the operator is set up is told in one line, however many scale sets meet it. */
import type { Logger } from '../telemetry/logger.ts';
import type { Hold } from './memory.ts';

export class OperatorFaults {
  readonly #told = new Set<string>();

  /** @param hold how a pass left its scale set waiting */
  note(hold: Hold | undefined, logger: Logger): void {
    if (hold?.kind !== 'operatorMisconfigured' || this.#told.has(hold.message)) return;
    this.#told.add(hold.message);
    logger.error(hold.message, { reason: hold.reason });
  }
}
