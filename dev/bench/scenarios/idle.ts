/** An operator with nothing to do. */
import { setTimeout as pause } from 'node:timers/promises';

import { openPlace } from '../place.ts';
import type { Measured, Scenario } from '../scenario.ts';

/** After the last list and the first scavenges. */
const SETTLES_MS = 10_000;
const REST_MS = 30_000;

export const idle: Scenario = {
  name: 'idle',
  about: 'No binding at all',
  figures: {
    ready: { about: 'from the start of the process to ready', unit: 's', target: 1 },
    rss: { about: 'resident memory', unit: 'MiB', target: 90 },
    cpu: { about: 'at rest', unit: '% of a core', target: 1 },
  },
  run,
};

async function run(): Promise<Measured> {
  const place = await openPlace({ scaleSets: 1, flags: [], azure: {} });
  try {
    await place.quiet();
    const operator = await place.startOperator();
    const readyAt = await operator.ready();
    await operator.said('at work');
    await pause(SETTLES_MS);
    // Nobody looks at it meanwhile: answering takes more than resting.
    const before = await operator.usage();
    await pause(REST_MS);
    const { cpuSeconds, rssMib } = await operator.usage();
    await operator.end();
    return {
      ready: (readyAt - operator.startedAt) / 1000,
      rss: rssMib,
      cpu: ((cpuSeconds - before.cpuSeconds) / REST_MS) * 1000 * 100,
    };
  } finally {
    await place.close();
  }
}
