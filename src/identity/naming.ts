/** Resources as messages show them. */

/** The first three, and how many more there are. */
export function few(resourceIds: readonly string[], shown: (resourceId: string) => string): readonly string[] {
  const rest = resourceIds.length - 3;
  return [...resourceIds.slice(0, 3).map(shown), ...(rest > 0 ? [`${String(rest)} more`] : [])];
}

/** So many, in words. */
export function identities(count: number): string {
  return count === 1 ? '1 identity' : `${String(count)} identities`;
}
