/** Every sweep over one workload, as tests. */
import { afterAll, describe, expect, it } from 'vitest';

import type { Counted } from '../../dev/sweeps/tally.ts';
import { noteCounts } from './counts.ts';
import { judge } from './judge.ts';
import { flawsOf } from './oracles.ts';
import { type Run, runWorkload } from './run.ts';
import { sweeps } from './sweeps/index.ts';
import type { Sweep } from './sweeps/sweep.ts';
import { formatTrace } from './trace.ts';
import type { Workload } from './workload.ts';

/** So many divergences are shown with all that happened. */
const SHOWN = 2;
const isDeep = process.env['SWEEP_DEEP'] === '1';
/** Whether one divergence is enough. */
const stopsAtFirst = process.env['SWEEP_FIRST'] === '1';
const takesAll = isDeep || stopsAtFirst;

/** What makes the runs of a sweep comparable. */
type Setting = Pick<Sweep, 'replicas' | 'watchesFirst' | 'arrangeReference'>;

/** Where the operator did not come out as it should. */
interface Divergence {
  readonly problem: string;
  readonly description: string;
}

const tell = (found: readonly Divergence[]): string =>
  [
    ...found.map(({ problem }) => problem),
    ...found.slice(0, SHOWN).map(({ problem, description }) => `\n${problem}\n${description}`),
  ].join('\n');

export function sweepWorkload(workload: Workload): void {
  const { every = 1 } = workload;
  const counts: Counted[] = [];
  const references = new Map<Sweep['arrangeReference'] | string, Promise<Run>>();

  const referenceOf = ({ replicas = 1, watchesFirst = false, arrangeReference: arrange }: Setting): Promise<Run> => {
    const key = arrange ?? `${replicas} ${watchesFirst ? 'first' : 'later'}`;
    const known = references.get(key) ?? runWorkload(workload, { replicas, watchesFirst, ...(arrange && { arrange }) });
    references.set(key, known);
    return known;
  };

  const goThrough = async (sweep: Sweep): Promise<readonly Divergence[]> => {
    const reference = await referenceOf(sweep);
    const all = sweep.cases(reference, isDeep);
    const step = takesAll ? 1 : every * (sweep.every ?? 1);
    const cases = all.filter((_case, index) => index % step === 0);
    const found: Divergence[] = [];
    for (const each of cases) {
      const { problems, description } = await judge(workload, reference, each, sweep);
      if (problems.length > 0) found.push({ problem: [`${each.what}:`, ...problems].join('\n  '), description });
      if (found.length > 0 && stopsAtFirst) break;
    }
    counts.push({
      counted: sweep.counted,
      cases: cases.length,
      unpruned: sweep.unpruned?.(reference) ?? all.length,
      divergences: found.length,
    });
    return found;
  };

  describe(workload.name, () => {
    it('comes to rest, without a flaw, when nothing goes wrong', async () => {
      const run = await referenceOf({});
      expect([...flawsOf(workload, run)], run.description).toEqual([]);
    });

    it('goes the same way each time, request by request', async () => {
      const [first, again] = [await referenceOf({}), await runWorkload(workload)];
      expect(formatTrace(again.trace)).toBe(formatTrace(first.trace));
      expect(again.end).toEqual(first.end);
    });

    for (const sweep of sweeps.filter(({ appliesTo }) => appliesTo?.(workload) ?? true)) {
      it(sweep.says, async () => {
        const found = await goThrough(sweep);
        expect(found.length, tell(found)).toBe(0);
      });
    }

    afterAll(() => noteCounts(workload.name, counts));
  });
}
