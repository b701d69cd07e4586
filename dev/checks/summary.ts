/** How many checks of a stage held, and how many did not. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

/** A stage that has run. */
export interface StageResult extends Tally {
  readonly name: string;
  readonly durationMs: number;
}

/** The part that counts of what vitest's JSON reporter writes. */
export interface VitestReport {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/** A stage without tests of its own counts as one check. */
export const tallyOfCommand = (exitCode: number): Tally =>
  exitCode === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };

/**
 * Counts a vitest run. Whatever makes it fail besides its tests counts as one more failure: a file that cannot be
 * loaded, an error that nobody caught, coverage below its threshold, a report that is missing, or no test at all.
 */
export const tallyOfTests = (exitCode: number, report: VitestReport | undefined): Tally => {
  if (report === undefined) return { passed: 0, failed: 1 };
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((assertion) => assertion.status === 'failed'),
  ).length;
  const passed = report.numPassedTests;
  const failed = report.numFailedTests + brokenFiles;
  const failedOtherwise = failed === 0 && (exitCode !== 0 || !report.success || passed === 0);
  return { passed, failed: failedOtherwise ? 1 : failed };
};

export const total = (tallies: readonly Tally[]): Tally => ({
  passed: tallies.reduce((sum, { passed }) => sum + passed, 0),
  failed: tallies.reduce((sum, { failed }) => sum + failed, 0),
});

/** The last line of a run, for people and programs alike. */
export const totalLine = ({ passed, failed }: Tally): string => `${passed} passed, ${failed} failed`;

/** A line for each stage in columns, then the total alone on the last line. */
export const summaryOf = (results: readonly StageResult[]): string => {
  const width = Math.max(0, ...results.map(({ name }) => name.length));
  const lines = results.map(({ name, passed, failed, durationMs }) =>
    [
      failed === 0 ? 'ok    ' : 'FAILED',
      name.padEnd(width),
      `${(durationMs / 1000).toFixed(1).padStart(6)} s`,
      ` ${totalLine({ passed, failed })}`,
    ].join(' '),
  );
  return [...lines, totalLine(total(results))].join('\n');
};
