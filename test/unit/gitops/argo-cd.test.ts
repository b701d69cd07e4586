import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { CUSTOMIZATION, staleFiles } from '../../../dev/generate/argo-cd.ts';
import { healthCases } from '../../../dev/gitops/health-cases.ts';
import { REASONS_IN_ORDER } from '../../../src/api/reasons.ts';
import { assertConditionInvariants } from '../api/assert-condition-invariants.ts';

describe('what is generated for Argo CD', () => {
  it('is what `npm run generate` writes', async () => {
    expect(await staleFiles()).toEqual([]);
  });

  it('has test data for every reason', async () => {
    const names = await readdir(join(CUSTOMIZATION, 'testdata'));
    expect(names).toEqual(expect.arrayContaining(REASONS_IN_ORDER.map((reason) => `${reason}.yaml`)));
  });

  it.each(
    healthCases()
      .filter(({ object }) => object.metadata.generation === object.status.observedGeneration)
      .map(({ name, object }) => [name, object] as const),
  )('has statuses that the operator could write: %s', (_, { metadata, status }) => {
    assertConditionInvariants({ metadata, status });
  });
});
