import { join } from 'node:path';

import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');

/** The project's own configuration; only the rules that need types are off, because the planted files do not exist. */
const eslint = new ESLint({ cwd: root, overrideConfig: [tseslint.configs.disableTypeChecked] });

const clockMessages = async (code: string, filePath: string): Promise<string[]> => {
  const [result] = await eslint.lintText(code, { filePath: join(root, filePath) });
  return result!.messages.map(({ message }) => message).filter((message) => message.includes('src/runtime/clock.ts'));
};

const planted = 'src/reconcile/planted.ts';

const forbidden: readonly string[] = [
  'export const x = Date.now();',
  'export const x = Date.now;',
  'const { now } = Date; export const x = now();',
  'export const x = new Date();',
  'export const x = Date();',
  'export const x = globalThis.Date.now();',
  'setTimeout(() => undefined, 1);',
  'export const x = setTimeout;',
  'globalThis.setTimeout(() => undefined, 1);',
  'global.setTimeout(() => undefined, 1);',
  'setInterval(() => undefined, 1);',
  'setImmediate(() => undefined);',
  "import { setTimeout } from 'node:timers'; export const x = setTimeout;",
  "import { setTimeout as sleep } from 'node:timers/promises'; export const x = sleep;",
  "import timers from 'timers/promises'; export const x = timers;",
  "export const x = import('node:timers/promises');",
  'export const x = AbortSignal.timeout(1);',
  'export const x = Math.random();',
  'const { random } = Math; export const x = random();',
  'export const x = crypto.randomUUID();',
  'export const x = crypto.getRandomValues(new Uint8Array(1));',
  "import { randomUUID } from 'node:crypto'; export const x = randomUUID();",
  "import { randomUUID as id } from 'crypto'; export const x = id();",
  "import { randomBytes } from 'node:crypto'; export const x = randomBytes(1);",
  "import crypto from 'node:crypto'; export const x = crypto.randomUUID();",
  "import * as c from 'node:crypto'; export const x = c.randomUUID();",
  'export const x = performance.now();',
  'export const x = globalThis.performance.now();',
  "import { performance } from 'node:perf_hooks'; export const x = performance.now();",
  'export const x = process.hrtime.bigint();',
];

const allowed: readonly string[] = [
  'export const at = (ms: number): Date => new Date(ms);',
  "export const at = Date.parse('2026-01-01T00:00:00Z');",
  'export const most = Math.max(1, 2);',
  'export const any = AbortSignal.any([]);',
  "import { createHash } from 'node:crypto'; export const x = createHash('sha256');",
  'interface Clock { now(): number; setTimeout(ms: number): void }\nexport const f = (c: Clock): number => (c.setTimeout(1), c.now());',
];

describe('the clock rule', () => {
  it.each(forbidden)('forbids %s', async (code) => {
    expect(await clockMessages(code, planted)).not.toEqual([]);
  });

  it.each(allowed)('allows %s', async (code) => {
    expect(await clockMessages(code, planted)).toEqual([]);
  });

  it('leaves the clock itself alone', async () => {
    expect(await clockMessages(forbidden.join('\n'), 'src/runtime/clock.ts')).toEqual([]);
  });

  it('leaves dev/ and test/ alone', async () => {
    expect(await clockMessages('export const x = Date.now();', 'dev/demo/planted.ts')).toEqual([]);
    expect(await clockMessages('export const x = Date.now();', 'test/unit/planted.test.ts')).toEqual([]);
  });
});
