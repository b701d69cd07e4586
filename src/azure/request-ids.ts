/** Azure's own names of a request, which its support asks for. */
import type { ReplyHeaders } from './retry-after.ts';

/** The one that a header holds, if it looks like one: a GUID, maybe after a region and a time. It is shown and logged. */
export function requestIdOf(
  headers: ReplyHeaders,
  header: 'x-ms-request-id' | 'x-ms-correlation-request-id' = 'x-ms-request-id',
): string | undefined {
  const id = headers.get(header);
  return id !== undefined && /^[A-Za-z0-9:-]{1,100}$/.test(id) ? id : undefined;
}
