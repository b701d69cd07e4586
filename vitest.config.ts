import { defineConfig } from 'vitest/config';

import { MUTANT, plantedMutant } from './dev/mutants/plant.ts';

/** Two processes at most: the smallest machine that is expected to run the tests has two cores. */
const maxWorkers = 2;

/** Tests of these projects talk to a real control plane that all of them share. */
const onControlPlane = {
  globalSetup: ['test/global-setup.ts'],
  testTimeout: 120_000,
  hookTimeout: 180_000,
};

export default defineConfig({
  test: {
    maxWorkers,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          setupFiles: ['test/unit/property-seed.ts'],
          testTimeout: 60_000,
        },
      },
      {
        plugins: [...plantedMutant(process.env[MUTANT])],
        test: {
          name: 'sweep',
          // What one mutant is made of must not be found by the next.
          fsModuleCache: process.env[MUTANT] === undefined,
          include: ['test/sweep/**/*.test.ts'],
          // A test is thousands of runs of the whole operator.
          testTimeout: 3_600_000,
        },
      },
      {
        test: {
          ...onControlPlane,
          name: 'conformance',
          include: ['test/conformance/**/*.test.ts'],
        },
      },
      {
        test: {
          ...onControlPlane,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          // Operators under test act on cluster-scoped objects: two files at once would see each other's.
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'az',
          include: ['test/az/**/*.test.ts'],
          // Each command starts a Python of its own, and the CLI is installed first.
          testTimeout: 300_000,
          hookTimeout: 1_800_000,
        },
      },
    ],
    coverage: {
      provider: 'v8',
      reportOnFailure: true,
      include: ['src/identity/**/*.ts', 'src/runtime/work-queue.ts'],
      reporter: ['text', 'json-summary'],
      thresholds: {
        'src/identity/**/*.ts': { lines: 100, branches: 100, functions: 100, statements: 100 },
        'src/runtime/work-queue.ts': { lines: 100, branches: 100, functions: 100, statements: 100 },
      },
    },
  },
});
