/** What a reflector says of its own failures: enough to find the cause, and no more often than it helps. */
import type { Clock } from '../runtime/clock.ts';
import type { Logger, LogLevel } from '../telemetry/logger.ts';
import type { Availability } from './availability.ts';
import type { KubeError, KubeErrorKind } from './errors.ts';
import { isPassing, type Next } from './reflector-policy.ts';

export interface FailureLogOptions {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly logger: Logger;
  /** Tells of outages; what it tells is not told here. */
  readonly availability?: Pick<Availability, 'tellsOf'> | undefined;
}

/** Failures that pass by themselves are worth a warning when they do not pass. */
const passingMs = 10_000;
/** As long as the longest pause between two attempts, and the time that a server takes which has just come back. */
const returnMs = 45_000;
/** The same kind of failure is told so seldom. */
const repeatMs = 600_000;

export class FailureLog {
  readonly #options: FailureLogOptions;
  readonly #warnedAtMs = new Map<KubeErrorKind, number>();
  #failingSinceMs: number | undefined;
  /** When somebody else last told of what failed here. */
  #outageAtMs = Number.NEGATIVE_INFINITY;
  #isMissed = false;

  constructor(options: FailureLogOptions) {
    this.#options = options;
  }

  /** A list has been completed, or a watch opened. */
  succeeded(): void {
    this.#failingSinceMs = undefined;
  }

  /** A watch has been opened: if it was said that touch was lost, it is said that it is not any more. */
  watching(): void {
    this.succeeded();
    if (this.#isMissed) this.#options.logger.info('in touch again');
    this.#isMissed = false;
  }

  /** @param byEvent the server said so within an open watch */
  failed(error: KubeError, { then }: Next, byEvent: boolean): void {
    const nowMs = this.#options.clock.monotonicMs();
    this.#failingSinceMs ??= nowMs;
    if (error.kind === 'gone') {
      this.#options.logger.info('listing anew', { error, then });
      return;
    }
    const level = this.#levelOf(error, byEvent, nowMs);
    if (level === 'warn') {
      this.#warnedAtMs.set(error.kind, nowMs);
      this.#isMissed = true;
    }
    this.#options.logger[level]('lost touch', { error, then });
  }

  #levelOf(error: KubeError, byEvent: boolean, nowMs: number): LogLevel {
    if (this.#options.availability?.tellsOf(error) === true) this.#outageAtMs = nowMs;
    // A server that has just come back refuses whom it does not know yet, and what it has not read yet.
    if (nowMs - this.#outageAtMs < returnMs) {
      this.#failingSinceMs = nowMs;
      return 'debug';
    }
    const lastedMs = nowMs - (this.#failingSinceMs ?? nowMs);
    if (!byEvent && isPassing(error) && lastedMs < passingMs) return 'debug';
    const warnedAtMs = this.#warnedAtMs.get(error.kind);
    return warnedAtMs !== undefined && nowMs - warnedAtMs < repeatMs ? 'debug' : 'warn';
  }
}
