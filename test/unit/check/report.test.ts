import { describe, expect, it } from 'vitest';

import type { Finding } from '../../../src/check/finding.ts';
import { isAllWell, printed, printedSummary } from '../../../src/check/report.ts';

const fine: Finding = { verdict: 'ok', check: 'definition', says: 'it is there' };
const missing: Finding = { verdict: 'missing', check: 'kubernetes-right', says: 'get it', command: 'kubectl get it' };
const failed: Finding = { verdict: 'failed', check: 'azure-token', says: 'nobody answers' };

describe('what is printed for people', () => {
  it('is aligned, with the command below what it is for', () => {
    expect([fine, missing, failed].map((each) => printed(each, 'human')).join('')).toBe(
      [
        'ok       definition        it is there',
        'missing  kubernetes-right  get it',
        '         kubectl get it',
        'failed   azure-token       nobody answers',
        '',
      ].join('\n'),
    );
  });

  it('ends with how many there were of each', () => {
    expect(printedSummary([fine, fine, missing], 'human')).toBe('2 ok, 1 missing, 0 failed\n');
  });
});

describe('what is printed for programs', () => {
  it('is an object a line', () => {
    expect([fine, missing].map((each) => JSON.parse(printed(each, 'json')) as unknown)).toEqual([fine, missing]);
    expect(printed(missing, 'json')).toMatch(/^[^\n]+\n$/);
  });

  it('ends with how many there were of each', () => {
    expect(JSON.parse(printedSummary([fine, missing, failed], 'json'))).toEqual({ ok: 1, missing: 1, failed: 1 });
  });
});

describe('all is well', () => {
  it.each([
    ['when everything is ok', [fine], true],
    ['not when something is missing', [fine, missing], false],
    ['not when something could not be found out', [fine, failed], false],
  ])('%s', (_, findings, expected) => {
    expect(isAllWell(findings)).toBe(expected);
  });
});
