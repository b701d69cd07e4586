/**
 * What in a handwritten page is generated stands between two comments, the first of which says what it is:
 *
 *     <!-- generated: example flows/04-enable-system-assigned.yaml -->
 *     …
 *     <!-- end -->
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { KINDS } from '../../src/api/types.ts';
import { readRecord as readBenchmarks } from '../bench/results.ts';
import { readRecord } from '../sweeps/record.ts';
import { benchBlock } from './bench-block.ts';
import { fieldsOf } from './crd-fields.ts';
import { fieldTable } from './field-table.ts';
import { reasonTable } from './reason-table.ts';
import { sweepsBlock } from './sweeps-block.ts';

const BLOCK = /<!-- generated: (\S+)(?: (\S+))?(?: (\S+))? -->\n[^]*?<!-- end -->/g;
const EXAMPLES = join(import.meta.dirname, '../../examples');

type Generator = (first: string, second: string) => Promise<string>;

const GENERATORS: Readonly<Record<string, Generator>> = {
  /** A file of `examples/`, whole. */
  example: async (file) => `\`\`\`yaml\n${await readFile(join(EXAMPLES, file), 'utf8')}\`\`\``,
  /** What the sweeps tried: `sweeps usual`, `sweeps deep`, and in one line, `sweeps short`. */
  sweeps: async (which) => sweepsBlock(which, await readRecord()),
  /** What was measured: `bench targets`, `bench growth`, `bench all`, and on what, `bench machine`. */
  bench: async (which) => benchBlock(which, await readBenchmarks()),
  /** All reasons that a condition can have. */
  reasons: () => Promise.resolve(reasonTable()),
  /** The fields of a kind below a path: `fields vmssidentityledgers .spec`. */
  fields: async (plural, path) => {
    const kind = KINDS.find((each) => each.plural === plural);
    if (kind === undefined) throw new Error(`there is no kind ${plural}`);
    return fieldTable((await fieldsOf(kind)).filter((field) => field.path.startsWith(`${path}.`)));
  },
};

/** The page with all its blocks as they should be. */
export async function fillBlocks(page: string): Promise<string> {
  let filled = '';
  let end = 0;
  for (const match of page.matchAll(BLOCK)) {
    const [whole, name = '', first = '', second = ''] = match;
    const generate = GENERATORS[name];
    if (generate === undefined) throw new Error(`nothing generates "${name}"`);
    const head = whole.slice(0, whole.indexOf('\n'));
    filled += `${page.slice(end, match.index)}${head}\n\n${await generate(first, second)}\n\n<!-- end -->`;
    end = match.index + whole.length;
  }
  return filled + page.slice(end);
}
