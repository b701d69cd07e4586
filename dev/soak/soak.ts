/** The soak itself: hardships for as long as was asked for, then quiet, then the questions. */
import { check } from './checks.ts';
import { type Field, openField } from './field.ts';
import { Hardship } from './hardship.ts';
import type { Options } from './options.ts';
import { conclude, type Outcome } from './outcome.ts';
import { createRandom } from './random.ts';
import type { Tell } from './stage.ts';
import { Timetable } from './timetable.ts';

export async function soak(options: Options, ending: AbortSignal, tell: Tell): Promise<Outcome> {
  const random = createRandom(options.seed);
  const field = await openField(options, random, ending, tell);
  try {
    const { stage, model, load, azureLog, fleet, leaseMs } = field;
    const hardship = new Hardship(stage.azure, model, random.fork('hardship'));
    const disturbed = { stage, fleet, random: random.fork('disturbances'), leaseMs, tell };
    const timetable = new Timetable(
      disturbed,
      options.only?.split(',').map((name) => name.trim()),
    );
    field.startWatching(() => progressLine(field, hardship, timetable));

    const lastsMs = options.minutes * 60_000;
    const broken = new AbortController();
    const over = AbortSignal.any([ending, broken.signal, AbortSignal.timeout(lastsMs)]);
    const hardships = [
      load.run(options.changes, over),
      hardship.interfere(options.drift, over),
      hardship.spoil(over),
      timetable.run(lastsMs, over),
    ];
    await Promise.all(hardships).catch(async (error: unknown) => {
      broken.abort();
      await Promise.allSettled(hardships);
      throw error;
    });
    ending.throwIfAborted();

    tell('the hardships are over: everything has to become as it must be');
    const { checks, series, settledSeconds, requests } = await conclude(field, tell);
    const disturbances = check('every disturbance was possible', timetable.failures, [
      `${String(timetable.total)} disturbances`,
    ]);
    return {
      checks: [...checks, disturbances],
      series,
      figures: {
        'changes of bindings': load.made,
        'changes by others': hardship.interferences,
        'faults planned for Azure': hardship.faults,
        'writes to Azure': azureLog.writes.length,
        'seconds until settled': settledSeconds,
        'requests to look again while settling': requests,
      },
      disturbances: timetable.counts,
      azureRequests: Object.fromEntries([...azureLog.counts].toSorted()),
    };
  } finally {
    await field.close();
  }
}

function progressLine({ stage, load, azureLog }: Field, hardship: Hardship, timetable: Timetable): string {
  const processes = stage.replicas.map(({ replica }) => {
    const last = replica.incarnations.at(-1)?.samples.at(-1);
    const figures =
      last && `${last.rssMib.toFixed(0)} MiB, ${String(last.sockets)} sockets, ${String(last.files)} files`;
    return `${replica.name}${replica.saysThatItLeads ? ' (leads)' : ''}: ${figures ?? 'not measured'}`;
  });
  return [
    `${stage.elapsed().toFixed(0)} s`,
    `${String(load.made)} changes (${String(load.outstanding)} on their way)`,
    `${String(hardship.interferences)} by others`,
    `${String(azureLog.writes.length)} writes to Azure`,
    `${String(timetable.total)} disturbances`,
    ...processes,
  ].join(' · ');
}
