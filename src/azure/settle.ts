/**
 * Waits for a promise, but no longer than a signal allows. Aborting a call does not end every wait in the SDK (a
 * compressed body whose connection breaks never ends, for one), so no wait relies on it.
 *
 * @throws the signal's reason when it aborts first; the promise's own rejection is then of no interest any more
 */
export async function settleWithin<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => {
    reject(signal.reason);
  };
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
