import { createHash } from 'node:crypto';

import type { ScaleSetId } from '../identity/arm-id.ts';

/** The name of a scale set's ledger: its own name, for people, and a hash of its whole id, lower-cased. */
export function ledgerName({ name, key }: Pick<ScaleSetId, 'name' | 'key'>): string {
  const readable = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 16);
  return readable === '' ? hash : `${readable}-${hash}`;
}
