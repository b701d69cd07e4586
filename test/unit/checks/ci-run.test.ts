import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** What a stand-in for npm does: prints the lines of `npm test`, and ends each command with its exit code. */
interface Npm {
  readonly install?: number;
  readonly test?: number;
  readonly lines?: readonly string[];
  readonly demo?: number;
  readonly bench?: number;
  readonly mutants?: number;
}

describe('.ci/run', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ci-run-'));
    await mkdir(join(directory, '.ci'));
    await mkdir(join(directory, 'bin'));
    await copyFile(join(import.meta.dirname, '../../../.ci/run'), join(directory, '.ci/run'));
  });

  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  const run = async (npm: Npm): Promise<{ readonly status: number | null; readonly lines: readonly string[] }> => {
    const { install = 0, test = 0, lines = ['noise', '10 passed, 0 failed'], demo = 0, bench = 0, mutants = 0 } = npm;
    const text = `#!/bin/sh
case "$*" in
  ci) exit ${install} ;;
  test) cat <<'END'
${lines.join('\n')}
END
    exit ${test} ;;
  'run demo -- --once') exit ${demo} ;;
  'run bench -- '*) exit ${bench} ;;
  'run test:mutants') exit ${mutants} ;;
  *) exit 99 ;;
esac
`;
    await writeFile(join(directory, 'bin/npm'), text, { mode: 0o755 });
    const env = { ...process.env, PATH: `${join(directory, 'bin')}:${process.env['PATH']}` };
    const { status, stdout } = spawnSync(join(directory, '.ci/run'), { encoding: 'utf8', env });
    return { status, lines: stdout.trimEnd().split('\n') };
  };

  it.each<[string, Npm, string]>([
    ['all is well', {}, '13 passed, 0 failed'],
    ['tests fail', { test: 1, lines: ['9 passed, 2 failed'] }, '12 passed, 2 failed'],
    ['the tests fail in a way they do not count', { test: 1 }, '13 passed, 1 failed'],
    ['the tests end without a count', { test: 1, lines: ['killed'] }, '3 passed, 1 failed'],
    ['the tests end well and without a count', { lines: ['nothing'] }, '3 passed, 1 failed'],
    ['the demo fails', { demo: 4 }, '12 passed, 1 failed'],
    ['a benchmark fails', { bench: 1 }, '12 passed, 1 failed'],
    ['a mutant is missed', { mutants: 1 }, '12 passed, 1 failed'],
    ['the install fails', { install: 1 }, '0 passed, 1 failed'],
  ])('ends with the count when %s', async (_, npm, line) => {
    const { status, lines } = await run(npm);
    expect(lines.at(-1)).toBe(line);
    expect(status).toBe(line.endsWith(' 0 failed') ? 0 : 1);
  });

  it('counts what the tests say last', async () => {
    const { lines } = await run({ lines: ['1 passed, 7 failed', 'more', '5 passed, 0 failed'] });
    expect(lines.at(-1)).toBe('8 passed, 0 failed');
  });

  it('prints the time of each stage', async () => {
    const { lines } = await run({ demo: 4 });
    expect(lines.slice(-6, -1)).toEqual([
      expect.stringMatching(/^install +\d+ s {2}exit code 0$/),
      expect.stringMatching(/^test +\d+ s {2}exit code 0$/),
      expect.stringMatching(/^demo +\d+ s {2}exit code 4$/),
      expect.stringMatching(/^bench +\d+ s {2}exit code 0$/),
      expect.stringMatching(/^mutants +\d+ s {2}exit code 0$/),
    ]);
  });
});
