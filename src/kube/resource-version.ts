/**
 * Whether `a` is known to be older than `b`.
 *
 * Resource versions are increasing decimal integers of any length (KEP-5504 made what all servers do a promise).
 * Anything else is opaque: no order is known, so a different one counts as the newer.
 */
export const isOlderVersion = (a: string, b: string): boolean => {
  if (!isDecimal(a) || !isDecimal(b)) return false;
  return a.length === b.length ? a < b : a.length < b.length;
};

const isDecimal = (version: string): boolean => /^[1-9]\d*$/.test(version);
