import { join } from 'node:path';

import { ESLint, type Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');

const severityOf = async (rule: string, filePath: string): Promise<Linter.RuleSeverity | undefined> => {
  const config = (await new ESLint({ cwd: root }).calculateConfigForFile(join(root, filePath))) as Linter.Config;
  const entry = config.rules?.[rule];
  return Array.isArray(entry) ? entry[0] : entry;
};

const planted = async (code: string, filePath: string): Promise<(string | null)[]> => {
  const eslint = new ESLint({ cwd: root, overrideConfig: [tseslint.configs.disableTypeChecked] });
  const [result] = await eslint.lintText(code, { filePath: join(root, filePath) });
  return result!.messages.map(({ ruleId }) => ruleId);
};

describe('the lint rules', () => {
  it.each(['src/operator.ts', 'dev/demo/main.ts', 'test/unit/planted.test.ts'])(
    'let no promise float in %s',
    async (path) => {
      expect(await severityOf('@typescript-eslint/no-floating-promises', path)).toBe(2);
    },
  );

  it('forbid non-null assertions in the product and allow them in tests', async () => {
    expect(await severityOf('@typescript-eslint/no-non-null-assertion', 'src/operator.ts')).toBe(2);
    expect(await severityOf('@typescript-eslint/no-non-null-assertion', 'test/unit/planted.test.ts')).toBe(0);
  });

  it.each(['src/planted.ts', 'dev/planted.ts', 'test/unit/planted.test.ts'])(
    'find a file of more than 400 lines: %s',
    async (path) => {
      const lines = (count: number): string =>
        Array.from({ length: count }, (_, i) => `export const x${i} = 1;\n`).join('');
      expect(await planted(lines(400), path)).not.toContain('max-lines');
      expect(await planted(lines(401), path)).toContain('max-lines');
    },
  );

  it('find imports out of order', async () => {
    expect(await planted("import b from 'b';\nimport a from 'a';\nexport default [a, b];\n", 'src/planted.ts')).toEqual(
      ['simple-import-sort/imports'],
    );
  });

  it.each(['process.env', 'console.log', 'fetch', 'globalThis.fetch', 'setTimeout', 'performance'])(
    'keep %s out of the domain',
    async (name) => {
      const code = `export const x = ${name};\n`;
      expect(await planted(code, 'src/identity/planted.ts')).toContain('no-restricted-globals');
      expect(await planted(code, 'src/api/planted.ts')).toContain('no-restricted-globals');
    },
  );

  it('allow process outside the domain', async () => {
    expect(await planted('export const x = process.pid;\n', 'src/planted.ts')).toEqual([]);
  });
});
