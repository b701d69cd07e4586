/** `2026-05-07T07:32:41.0610000+00:00`, as Compute writes times: seven digits and an offset. */
export function preciseTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '0000+00:00');
}
