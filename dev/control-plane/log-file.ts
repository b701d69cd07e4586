import { readFileSync } from 'node:fs';

/** The last lines of a log, for an error message; a sentence when there are none. */
export function lastLines(file: string, count: number): string {
  const lines = read(file).trimEnd().split('\n').slice(-count).join('\n');
  return lines === '' ? '(it printed nothing)' : lines;
}

export function countLines(file: string, counts: (line: string) => boolean): number {
  return read(file).split('\n').filter(counts).length;
}

export function mentions(file: string, text: string): boolean {
  return read(file).includes(text);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
