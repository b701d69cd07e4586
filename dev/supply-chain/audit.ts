/**
 * `node dev/supply-chain/audit.ts` asks the registry what is known against the packages that the bundle is made from.
 * `advisories.json` has those that do not reach the product, each with why, and until when that counts.
 *
 * Exits with 0 when nothing is left, 1 when something is, and 2 when the registry does not answer such questions (a mirror
 * need not): then nothing is known, and nothing is passed.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import advisories from './advisories.json' with { type: 'json' };
import { type AuditReport, verdictOn } from './audit-verdict.ts';

const root = join(import.meta.dirname, '../..');
const AUDIT = ['audit', '--json', '--omit=dev', '--package-lock-only'];

const { stdout } = spawnSync('npm', AUDIT, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
const verdict = verdictOn(reportIn(stdout), advisories, new Date().toISOString().slice(0, 10));
switch (verdict.kind) {
  case 'clean':
    process.stdout.write(`no advisories; ${String(verdict.explained)} explained in advisories.json\n`);
    break;
  case 'findings':
    process.stderr.write(`${verdict.findings.join('\n')}\n`);
    process.exitCode = 1;
    break;
  case 'unasked':
    process.stderr.write(`nothing is known of advisories, for the registry was not asked: ${verdict.because}\n`);
    process.exitCode = 2;
}

function reportIn(text: string): AuditReport {
  try {
    return JSON.parse(text) as AuditReport;
  } catch {
    return { message: 'npm audit said nothing that can be read' };
  }
}
