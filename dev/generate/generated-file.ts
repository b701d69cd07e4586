/** A file that a script makes whole: it writes the file, or with `--check` says when it is stale. */
import { readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(import.meta.dirname, '../..');
/** What makes most of them. */
const GENERATE = 'npm run generate';

/** Whether a file has this text. */
export async function hasText(path: string | URL, text: string): Promise<boolean> {
  return (await readFile(path, 'utf8').catch(() => '')) === text;
}

/**
 * For a script that is run by itself: with `--check` nothing is written, and the exit code is 1 when the file is stale.
 * @param command what brings it up to date
 */
export async function writeOrCheck(path: string | URL, text: string, command = GENERATE): Promise<void> {
  if (!process.argv.includes('--check')) await writeFile(path, text);
  else if (!(await hasText(path, text))) tellStale([typeof path === 'string' ? path : fileURLToPath(path)], command);
}

export function tellStale(paths: readonly string[], command = GENERATE): void {
  for (const path of paths) {
    process.stderr.write(`${relative(ROOT, path)} is stale: run \`${command}\` and commit the result\n`);
  }
  if (paths.length > 0) process.exitCode = 1;
}
