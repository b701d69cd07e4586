import { describe, expect, it } from 'vitest';

import { headingsOf } from '../../../dev/docs/markdown.ts';
import { allPages } from '../../../dev/docs/pages.ts';
import { REASONS_IN_ORDER } from '../../../src/api/reasons.ts';

describe('the runbook', () => {
  it('has an entry for each reason, in the order in which a binding shows them', async () => {
    const { text } = (await allPages()).find(({ path }) => path === 'docs/runbook.md')!;
    const entries = headingsOf(text).filter(({ level }) => level === 3);
    expect(entries.map((entry) => entry.text)).toEqual(REASONS_IN_ORDER.map((reason) => `\`${reason}\``));
  });
});
