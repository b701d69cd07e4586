import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { fencesOf, headingsOf } from '../../../dev/docs/markdown.ts';
import { ROOT } from '../../../dev/docs/pages.ts';
import { readAlerts } from '../../../dev/monitoring/alerts.ts';

const page = await readFile(join(ROOT, 'docs/alerts.md'), 'utf8');
const alerts = await readAlerts();
const headings = headingsOf(page).filter(({ level }) => level === 2);

describe('docs/alerts.md', () => {
  it('has an entry for each alert, in the order of the rules, and no other', () => {
    expect(headings.map(({ text }) => text)).toEqual(alerts.map(({ alert }) => alert));
  });

  it.each(alerts.map(({ alert }) => alert))('tells three commands, and when to escalate: %s', (alert) => {
    const index = headings.findIndex(({ text }) => text === alert);
    const entry = page.split('\n').slice(headings[index]?.line, (headings[index + 1]?.line ?? Infinity) - 1);
    const commands = fencesOf(entry.join('\n')).flatMap(({ text }) => text.trim().split('\n'));
    expect(commands).toHaveLength(3);
    expect(entry.join('\n')).toMatch(/\n- [^]*\bEscalate\b/);
  });
});

describe('the address that an alert gives', () => {
  it.each(alerts.map(({ alert, annotations }) => [alert, annotations.runbook_url]))(
    'leads to its entry: %s',
    (alert, url) => {
      const { anchor } = headings.find(({ text }) => text === alert)!;
      expect(url).toBe(`https://docs.example.com/vmss-identity-operator/alerts.md#${anchor}`);
    },
  );
});
