/**
 * `npm run bench:fleet`: how long the operator takes to bring a fleet of scale sets to where it is wanted, beside the least
 * that latency and Azure's limits allow. The whole operator runs in this process, on virtual time, with the simulated
 * Azure under Azure's own limits and the API server in memory; scale sets have no identity in the beginning.
 */
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';

import { CommanderError } from 'commander';

import { type Options, parseOptions } from './options.ts';
import { recordOf } from './record.ts';
import { reportOf } from './report.ts';
import { type FleetProgress, runFleet } from './run-fleet.ts';

/** Virtual minutes between two lines of progress. */
const TELL_EVERY = 10;

async function main({ json, restMinutes, ...fleet }: Options): Promise<void> {
  const { subscriptions, scaleSets, identities, locations, ...conditions } = fleet;
  const size = { subscriptions, scaleSets, identities, locations };
  const startedMs = performance.now();
  const run = await runFleet(fleet, { restMs: restMinutes * 60_000, onProgress: teller() });
  const record = recordOf(size, conditions, run, {
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    cores: availableParallelism(),
    wallSeconds: Math.round((performance.now() - startedMs) / 1000),
    peakRssMib: Math.round(process.resourceUsage().maxRSS / 1024),
  });
  process.stdout.write(`\n${reportOf(record)}`);
  for (const [line, count] of Object.entries(run.complaints)) process.stdout.write(`logged ${count} times: ${line}\n`);
  if (!run.isAsWanted) throw new Error('Azure has not all that was declared');
  await writeFile(json, `${JSON.stringify(record, undefined, 2)}\n`);
}

function teller(): (progress: FleetProgress) => void {
  let minute = 0;
  return ({ ready }) => {
    if (minute % TELL_EVERY === 0) process.stderr.write(`virtual minute ${minute}: ${ready} are Ready\n`);
    minute += 1;
  };
}

try {
  await main(parseOptions(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode;
}
