import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { headingsOf, linksOf } from '../../../dev/docs/markdown.ts';
import { allPages, type Page, ROOT } from '../../../dev/docs/pages.ts';

const isElsewhere = (target: string): boolean => /^[a-z]+:/.test(target);

/** Why a link of a page leads nowhere; undefined where it leads somewhere. */
async function broken({ path, text }: Page, target: string): Promise<string | undefined> {
  const [file = '', anchor] = target.split('#');
  const found = file === '' ? path : join(dirname(path), file);
  if (file !== '' && !existsSync(join(ROOT, found))) return `${found} does not exist`;
  if (anchor === undefined) return undefined;
  const there = file === '' ? text : await readFile(join(ROOT, found), 'utf8');
  return headingsOf(there).some((heading) => heading.anchor === anchor) ? undefined : `${found} has no #${anchor}`;
}

describe('the links between pages', () => {
  const pages = allPages();

  it('lead to files and headings that there are', async () => {
    const complaints: string[] = [];
    for (const page of await pages) {
      for (const { target, line } of linksOf(page.text).filter((link) => !isElsewhere(link.target))) {
        const complaint = await broken(page, target);
        if (complaint !== undefined) complaints.push(`${page.path}:${String(line)}: ${complaint}`);
      }
    }
    expect(complaints).toEqual([]);
  });

  it('are looked for in all of docs/, the READMEs and CONTRIBUTING', async () => {
    const paths = (await pages).map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(['CONTRIBUTING.md', 'README.md', 'dev/simulator/README.md', 'docs/how-to/README.md']),
    );
  });

  it('that lead nowhere are found', async () => {
    const page = { path: 'docs/any.md', text: '# Any\n' };
    expect(await broken(page, 'nowhere.md')).toBe('docs/nowhere.md does not exist');
    expect(await broken(page, '#other')).toBe('docs/any.md has no #other');
    expect(await broken(page, '../README.md#nothing')).toBe('README.md has no #nothing');
    expect(await broken(page, '#any')).toBeUndefined();
  });
});

describe('every page of docs/', () => {
  it('can be reached from the README', async () => {
    const pages = new Map((await allPages()).map(({ path, text }) => [path, text]));
    const reached = new Set(['README.md']);
    for (const path of reached) {
      for (const { target } of linksOf(pages.get(path) ?? '')) {
        const found = join(dirname(path), target.split('#')[0] ?? '');
        if (!isElsewhere(target) && pages.has(found)) reached.add(found);
      }
    }
    expect([...pages.keys()].filter((path) => path.startsWith('docs/') && !reached.has(path))).toEqual([]);
  });
});
