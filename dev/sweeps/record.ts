/** What is on record of the last whole run of the sweeps, and of the last deep one; the documentation shows it. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Tally } from './tally.ts';

const FILE = join(import.meta.dirname, '../../docs/sweeps.json');

export interface SweepRecord {
  readonly usual: Tally;
  /** Undefined while there has been none. */
  readonly deep?: { readonly on: string; readonly workloads: number; readonly tally: Tally };
}

export async function readRecord(): Promise<SweepRecord> {
  return JSON.parse(await readFile(FILE, 'utf8')) as SweepRecord;
}

export async function writeRecord(record: SweepRecord): Promise<void> {
  await writeFile(FILE, `${JSON.stringify(record, undefined, 2)}\n`);
}
