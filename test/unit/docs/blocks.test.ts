import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { fillBlocks } from '../../../dev/docs/blocks.ts';
import { fencesOf } from '../../../dev/docs/markdown.ts';
import { pagesIn, ROOT } from '../../../dev/docs/pages.ts';
import { stalePages } from '../../../dev/generate/doc-blocks.ts';

describe('what is generated in pages', () => {
  it('is what `npm run generate` writes', async () => {
    expect((await stalePages()).map(({ path }) => path)).toEqual([]);
  });

  it('replaces what stood there, and leaves the rest of the page alone', async () => {
    const block = (inside: string): string =>
      `before\n\n<!-- generated: reasons -->\n\n${inside}<!-- end -->\n\nafter\n`;
    const filled = await fillBlocks(block('outdated words\n\n'));
    expect(filled).toMatch(/^before\n\n<!-- generated: reasons -->\n\n\| Reason [^]*<!-- end -->\n\nafter\n$/);
    expect(filled).not.toContain('outdated words');
    expect(await fillBlocks(block(''))).toBe(filled);
  });

  it('stops at what nothing generates', async () => {
    await expect(fillBlocks('<!-- generated: gossip -->\n<!-- end -->')).rejects.toThrow('nothing generates "gossip"');
    await expect(fillBlocks('<!-- generated: fields pods .spec -->\n<!-- end -->')).rejects.toThrow('no kind pods');
  });
});

describe('the examples of the flows', () => {
  it('are the YAML of the how-to pages, one by one', async () => {
    const folder = join(ROOT, 'examples/flows');
    const files = await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file), 'utf8')));
    const printed = (await pagesIn('docs/how-to')).flatMap(({ text }) => fencesOf(text));
    const yaml = printed.filter(({ language }) => language === 'yaml').map(({ text }) => text);
    expect(files.toSorted()).toEqual(yaml.toSorted());
  });
});
