/** Runs the one test that is to notice a mutant. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Mutant } from './mutant.ts';
import { MUTANT } from './plant.ts';

export interface Outcome {
  readonly mutant: Mutant;
  readonly caught: boolean;
  /** What the test said, or why it said nothing. */
  readonly said: string;
  readonly seconds: number;
}

/** The part that counts of what vitest's JSON reporter writes. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly failureMessages: readonly string[] }[];
  }[];
}

const ROOT = join(import.meta.dirname, '../..');
const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs');

/** Stops at the first case in which the mutant shows. */
export async function hunt(mutant: Mutant): Promise<Outcome> {
  const startedMs = Date.now();
  const folder = await mkdtemp(join(tmpdir(), 'mutant-'));
  const file = join(folder, 'report.json');
  try {
    await run(mutant, file);
    const report = JSON.parse(await readFile(file, 'utf8')) as Report;
    return { mutant, ...judged(report), seconds: Math.round((Date.now() - startedMs) / 1000) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function judged({ numPassedTests, numFailedTests, testResults }: Report): Pick<Outcome, 'caught' | 'said'> {
  const failures = testResults.flatMap(({ assertionResults }) =>
    assertionResults.flatMap(({ status, failureMessages }) => (status === 'failed' ? failureMessages : [])),
  );
  if (numFailedTests > 0) return { caught: true, said: firstOf(failures.join('\n')) };
  if (numPassedTests > 0) return { caught: false, said: 'the test passed' };
  const problems = testResults.map(({ message }) => message).filter((message) => message !== '');
  return { caught: false, said: problems.length > 0 ? problems.join('\n') : 'there is no such test' };
}

/** What an assertion said, without what it compared. */
const firstOf = (text: string): string =>
  text
    .replace(/^\w*Error: /, '')
    .split('\n')
    .slice(0, 2)
    .map((line) => line.trim())
    .join(' ');

async function run({ name, sweep, test }: Mutant, report: string): Promise<void> {
  const pattern = `${test.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}$`;
  const args = ['run', '--project', 'sweep', `test/sweep/${sweep}.test.ts`, '-t', pattern];
  const child = spawn(process.execPath, [VITEST, ...args, '--reporter', 'json', '--outputFile', report], {
    cwd: ROOT,
    env: { ...process.env, [MUTANT]: name, SWEEP_FIRST: '1' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await once(child, 'close');
}
