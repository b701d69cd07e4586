import { expect, it } from 'vitest';

import { parseOptions } from '../../dev/soak/options.ts';
import { soak } from '../../dev/soak/soak.ts';

const SHORT = '--minutes 0.4 --bindings 24 --scale-sets 16 --changes 2 --drift 1 --interval 3'.split(' ');
const SEED = 20_260_401;

it('a short soak ends as everything was declared', { timeout: 600_000 }, async () => {
  const told: string[] = [];

  const { checks } = await soak(parseOptions(SHORT, SEED), new AbortController().signal, (line) => told.push(line));

  expect(
    checks.filter(({ ok }) => !ok),
    told.join('\n'),
  ).toEqual([]);
});
