/**
 * `npm run sweep`: all sweeps, and what they tried in a table. What else is given goes to the test runner.
 *
 * - `--deep` leaves nothing out, and takes more than an hour.
 * - `--write` puts the counts on record, for the documentation: of a whole run, or of a deep one over whatever it was given;
 *   else a whole run that tried something else than is on record fails.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { readRecord, writeRecord } from './record.ts';
import { type Counted, tableOf, tallyOf } from './tally.ts';

const ROOT = join(import.meta.dirname, '../..');
const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs');
const OWN = new Set(['--deep', '--write']);

interface Line extends Counted {
  /** Of the workload. */
  readonly name: string;
}

const given = process.argv.slice(2);
const [isDeep, writes] = [given.includes('--deep'), given.includes('--write')];
const passedOn = given.filter((arg) => !OWN.has(arg));
/** Reporters choose nothing. */
const isWhole = passedOn.every((arg) => arg.startsWith('--reporter') || arg.startsWith('--outputFile'));

const folder = await mkdtemp(join(tmpdir(), 'sweeps-'));
try {
  const counts = join(folder, 'counts.jsonl');
  const child = spawn(process.execPath, [VITEST, 'run', '--project', 'sweep', ...passedOn], {
    cwd: ROOT,
    env: { ...process.env, SWEEP_COUNTS: counts, ...(isDeep ? { SWEEP_DEEP: '1' } : {}) },
    stdio: 'inherit',
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  process.exitCode = code ?? 1;
  await account(await readLines(counts));
} finally {
  await rm(folder, { recursive: true });
}

async function readLines(file: string): Promise<readonly Line[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

async function account(lines: readonly Line[]): Promise<void> {
  const tally = tallyOf(lines);
  process.stdout.write(`\n${tableOf(tally)}\n\n`);
  if (process.exitCode !== 0) return;
  const record = await readRecord();
  if (writes && isDeep) {
    const workloads = new Set(lines.map(({ name }) => name)).size;
    const on = new Date().toISOString().slice(0, 10);
    await writeRecord({ ...record, deep: { on, workloads, tally } });
  } else if (!isWhole) return;
  else if (writes) await writeRecord({ ...record, usual: tally });
  else if (!isDeep && !isDeepStrictEqual(record.usual, tally)) {
    process.stderr.write('docs/sweeps.json says otherwise: `npm run sweep -- --write && npm run generate`\n');
    process.exitCode = 1;
  }
}
