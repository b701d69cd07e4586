/**
 * The known name that `name` was most likely meant to be, or undefined if none is near: at most a third of its letters
 * (but two) may be wrong, missing or too many.
 */
export const suggest = (name: string, known: readonly string[]): string | undefined => {
  const limit = Math.max(2, Math.floor(name.length / 3));
  let best: { readonly candidate: string; readonly distance: number } | undefined;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance <= limit && (best === undefined || distance < best.distance)) best = { candidate, distance };
  }
  return best?.candidate;
};

/** Levenshtein distance, one row of its table at a time. */
const editDistance = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let i = 0; i < from.length; i++) {
    let left = i + 1;
    const next = [left];
    for (let j = 0; j < to.length; j++) {
      const diagonal = (row[j] ?? 0) + (from[i] === to[j] ? 0 : 1);
      left = Math.min(diagonal, left + 1, (row[j + 1] ?? 0) + 1);
      next.push(left);
    }
    row = next;
  }
  return row.at(-1) ?? 0;
};
