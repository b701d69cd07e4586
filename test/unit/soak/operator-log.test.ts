import { describe, expect, it } from 'vitest';

import { OperatorLog } from '../../../dev/soak/operator-log.ts';

function line(level: string, msg: string, fields: Readonly<Record<string, unknown>> = {}): string {
  return `${JSON.stringify({ time: '2026-04-01T10:00:00.000Z', level, msg, ...fields })}\n`;
}

const kubeError = (kind: string) => ({ error: { name: 'KubeError', message: 'PUT /x', kind } });

function logOf(...lines: readonly string[]): OperatorLog {
  const log = new OperatorLog();
  for (const each of lines) log.add(each);
  return log;
}

describe("an operator's log", () => {
  it('is read whole, wherever it was cut', () => {
    const text = line('info', 'serving', { address: '127.0.0.1:1234' }) + line('warn', 'slow');

    const log = logOf(text.slice(0, 70), text.slice(70, 71), text.slice(71));

    expect(log.address).toBe('127.0.0.1:1234');
    expect([...log.levels]).toEqual([
      ['info', 1],
      ['warn', 1],
    ]);
    expect([...log.troubles]).toEqual([['warn: slow', 1]]);
  });

  it('tells of terms, and whether one is under way', () => {
    const log = logOf(line('info', 'leads from now on', { transitions: 4 }));
    expect(log.leads).toBe(true);

    log.add(line('warn', 'leads no more: the lease could not be renewed in time'));
    expect(log.leads).toBe(false);
    expect(log.terms.map(({ transitions }) => transitions)).toEqual([4]);
  });

  it.each(['network', 'conflict', 'unavailable'])('may say that a pass failed for %s', (kind) => {
    expect(logOf(line('error', 'pass failed', kubeError(kind))).unexpected).toEqual([]);
  });

  it.each([
    ['credentials that cannot be read', line('error', 'pass failed', kubeError('credentials'))],
    ['a defect', line('error', 'pass failed', { error: { name: 'TypeError', message: 'x is undefined' } })],
    ['what nobody caught', line('error', 'unexpected error', kubeError('network'))],
    ['a line that is not its own', '(node:7) MaxListenersExceededWarning: Possible EventTarget memory leak\n'],
    ['a token', line('debug', 'sent', { header: `Bearer ${'a'.repeat(30)}` })],
  ])('must not have %s', (_what, text) => {
    expect(logOf(text).unexpected).toEqual([text.trimEnd()]);
  });
});
