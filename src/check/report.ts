/** How findings are printed. */
import { checkNames, type Finding, type Verdict } from './finding.ts';

/** `human`: aligned lines, a command below what it is for. `json`: an object a line. */
export type ReportFormat = 'human' | 'json';

const VERDICT_WIDTH = 'missing'.length + 2;
const CHECK_WIDTH = Math.max(...checkNames.map(({ length }) => length)) + 2;

/** One finding, with the line break at its end. */
export function printed(finding: Finding, format: ReportFormat): string {
  const { verdict, check, says, command } = finding;
  if (format === 'json') return `${JSON.stringify({ verdict, check, says, command })}\n`;
  const line = `${verdict.padEnd(VERDICT_WIDTH)}${check.padEnd(CHECK_WIDTH)}${says}\n`;
  return command === undefined ? line : `${line}${' '.repeat(VERDICT_WIDTH)}${command}\n`;
}

/** The last line: how many of each there were. */
export function printedSummary(findings: readonly Finding[], format: ReportFormat): string {
  const count = (verdict: Verdict): number => findings.filter((each) => each.verdict === verdict).length;
  const counts = { ok: count('ok'), missing: count('missing'), failed: count('failed') };
  if (format === 'json') return `${JSON.stringify(counts)}\n`;
  return `${String(counts.ok)} ok, ${String(counts.missing)} missing, ${String(counts.failed)} failed\n`;
}

export function isAllWell(findings: readonly Finding[]): boolean {
  return findings.every(({ verdict }) => verdict === 'ok');
}
