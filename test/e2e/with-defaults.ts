/** The flags that are given, and those of the defaults that are not: no flag may be given twice. */
export function withDefaults(given: readonly string[], defaults: readonly string[]): readonly string[] {
  const nameOf = (flag: string): string | undefined => flag.split('=')[0];
  return [...defaults.filter((flag) => !given.some((each) => nameOf(each) === nameOf(flag))), ...given];
}
