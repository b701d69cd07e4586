import { globSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import config from '../../../vitest.config.ts';

const root = join(import.meta.dirname, '../../..');

describe('the coverage gate', () => {
  const thresholds = Object.entries(config.test?.coverage?.thresholds ?? {});

  it('guards the domain and the work queue in full', () => {
    const full = { lines: 100, branches: 100, functions: 100, statements: 100 };
    expect(thresholds).toEqual([
      ['src/identity/**/*.ts', full],
      ['src/runtime/work-queue.ts', full],
    ]);
  });

  it.each(thresholds)('has something to guard: %s', (pattern) => {
    expect(globSync(pattern, { cwd: root })).not.toEqual([]);
  });

  it.each(thresholds)('measures what it guards: %s', (pattern) => {
    expect(config.test?.coverage?.include).toContain(pattern);
  });
});
