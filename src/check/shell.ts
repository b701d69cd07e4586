/** Words as one line of a POSIX shell: quoted where they have to be. */
export function shellLine(...words: readonly string[]): string {
  return words.map((word) => (/^[\w./:@=,+-]+$/.test(word) ? word : quoted(word))).join(' ');
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
