/**
 * The promise's outcome, or the signal's reason as soon as it aborts, however long the promise then takes. Aborting a
 * call does not end every wait in the clients (a compressed body whose connection breaks never ends in the Azure SDK, for
 * one), so no wait relies on it.
 *
 * @throws the signal's reason when it aborts first; the promise's own rejection is then of no interest any more
 */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
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
