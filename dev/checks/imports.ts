import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { cruise } from 'dependency-cruiser';

import { importRules } from './import-rules.ts';

/** One import that a rule forbids. */
export interface ImportViolation {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}

/** What a check of a source tree found. */
export interface ImportReport {
  /** Source files of the tree itself (packages not counted) whose imports were read. */
  readonly fileCount: number;
  readonly violations: readonly ImportViolation[];
}

const roots = ['src', 'dev', 'test'];

/**
 * Checks the tree below `baseDir` against the import rules.
 * A report of no files means that nothing was looked at: whoever asks must treat it as a failure.
 */
export const checkImports = async (baseDir: string): Promise<ImportReport> => {
  const present = roots.filter((root) => existsSync(join(baseDir, root)));
  const { output } = await cruise(
    present,
    {
      baseDir,
      validate: true,
      ruleSet: { forbidden: [...importRules] },
      doNotFollow: { path: 'node_modules' },
      tsPreCompilationDeps: true,
    },
    { exportsFields: ['exports'], conditionNames: ['types', 'import', 'node', 'default'] },
  );
  if (typeof output === 'string') throw new Error('dependency-cruiser answered with text instead of a result');
  const ownFiles = output.modules.filter(({ source }) => roots.some((root) => source.startsWith(`${root}/`)));
  return {
    fileCount: ownFiles.length,
    violations: output.summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to })),
  };
};

const describeRule = (name: string): string => importRules.find((rule) => rule.name === name)?.comment ?? '';

if (import.meta.main) {
  const { fileCount, violations } = await checkImports(join(import.meta.dirname, '../..'));
  for (const { rule, from, to } of violations) {
    process.stderr.write(`${from} imports ${to}\n  ${rule}: ${describeRule(rule)}\n`);
  }
  process.stdout.write(`${fileCount} files checked, ${violations.length} forbidden imports\n`);
  if (fileCount === 0) process.stderr.write('No file was looked at: the check itself is broken.\n');
  if (fileCount === 0 || violations.length > 0) process.exitCode = 1;
}
