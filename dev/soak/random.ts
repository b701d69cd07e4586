/** Chance that can be repeated: the same seed gives the same numbers on every machine. */
export interface Random {
  /** At least 0, less than 1. */
  next(): number;
  /** A whole number, both bounds included. */
  between(from: number, to: number): number;
  /** True that often, from 0 to 1. */
  chance(share: number): boolean;
  /** @throws RangeError for an empty list */
  pick<T>(from: readonly T[]): T;
  /** So many different ones, or all where there are not as many. */
  sample<T>(from: readonly T[], count: number): readonly T[];
  /** A stream of its own, the same for the same name whatever was drawn here. */
  fork(name: string): Random;
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  // Mulberry32, by Tommy Ettinger: 32 bits of state are plenty for a load.
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  const pick = <T>(from: readonly T[]): T => {
    const index = between(0, from.length - 1);
    if (index < 0) throw new RangeError('there is nothing to pick from');
    return from[index] as T;
  };
  return {
    next,
    between,
    chance: (share) => next() < share,
    pick,
    sample: (from, count) => {
      const left = [...from];
      const taken = Math.min(count, left.length);
      return Array.from({ length: taken }, () => left.splice(between(0, left.length - 1), 1)).flat();
    },
    fork: (name) => createRandom(hash(`${String(seed)}/${name}`)),
  };
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return value >>> 0;
}

/** A GUID in the form that Azure's are in. */
export function guid(random: Random): string {
  const hex = (length: number): string => Array.from({ length }, () => random.between(0, 15).toString(16)).join('');
  return `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
}
