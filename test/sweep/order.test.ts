/** The same workloads with requests and watch events let through in other orders than they came in. */
import { afterAll, describe, expect, it } from 'vitest';

import { judge } from './judge.ts';
import { runWorkload } from './run.ts';
import { workloads } from './workloads/index.ts';

const SEEDS = Array.from({ length: 25 }, (_, index) => index + 1);
const SHOWN = 2;

/** What is seen late is written on top of once more: a status that was true when it was judged, a ledger on the way. */
const allowed = (what: string): number => (what.startsWith('MODIFIED') ? 2 : 0);

const counts = { orders: 0, divergences: 0 };

describe.each(workloads)('$name', (workload) => {
  it('ends the same in whatever order things happen', async () => {
    const reference = await runWorkload(workload);
    const found: string[] = [];
    for (const seed of SEEDS) {
      const { problems } = await judge(workload, reference, { seed }, allowed);
      if (problems.length > 0) found.push(problems.join('\n'));
    }
    counts.orders += SEEDS.length;
    counts.divergences += found.length;
    expect(found.length, found.slice(0, SHOWN).join('\n\n')).toBe(0);
  });
});

afterAll(() => {
  console.log(`${counts.orders} orders, ${counts.divergences} divergences`);
});
