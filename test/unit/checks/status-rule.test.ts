import { join } from 'node:path';

import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');

/** The project's own configuration; only the rules that need types are off, because the planted files do not exist. */
const eslint = new ESLint({ cwd: root, overrideConfig: [tseslint.configs.disableTypeChecked] });

const statusMessages = async (code: string, filePath: string): Promise<string[]> => {
  const [result] = await eslint.lintText(code, { filePath: join(root, filePath) });
  return result!.messages.map(({ message }) => message).filter((message) => message.includes('src/azure/errors.ts'));
};

const forbidden: readonly string[] = [
  'export const gone = (status: number): boolean => status === 404;',
  'export const gone = (reply: { status: number }): boolean => reply.status == 404;',
  'export const accepted = (reply: { status: number }): boolean => reply.status === 202;',
  'export const accepted = (reply: { status: number }): boolean => 202 === reply.status;',
  'export const fails = (reply: { statusCode: number }): boolean => reply.statusCode >= 300;',
  'export const fails = ({ status }: { status: number }): boolean => status > 299;',
  'export const fails = (reply: { status: number }): boolean => Math.floor(reply.status / 100) === 5;',
  'export const f = (reply: { status: number }): string => { switch (reply.status) { case 202: return ""; default: return "x"; } };',
  'export const throttled = 429;',
  "export const throttled = '429';",
  'export const lost = new Set([408, 502, 503, 504]);',
  "export const isGone = (failure: { code: string }): boolean => failure.code === 'HTTP404';",
  'export const isGone = (failure: { code: string }): boolean => failure.code === `HTTP404`;',
  'export type Refused = 400 | 403;',
  'export enum Status { Gone = 410 }',
];

const allowed: readonly string[] = [
  'export const most = 512;',
  'export const ms = 5000;',
  'export const group = (name: string): boolean => name.length <= 90;',
  "export const isReady = (condition: { status: string }): boolean => condition.status === 'True';",
  'export const seen = (binding: { status: { observedGeneration: number } }): boolean => binding.status.observedGeneration === 3;',
  "export const isGone = (failure: { kind: string }): boolean => failure.kind === 'notFound';",
  "export const words = 'HTTP 404 is what a person would call it';",
];

describe('the status rule', () => {
  it.each(forbidden)('forbids %s', async (code) => {
    for (const folder of ['reconcile', 'identity', 'api']) {
      expect(await statusMessages(code, `src/${folder}/planted.ts`)).not.toEqual([]);
    }
  });

  it.each(allowed)('allows %s', async (code) => {
    expect(await statusMessages(code, 'src/reconcile/planted.ts')).toEqual([]);
  });

  it('leaves those alone that speak HTTP', async () => {
    for (const folder of ['azure', 'kube', 'runtime']) {
      expect(await statusMessages('export const gone = 404;', `src/${folder}/planted.ts`)).toEqual([]);
    }
  });

  it('keeps the clock rule where both hold', async () => {
    const [result] = await eslint.lintText('export const x = new Date();', {
      filePath: join(root, 'src/reconcile/planted.ts'),
    });
    expect(result!.messages.map(({ ruleId }) => ruleId)).toContain('no-restricted-syntax');
  });
});
