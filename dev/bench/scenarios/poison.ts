/** One identity that does not exist, among good ones, while all around it specs change for ten minutes. */
import { setTimeout as pause } from 'node:timers/promises';

import { bindingOf, BINDINGS, identityId, indices, nameOf } from '../fleet.ts';
import { openPlace } from '../place.ts';
import type { Measured, Scenario, Tell } from '../scenario.ts';

const SCALE_SETS = 10;
const EVENTS = 120;
const EVERY_MS = 5000;
const LIMIT_MS = 60_000;
const MISSING = identityId(0).replace(/identity-0$/, 'no-such-identity');

export const poison: Scenario = {
  name: 'poison',
  about: 'An identity that does not exist, declared beside a good one, during 10 minutes of unrelated changes',
  isLong: true,
  figures: {
    badWrites: { about: 'writes that carried the bad identity', unit: '', target: 3 },
    badReads: { about: 'reads of the bad identity', unit: '' },
    goodWrites: { about: 'writes until the good one of the same binding was attached', unit: '' },
  },
  run,
};

async function run(tell: Tell): Promise<Measured> {
  const place = await openPlace({ scaleSets: SCALE_SETS, flags: [], azure: { operationMs: 0 } });
  try {
    const { api, azure } = place;
    await place.create(
      indices(SCALE_SETS)
        .slice(1)
        .map((index) => bindingOf(index)),
    );
    const operator = await place.startOperator();
    await place.readiness.allReady(SCALE_SETS - 1, LIMIT_MS);
    await place.create([bindingOf(0, [MISSING, identityId(0)])]);
    for (const event of indices(EVENTS)) {
      // Back and forth between two lists of identities, on the other scale sets in turn.
      const index = 1 + (event % (SCALE_SETS - 1));
      const more = Math.floor(event / (SCALE_SETS - 1)) % 2 === 0 ? [identityId(index + 1)] : [];
      await api.patch(`${BINDINGS}/${nameOf(index)}`, { spec: bindingOf(index, [identityId(index), ...more]).spec });
      if (event % 12 === 0) tell(`${String((event * EVERY_MS) / 60_000)} of 10 minutes`);
      await pause(EVERY_MS);
    }
    await operator.end();
    const requests = await azure.requests(0);
    const writes = requests.filter(({ method, path }) => method === 'PATCH' && path.endsWith(`/${nameOf(0)}`));
    const carriesBad = ({ body }: { readonly body: unknown }): boolean => JSON.stringify(body).includes(MISSING);
    const good = writes.findIndex(({ body, status }) => status === 200 && JSON.stringify(body).includes(identityId(0)));
    if (good < 0) throw new Error('the good identity was never attached');
    return {
      badWrites: writes.filter(carriesBad).length,
      badReads: requests.filter(({ method, path }) => method === 'GET' && path === MISSING).length,
      goodWrites: good + 1,
    };
  } finally {
    await place.close();
  }
}
