import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Stage } from './stages.ts';
import { type StageResult, type Tally, tallyOfCommand, tallyOfTests, totalLine, type VitestReport } from './summary.ts';

export interface RunOptions {
  /** Folder of the package.json whose scripts the stages name. */
  readonly directory: string;
  /** Told what begins and what ended, one line a call. */
  readonly tell: (line: string) => void;
  /** What a stage prints goes to this process's own output, or nowhere. */
  readonly stdio: 'inherit' | 'ignore';
}

/** Runs the stages one after the other, to the last, whatever the result of each. */
export const runStages = async (stages: readonly Stage[], options: RunOptions): Promise<readonly StageResult[]> => {
  const results: StageResult[] = [];
  const reports = await mkdtemp(join(tmpdir(), 'test-reports-'));
  try {
    for (const [index, stage] of stages.entries()) {
      options.tell(`\n=== ${stage.name}`);
      const startMs = performance.now();
      const tally = await runStage(stage, join(reports, `${index}.json`), options);
      const result = { name: stage.name, ...tally, durationMs: performance.now() - startMs };
      results.push(result);
      const verdict = tally.failed === 0 ? 'ok' : 'FAILED';
      options.tell(`=== ${stage.name}: ${verdict}, ${totalLine(tally)}, ${(result.durationMs / 1000).toFixed(1)} s`);
    }
  } finally {
    await rm(reports, { recursive: true, force: true });
  }
  return results;
};

const runStage = async (stage: Stage, reportPath: string, options: RunOptions): Promise<Tally> => {
  const reporters = ['--', '--reporter=default', '--reporter=json', `--outputFile.json=${reportPath}`];
  const args = ['run', '--silent', stage.script, ...(stage.tests === true ? reporters : [])];
  const child = spawn('npm', args, { cwd: options.directory, stdio: ['ignore', options.stdio, options.stdio] });
  const exitCode = await exitCodeOf(child);
  return stage.tests === true ? tallyOfTests(exitCode, await readReport(reportPath)) : tallyOfCommand(exitCode);
};

/** 1 for a process that was killed or could not be started. */
const exitCodeOf = async (child: ChildProcess): Promise<number> => {
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    return code ?? 1;
  } catch {
    return 1;
  }
};

const readReport = async (path: string): Promise<VitestReport | undefined> => {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as VitestReport;
  } catch {
    return undefined;
  }
};
