import { type Backoff, exponentialMs } from '../runtime/backoff.ts';
import type { Random } from '../runtime/clock.ts';
import type { KubeError } from './errors.ts';

/** How a watch ended, how long it had been open (0 if it never was), and what had come of it. */
export interface WatchEnd {
  readonly openMs: number;
  /** Bookmarks included. */
  readonly events: number;
  /** Left out: the server ended it in order. */
  readonly error?: KubeError | undefined;
  /** The error came as an `ERROR` event within the stream. */
  readonly byEvent?: boolean;
}

/** What a reflector does next: list anew, or watch on from the last resourceVersion; and whether it waits first. */
export interface Next {
  readonly then: 'list' | 'watch';
  readonly backOff: boolean;
}

/** client-go's numbers. */
const backoff: Backoff = { baseMs: 800, capMs: 30_000 };
/** A watch that was open this long was healthy: the next failure starts at the first step again. */
const healthyMs = 120_000;
/** A server that ends its watches sooner than this would be asked in a tight loop. */
const shortWatchMs = 10_000;
/** Servers send the first bookmark after two minutes at most, then one each minute, and one right before the end. */
const silentMs = 200_000;
/** How often in a row a watch from the same version may fail before a list is tried instead. */
const patience = 2;

/** Counts failures in a row, and says from them how to go on. */
export class ReflectorPolicy {
  #failures = 0;

  /**
   * | the watch ended                                  | then  | back-off                    |
   * |--------------------------------------------------|-------|-----------------------------|
   * | in order, after 10 s or more                     | watch | no                          |
   * | in order, sooner                                 | watch | yes                         |
   * | of 200 s or more without even a bookmark         | list  | as above and below          |
   * | 410, as a status or an event                     | list  | not the first time in a row |
   * | another ERROR event                              | list  | yes                         |
   * | no connection, broken, 429, 5xx: once or twice   | watch | yes                         |
   * | the same, more often in a row                    | list  | yes                         |
   * | else (no rights, kind gone, no sense)            | list  | yes: the list will tell     |
   *
   * Silence is not taken for quiet because a server accepts a watch from a version that it has yet to reach (its etcd was
   * restored from a backup) and says nothing until it does. And not every 5xx passes: a version that the server cannot
   * read is answered with 500.
   */
  watchEnded(end: WatchEnd): Next {
    if (end.openMs >= healthyMs) this.#failures = 0;
    const inOrder = end.error === undefined && end.openMs >= shortWatchMs;
    if (!inOrder) this.#failures++;
    const isSilent = end.openMs >= silentMs && end.events === 0;
    return {
      then: isSilent || this.#needsList(end) ? 'list' : 'watch',
      backOff: !inOrder && (end.error?.kind !== 'gone' || this.#failures > 1),
    };
  }

  #needsList({ error, byEvent = false }: WatchEnd): boolean {
    if (error === undefined) return false;
    return byEvent || !isPassing(error) || this.#failures > patience;
  }

  /** A list that fails says nothing about the objects: it is only tried again. */
  listFailed(): Next {
    this.#failures++;
    return { then: 'list', backOff: true };
  }

  /** With full jitter, so that many reflectors do not come back at once; never sooner than the server asked for. */
  delayMs(random: Random, retryAfterMs = 0): number {
    return Math.max(retryAfterMs, random.next() * exponentialMs(backoff, this.#failures - 1));
  }
}

/** A failure that is gone with what caused it, and says nothing about the objects or the rights. */
export const isPassing = ({ kind }: KubeError): boolean =>
  kind === 'network' || kind === 'timeout' || kind === 'throttled' || kind === 'unavailable';
