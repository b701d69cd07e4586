/**
 * Fills what is generated in the handwritten pages: examples, tables of fields and of reasons.
 *
 * `node dev/generate/doc-blocks.ts` writes the pages; with `--check` it writes nothing, and exits with 1 when one of them
 * is not what examples, definitions and code say.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { format, resolveConfig } from 'prettier';

import { fillBlocks } from '../docs/blocks.ts';
import { allPages, type Page, ROOT } from '../docs/pages.ts';
import { tellStale } from './generated-file.ts';

/** The pages that are not as they should be, as they should be. */
export async function stalePages(): Promise<readonly Page[]> {
  const options = { ...(await resolveConfig(join(ROOT, 'docs/any.md'))), parser: 'markdown' };
  const pages = (await allPages()).filter(({ text }) => text.includes('<!-- generated: '));
  const filled = await Promise.all(
    pages.map(async ({ path, text }) => ({ path, text: await format(await fillBlocks(text), options) })),
  );
  return filled.filter(({ text }, index) => text !== pages[index]?.text);
}

if (import.meta.main) {
  const stale = await stalePages();
  if (!process.argv.includes('--check')) {
    for (const { path, text } of stale) await writeFile(join(ROOT, path), text);
  } else {
    tellStale(stale.map(({ path }) => join(ROOT, path)));
  }
}
