/** Fifty bindings of one scale set, each with an identity that others declare too. */
import { lastRequest, trafficOf } from '../azure-traffic.ts';
import { bindingOf, BINDINGS, identityId, indices } from '../fleet.ts';
import { openPlace } from '../place.ts';
import type { Measured, Scenario } from '../scenario.ts';
import { WITHOUT_BUDGET } from './cold.ts';

const COUNT = 50;
const LIMIT_MS = 120_000;
const manifests = indices(COUNT).map((index) => bindingOf(0, [identityId(index)], `team-${String(index)}`));

export const shared: Scenario = {
  name: 'shared-50',
  about: 'Fifty bindings of one scale set',
  figures: {
    allReady: { about: 'from the first binding applied to the last Ready', unit: 's' },
    writes: { about: 'writes to Azure', unit: '' },
    removed: { about: 'from the first binding deleted to the last gone', unit: 's' },
    removedWrites: { about: 'writes to Azure for that', unit: '' },
  },
  run,
};

async function run(): Promise<Measured> {
  const place = await openPlace({ scaleSets: 1, flags: WITHOUT_BUDGET, azure: { operationMs: 0 } });
  try {
    const { api, azure, readiness } = place;
    const operator = await place.startOperator();
    await operator.said('at work');
    const appliedAt = Date.now();
    await place.create(manifests);
    const readyAt = await readiness.allReady(COUNT, LIMIT_MS);
    const { writes } = trafficOf(await azure.requests(0));
    const since = await lastRequest(azure);
    const deletedAt = Date.now();
    await Promise.all(manifests.map(({ metadata }) => api.delete(`${BINDINGS}/${metadata.name}`)));
    const goneAt = await readiness.allGone(LIMIT_MS);
    await operator.end();
    return {
      allReady: (readyAt - appliedAt) / 1000,
      writes,
      removed: (goneAt - deletedAt) / 1000,
      removedWrites: trafficOf(await azure.requests(since)).writes,
    };
  } finally {
    await place.close();
  }
}
