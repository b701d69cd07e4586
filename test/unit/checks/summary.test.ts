import { describe, expect, it } from 'vitest';

import { summaryOf, tallyOfCommand, tallyOfTests, total, type VitestReport } from '../../../dev/checks/summary.ts';

type FileResult = VitestReport['testResults'][number];

const file = (status: string, ...assertions: readonly string[]): FileResult => ({
  status,
  assertionResults: assertions.map((each) => ({ status: each })),
});

const report = (...testResults: readonly FileResult[]): VitestReport => {
  const count = (status: string): number =>
    testResults.flatMap(({ assertionResults }) => assertionResults).filter((each) => each.status === status).length;
  return {
    success: testResults.every(({ status }) => status === 'passed'),
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    testResults,
  };
};

describe('a stage without tests', () => {
  it('counts as one', () => {
    expect(tallyOfCommand(0)).toEqual({ passed: 1, failed: 0 });
    expect(tallyOfCommand(3)).toEqual({ passed: 0, failed: 1 });
  });
});

describe('a stage with tests', () => {
  it('counts each of them', () => {
    expect(tallyOfTests(0, report(file('passed', 'passed', 'passed')))).toEqual({ passed: 2, failed: 0 });
    expect(tallyOfTests(1, report(file('failed', 'passed', 'failed', 'failed')))).toEqual({ passed: 1, failed: 2 });
  });

  it('does not count tests that were skipped', () => {
    expect(tallyOfTests(0, report(file('passed', 'passed', 'skipped', 'todo')))).toEqual({ passed: 1, failed: 0 });
  });

  it('counts a file that cannot be loaded as a failure', () => {
    expect(tallyOfTests(1, report(file('passed', 'passed'), file('failed')))).toEqual({ passed: 1, failed: 1 });
  });

  it('counts a file whose tests pass and whose teardown fails as a failure', () => {
    expect(tallyOfTests(1, report(file('failed', 'passed')))).toEqual({ passed: 1, failed: 1 });
  });

  it('counts a failure that no test had, such as coverage below its threshold, as one', () => {
    expect(tallyOfTests(1, report(file('passed', 'passed')))).toEqual({ passed: 1, failed: 1 });
    expect(tallyOfTests(0, { ...report(file('passed', 'passed')), success: false })).toEqual({ passed: 1, failed: 1 });
  });

  it('adds nothing to failures that tests had', () => {
    expect(tallyOfTests(1, report(file('failed', 'failed')))).toEqual({ passed: 0, failed: 1 });
  });

  it('fails when it ran no test', () => {
    expect(tallyOfTests(0, report())).toEqual({ passed: 0, failed: 1 });
    expect(tallyOfTests(0, report(file('passed', 'skipped')))).toEqual({ passed: 0, failed: 1 });
  });

  it('fails when it left no report', () => {
    expect(tallyOfTests(0, undefined)).toEqual({ passed: 0, failed: 1 });
  });
});

describe('the total', () => {
  it('is the sum of all stages', () => {
    expect(
      total([
        { passed: 1, failed: 0 },
        { passed: 40, failed: 2 },
        { passed: 0, failed: 1 },
      ]),
    ).toEqual({ passed: 41, failed: 3 });
  });

  it('of nothing is nothing', () => {
    expect(total([])).toEqual({ passed: 0, failed: 0 });
  });
});

describe('the summary', () => {
  it('has a line for each stage, and the total alone on the last', () => {
    const results = [
      { name: 'lint', passed: 1, failed: 0, durationMs: 9_876 },
      { name: 'unit tests', passed: 41, failed: 2, durationMs: 123_456 },
    ];
    expect(summaryOf(results).split('\n')).toEqual([
      'ok     lint          9.9 s  1 passed, 0 failed',
      'FAILED unit tests  123.5 s  41 passed, 2 failed',
      '42 passed, 2 failed',
    ]);
  });
});
