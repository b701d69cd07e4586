import { describe, expect, it } from 'vitest';

import { type Field, fieldsOf } from '../../../dev/docs/crd-fields.ts';
import { firstCellsOf, headingsOf } from '../../../dev/docs/markdown.ts';
import { type Page, pagesIn } from '../../../dev/docs/pages.ts';
import { REASONS_IN_ORDER } from '../../../src/api/reasons.ts';
import { BINDING, KINDS, POLICY } from '../../../src/api/types.ts';

const pageOf = async (plural: string): Promise<Page> =>
  (await pagesIn('docs/spec/v1alpha1')).find(({ path }) => path.endsWith(`/${plural}.md`))!;

/** What a page has a heading or a row for, of all that looks like a field. */
const told = ({ text }: Page): readonly string[] =>
  [...headingsOf(text).map((heading) => heading.text), ...firstCellsOf(text)]
    .filter((title) => /^`\.(?:spec|status)\b[^`]*`$/.test(title))
    .map((title) => title.slice(1, -1));

/** The part of a page under a heading, up to the next one. */
function section({ text }: Page, path: string): string {
  const headings = headingsOf(text);
  const index = headings.findIndex((heading) => heading.text === `\`${path}\``);
  return text
    .split('\n')
    .slice(headings[index]?.line, (headings[index + 1]?.line ?? Infinity) - 1)
    .join('\n');
}

describe.each(KINDS)('the page of $kind', ({ plural }) => {
  it('tells every field of its definition once, and none that does not exist', async () => {
    const fields = (await fieldsOf({ plural })).map(({ path }) => path);
    expect(told(await pageOf(plural)).toSorted()).toEqual(fields.toSorted());
  });
});

describe.each([BINDING, POLICY])('each field that people write of $kind', ({ plural }) => {
  const written = async (): Promise<readonly Field[]> =>
    (await fieldsOf({ plural })).filter(({ path }) => path.startsWith('.spec.'));

  it('is told with its values, its default, its limit, and whether it is required', async () => {
    const page = await pageOf(plural);
    for (const { path, schema, required } of await written()) {
      const text = section(page, path);
      const values = (schema.enum ?? []).map((value) => `\`${value}\``);
      const standard = schema.default === undefined ? [] : [`\`${asYaml(schema.default)}\``];
      const limit = schema.maxItems === undefined ? [] : [String(schema.maxItems)];
      const missing = [...values, ...standard, ...limit, ...(required ? ['Required'] : [])];
      expect(missing.filter((word) => !text.includes(word)).map((word) => `${path}: ${word}`)).toEqual([]);
    }
  });
});

const asYaml = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

describe('the page of bindings', () => {
  it('has every reason in its table', async () => {
    const cells = firstCellsOf((await pageOf(BINDING.plural)).text);
    expect(cells).toEqual(expect.arrayContaining(REASONS_IN_ORDER.map((reason) => `\`${reason}\``)));
  });

  it('has every state of an identity in its table', async () => {
    const cells = firstCellsOf((await pageOf(BINDING.plural)).text);
    const state = (await fieldsOf(BINDING)).find(({ path }) => path === '.status.userAssigned[].state');
    expect(cells).toEqual(expect.arrayContaining((state?.schema.enum ?? []).map((each) => `\`${each}\``)));
  });
});

describe('the page of policies', () => {
  it('opens with whom a grant is to', async () => {
    const [, first = ''] = (await pageOf(POLICY.plural)).text.split('\n\n');
    expect(first.replaceAll('\n', ' ')).toMatch(
      /^\*\*A grant is to the nodes, not to the namespace: every pod .* IMDS/,
    );
  });
});
