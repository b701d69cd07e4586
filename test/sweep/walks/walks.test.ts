/** Whatever people, Azure and others do: it comes to rest as design §3 has it, and nothing is taken that was not ours. */
import '../../unit/property-seed.ts';

import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';

import { walks } from './arbitrary-walks.ts';
import { noteWalks, walkCounts } from './counts.ts';
import { describeWalk } from './moves.ts';
import { runWalk } from './run-walk.ts';

const DEEP = process.env['SWEEP_DEEP'] === '1';
const WALKS = Number(process.env['SWEEP_WALKS'] ?? (DEEP ? 500 : 80));
const HOURS_MS = 3_600_000;

describe('a walk', () => {
  it(
    'ends where what is declared and permitted says, and takes nothing that was not ours',
    async () => {
      await fc.assert(
        fc.asyncProperty(walks, async (walk) => {
          walkCounts.walks += 1;
          const { problems, description } = await runWalk(walk);
          if (problems.length > 0) walkCounts.divergences += 1;
          expect(problems.length, [describeWalk(walk), ...problems, description].join('\n')).toBe(0);
        }),
        { numRuns: WALKS },
      );
    },
    DEEP ? HOURS_MS : 300_000,
  );
});

afterAll(() => {
  noteWalks(walkCounts);
});
