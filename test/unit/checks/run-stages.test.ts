import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { runStages } from '../../../dev/checks/run-stages.ts';
import { type Stage, stages } from '../../../dev/checks/stages.ts';
import type { StageResult } from '../../../dev/checks/summary.ts';
import packageJson from '../../../package.json' with { type: 'json' };

describe('running stages', () => {
  let directory: string;
  let told: string[];

  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  };

  const run = (...list: readonly Stage[]): Promise<readonly StageResult[]> =>
    runStages(list, { directory, tell: (line) => told.push(line), stdio: 'ignore' });

  beforeEach(async () => {
    told = [];
    directory = await mkdtemp(join(tmpdir(), 'stages-'));
    await symlink(join(import.meta.dirname, '../../../node_modules'), join(directory, 'node_modules'));
    const scripts = { good: 'node -e 0', bad: 'node -e "process.exit(3)"', vitest: 'vitest run --root .' };
    await write('package.json', JSON.stringify({ type: 'module', scripts }));
  });

  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  it('goes on after one that failed', async () => {
    const results = await run(
      { name: 'a', script: 'good' },
      { name: 'b', script: 'bad' },
      { name: 'c', script: 'good' },
    );
    expect(results).toMatchObject([
      { name: 'a', passed: 1, failed: 0 },
      { name: 'b', passed: 0, failed: 1 },
      { name: 'c', passed: 1, failed: 0 },
    ]);
  });

  it('tells the result and the duration of each', async () => {
    await run({ name: 'a', script: 'good' }, { name: 'b', script: 'bad' });
    expect(told).toEqual([
      '\n=== a',
      expect.stringMatching(/^=== a: ok, 1 passed, 0 failed, \d+\.\d s$/),
      '\n=== b',
      expect.stringMatching(/^=== b: FAILED, 0 passed, 1 failed, \d+\.\d s$/),
    ]);
  });

  it('fails a script that does not exist', async () => {
    expect(await run({ name: 'a', script: 'absent' })).toMatchObject([{ passed: 0, failed: 1 }]);
  });

  it('counts the tests of a real run, and a file that cannot be loaded', async () => {
    const test = (name: string, body: string): Promise<void> =>
      write(`${name}.test.js`, `import { expect, it } from 'vitest';\n${body}`);
    await test('good', "it('a', () => {}); it('b', () => {}); it.skip('c', () => {});");
    await test('bad', "it('d', () => {}); it('e', () => { expect(1).toBe(2); });");
    await test('broken', "import './absent.js';");
    expect(await run({ name: 'tests', script: 'vitest', tests: true })).toMatchObject([{ passed: 3, failed: 2 }]);
  });

  it('fails a real run of no tests', async () => {
    expect(await run({ name: 'tests', script: 'vitest', tests: true })).toMatchObject([{ passed: 0, failed: 1 }]);
  });
});

describe('the stages of npm test', () => {
  it('are scripts of package.json', () => {
    expect(stages.filter(({ script }) => !(script in packageJson.scripts))).toEqual([]);
  });

  it('count the tests of every vitest run', () => {
    const scripts: Readonly<Record<string, string>> = packageJson.scripts;
    expect(stages.filter(({ tests }) => tests)).toEqual(
      stages.filter(({ script }) => /vitest run|dev\/sweeps\//.test(scripts[script]!)),
    );
  });
});
