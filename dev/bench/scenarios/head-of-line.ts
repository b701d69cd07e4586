/** Azure works on one scale set for a minute: what do the others wait? */
import { bindingOf, BINDINGS, identityId, indices, nameOf, scaleSetId } from '../fleet.ts';
import { openPlace } from '../place.ts';
import type { Measured, Scenario } from '../scenario.ts';
import { spreadOf } from '../statistics.ts';
import { WITHOUT_BUDGET } from './cold.ts';

const OTHERS = 20;
const SLOW = OTHERS;
const SLOW_MS = 60_000;
const LIMIT_MS = 180_000;

export const headOfLine: Scenario = {
  name: 'head-of-line',
  about: "Another scale set's change while one's operation takes 60 s",
  figures: {
    other: { about: 'from a change of another spec to Ready, median of 20', unit: 's', target: 1 },
    otherSlowest: { about: 'the slowest of those 20', unit: 's' },
  },
  run,
};

async function run(): Promise<Measured> {
  const place = await openPlace({ scaleSets: OTHERS + 1, flags: WITHOUT_BUDGET, azure: { operationMs: 0 } });
  try {
    const { api, azure, readiness } = place;
    await azure.operationLength(scaleSetId(SLOW), SLOW_MS);
    await place.create(indices(OTHERS).map((index) => bindingOf(index)));
    const operator = await place.startOperator();
    await readiness.allReady(OTHERS, LIMIT_MS);
    await place.create([bindingOf(SLOW)]);
    const seconds: number[] = [];
    for (const index of indices(OTHERS)) {
      const { spec } = bindingOf(index, [identityId(index), identityId(index + 1)]);
      const begin = Date.now();
      await api.patch(`${BINDINGS}/${nameOf(index)}`, { spec });
      seconds.push(((await readiness.ready(nameOf(index), 2)) - begin) / 1000);
    }
    if (readiness.unready !== 1) throw new Error('the slow scale set was done before the others: nothing was measured');
    await operator.end();
    const { median, max } = spreadOf(seconds);
    return { other: median, otherSlowest: max };
  } finally {
    await place.close();
  }
}
