/** How the process comes to its end: by a signal, or by an error that nobody expected. */
import type { Logger } from '../telemetry/logger.ts';
import type { Clock } from './clock.ts';
import { unlessAborted } from './unless-aborted.ts';

/** Of Node's `process`, what is needed here. */
export interface EndingProcess {
  on(event: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  on(event: 'uncaughtException' | 'unhandledRejection', listener: (error: unknown) => void): unknown;
  exit(code: number): unknown;
}

export interface EndOfProcessOptions {
  readonly process: EndingProcess;
  readonly clock: Clock;
  /** Its `close` resolves when everything that was logged is written. */
  readonly logger: Logger & { close(): Promise<void> };
}

/** Exit code of everything that is no good order. */
const failure = 1;
/** All that a stop may take; less than the 30 s after which Kubernetes kills. */
const stopLimitMs = 25_000;
/** A log that is not read any more holds up no end. */
const flushLimitMs = 2_000;

/**
 * The first SIGTERM or SIGINT has the process stop in good order, and exit with 0; the second has it exit at once, with 1,
 * as does a stop that fails or takes longer than 25 s.
 */
export const stopOnSignals = (stop: () => Promise<void>, { process, clock, logger }: EndOfProcessOptions): void => {
  let stopping = false;
  const end = async (): Promise<void> => {
    let code = failure;
    try {
      using limit = clock.timeoutSignal(stopLimitMs);
      await unlessAborted(stop(), limit.signal);
      code = 0;
    } catch (error) {
      logger.error('could not stop in good order', { error });
    }
    await flush(logger, clock);
    process.exit(code);
  };
  const signalled = (signal: NodeJS.Signals): void => {
    if (stopping) {
      process.exit(failure);
      return;
    }
    stopping = true;
    logger.info('signal received', { signal });
    void end();
  };
  process.on('SIGTERM', signalled);
  process.on('SIGINT', signalled);
};

/**
 * What nobody caught leaves the process in a state that nobody knows: it is logged, and the process exits with 1, to be
 * started anew.
 * @param noted hears of each such error; for metrics
 */
export const endOnUnexpectedErrors = (
  { process, clock, logger }: EndOfProcessOptions,
  noted: () => void = () => undefined,
): void => {
  let ending = false;
  const end = (error: unknown): void => {
    // Never leaves the process running, not even when telling of it fails.
    try {
      logger.error('unexpected error', { error });
      noted();
    } finally {
      if (!ending) void flush(logger, clock).then(() => process.exit(failure));
      ending = true;
    }
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
};

/** Never rejects, and never takes long. */
const flush = async (logger: EndOfProcessOptions['logger'], clock: Clock): Promise<void> => {
  using limit = clock.timeoutSignal(flushLimitMs);
  await unlessAborted(logger.close(), limit.signal).catch(() => undefined);
};
