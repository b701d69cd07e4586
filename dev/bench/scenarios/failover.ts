/** The leader goes, in order or not, and another replica stands by. */
import { bindingOf, BINDINGS, identityId, nameOf } from '../fleet.ts';
import type { OperatorProcess } from '../operator-process.ts';
import { openPlace, type Place } from '../place.ts';
import type { Measured, Scenario } from '../scenario.ts';
import { WITHOUT_BUDGET } from './cold.ts';

const LIMIT_MS = 180_000;

export const failover: Scenario = {
  name: 'failover',
  about: 'Another replica takes over, with the default --lease-duration of 45 s',
  figures: {
    handOver: { about: 'from the end of the leader by SIGTERM to a change that came meanwhile being Ready', unit: 's' },
    takeOver: { about: 'from the end of the leader by SIGKILL to a change that came meanwhile being Ready', unit: 's' },
  },
  run,
};

async function run(): Promise<Measured> {
  const place = await openPlace({ scaleSets: 1, flags: WITHOUT_BUDGET, azure: { operationMs: 0 } });
  try {
    await place.create([bindingOf(0)]);
    const first = await place.startOperator();
    await place.readiness.allReady(1, LIMIT_MS);
    const second = await standby(place);
    const handOver = await without(place, first, 'SIGTERM', 2);
    await second.said('at work');
    const third = await standby(place);
    const takeOver = await without(place, second, 'SIGKILL', 3);
    await third.end();
    return { handOver, takeOver };
  } finally {
    await place.close();
  }
}

async function standby(place: Place): Promise<OperatorProcess> {
  const operator = await place.startOperator();
  await operator.said('another process leads');
  return operator;
}

/** @param generation that the change of the spec will have */
async function without(
  { api, readiness }: Place,
  leader: OperatorProcess,
  signal: 'SIGTERM' | 'SIGKILL',
  generation: number,
): Promise<number> {
  const begin = Date.now();
  // The change comes once it is gone, which can then not have been the one to see to it.
  await leader.end(signal);
  const { spec } = bindingOf(0, [identityId(generation)]);
  await api.patch(`${BINDINGS}/${nameOf(0)}`, { spec });
  return ((await readiness.ready(nameOf(0), generation, LIMIT_MS)) - begin) / 1000;
}
