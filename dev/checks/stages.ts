/** One step of `npm test`: an npm script that must exit with 0. */
export interface Stage {
  readonly name: string;
  /** Of package.json. */
  readonly script: string;
  /** True: a vitest run, whose tests are counted one by one. */
  readonly tests?: boolean;
}

/** Cheapest first, so that a slip shows soon; all of them run even when one fails. */
export const stages: readonly Stage[] = [
  { name: 'types', script: 'typecheck' },
  { name: 'lint', script: 'lint' },
  { name: 'format', script: 'format:check' },
  { name: 'import rules', script: 'check:imports' },
  { name: 'generated files', script: 'generate:check' },
  { name: 'unused code', script: 'check:unused' },
  { name: 'unit tests and coverage', script: 'test:unit', tests: true },
  { name: 'sweeps', script: 'sweep', tests: true },
  { name: 'conformance tests', script: 'test:conformance', tests: true },
  { name: 'end-to-end tests', script: 'test:e2e', tests: true },
];
