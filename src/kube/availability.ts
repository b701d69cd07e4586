/**
 * Tells of outages of the API server: of each once when it is certain and once when it is over, whatever number of lists,
 * watches, renewals and writes fail meanwhile.
 */
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../telemetry/logger.ts';
import { isKubeError, type KubeError } from './errors.ts';
import type { PoolName } from './pools.ts';

export interface AvailabilityOptions {
  readonly clock: Pick<Clock, 'now' | 'monotonicMs'>;
  readonly logger: Logger;
}

/** A server that restarts behind a load balancer is back sooner, and a connection that was closed is made anew. */
const certainMs = 5_000;
/** Who fails no more after this long has given up: its success is not waited for. Every reflector asks more often. */
const forgottenMs = 120_000;

interface Outage {
  readonly beganAt: string;
  readonly beganMs: number;
  told: boolean;
}

export class Availability {
  readonly #clock: AvailabilityOptions['clock'];
  readonly #logger: Logger;
  /** Where requests have found no answer since the last one that was answered there, and when they last did. */
  readonly #failing = new Map<PoolName, number>();
  #outage: Outage | undefined;

  constructor({ clock, logger }: AvailabilityOptions) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** An outage is under way and has been told, and this error comes of it: there is no need to tell that. */
  tellsOf(error: unknown): boolean {
    return this.#outage?.told === true && isKubeError(error) && findsNoAnswer(error);
  }

  /** The server has answered a request, were it with a refusal. */
  answered(pool: PoolName): void {
    const outage = this.#outage;
    if (outage === undefined) return;
    this.#failing.delete(pool);
    const nowMs = this.#clock.monotonicMs();
    // One whose storage is away still opens watches: once an outage is certain, calls have to be answered again too.
    if (outage.told && [...this.#failing.values()].some((lastMs) => nowMs - lastMs < forgottenMs)) return;
    this.#failing.clear();
    this.#outage = undefined;
    if (!outage.told) return;
    const lastedMs = Math.round(nowMs - outage.beganMs);
    this.#logger.info('the API server answers again', { since: outage.beganAt, lastedMs });
  }

  /** A request has failed. */
  failed(pool: PoolName, error: KubeError): void {
    // Given up, or never sent.
    if (isKubeError(error, 'aborted', 'credentials')) return;
    if (!findsNoAnswer(error)) {
      this.answered(pool);
      return;
    }
    const nowMs = this.#clock.monotonicMs();
    this.#failing.set(pool, nowMs);
    const outage = (this.#outage ??= {
      beganAt: new Date(this.#clock.now()).toISOString(),
      beganMs: nowMs,
      told: false,
    });
    if (outage.told || nowMs - outage.beganMs < certainMs) {
      this.#logger.debug('no answer from the API server', { error });
      return;
    }
    outage.told = true;
    this.#logger.warn('the API server does not answer; it is asked until it does', { since: outage.beganAt, error });
  }
}

/** No connection, silence, or a gateway's word that there is nobody behind it. A 500 is an answer: the server is there. */
const findsNoAnswer = ({ kind, status }: KubeError): boolean =>
  kind === 'network' || kind === 'timeout' || (kind === 'unavailable' && (status === 502 || status === 503));
