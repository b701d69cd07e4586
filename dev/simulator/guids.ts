/** GUIDs from a counter: the same seed gives the same run, and a copied state goes on where the original stood. */
export interface GuidSequence {
  readonly seed: number;
  next: number;
}

export function nextGuid(sequence: GuidSequence): string {
  const count = sequence.next++;
  const hex = [0, 1, 2, 3]
    .map((lane) =>
      mix(count * 4 + lane, sequence.seed)
        .toString(16)
        .padStart(8, '0'),
    )
    .join('');
  // Version 4, variant 1, as Azure's own look.
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** The finaliser of MurmurHash3: a bijection of 32 bits, so two counts never share a GUID. */
function mix(value: number, seed: number): number {
  let hash = (value ^ Math.imul(seed, 0x9e3779b1)) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
