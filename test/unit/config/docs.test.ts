import { describe, expect, it } from 'vitest';

import { isCurrent } from '../../../dev/generate/config-docs.ts';

describe('docs/configuration.md', () => {
  it('is what `npm run generate` writes', async () => {
    expect(await isCurrent()).toBe(true);
  });
});
