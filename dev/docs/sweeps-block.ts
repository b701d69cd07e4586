import type { SweepRecord } from '../sweeps/record.ts';
import { tableOf, type Tally } from '../sweeps/tally.ts';

/** What is on record of the sweeps, as markdown. */
export function sweepsBlock(which: string, { usual, deep }: SweepRecord): string {
  switch (which) {
    case 'usual':
      return tableOf(usual);
    case 'deep':
      return deep === undefined
        ? 'There has been none yet.'
        : `On ${deep.on}, over ${deep.workloads} workloads, with nothing left out:\n\n${tableOf(deep.tally)}`;
    case 'short':
      return short(usual);
    default:
      throw new Error(`there is no block "sweeps ${which}"`);
  }
}

function short(tally: Tally): string {
  const told = tally.map(({ counted, cases }) => `${cases.toLocaleString('en')} ${counted}`);
  const divergences = tally.reduce((sum, each) => sum + each.divergences, 0);
  return `${told.slice(0, -1).join(', ')} and ${told.at(-1) ?? 'nothing'}; divergences: ${divergences}.`;
}
