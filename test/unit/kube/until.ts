import { realClock } from '../../../src/runtime/clock.ts';

/** For what real connections bring about; the test's own limit ends it. */
export const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await realClock.sleep(1);
};
