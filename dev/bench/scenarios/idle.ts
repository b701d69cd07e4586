/** An operator with nothing to do. */
import { setTimeout as pause } from 'node:timers/promises';

import { openPlace } from '../place.ts';
import type { Measured, Scenario } from '../scenario.ts';
import { usageDuring } from '../watch-usage.ts';

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
    const operator = await place.startOperator();
    const readyAt = await operator.ready();
    await operator.said('at work');
    await pause(SETTLES_MS);
    const { usage } = await usageDuring(operator, () => pause(REST_MS));
    const { rssMib } = await operator.usage();
    await operator.end();
    return {
      ready: (readyAt - operator.startedAt) / 1000,
      rss: rssMib,
      cpu: (usage.cpuSeconds / usage.wallSeconds) * 100,
    };
  } finally {
    await place.close();
  }
}
