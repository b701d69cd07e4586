/** The API server is away for minutes: the processes stay, say so once, and go on by themselves when it is back. */
import { setTimeout as pause } from 'node:timers/promises';

import { type Check, check } from './checks.ts';
import { type Field, openField } from './field.ts';
import { fold } from './model.ts';
import type { Options } from './options.ts';
import { conclude, type Outcome } from './outcome.ts';
import { createRandom, type Random } from './random.ts';
import { settle } from './settle.ts';
import type { Tell } from './stage.ts';

const BETWEEN_MS = 50;
const SETTLE_LIMIT_MS = 300_000;
/** Until the first change after the return has come to Azure. */
const HANDLED_LIMIT_MS = 300_000;

export async function apiServerAway(options: Options, ending: AbortSignal, tell: Tell): Promise<Outcome> {
  const random = createRandom(options.seed);
  const field = await openField(options, random, ending, tell);
  try {
    const { stage, model, load } = field;
    field.startWatching(() => `${stage.elapsed().toFixed(0)} s`);
    await settle(stage, model, SETTLE_LIMIT_MS, tell);
    const processes = processesOf(field);
    const saidBefore = await saidBy(field);

    tell(`everything is as declared; now the API server is away for ${String(options.away)} s`);
    await stage.controlPlane.killApiserver();
    await pause(options.away * 1000, undefined, { signal: ending });
    const saidAway = await saidBy(field);
    await stage.controlPlane.startApiserver();
    const returnedAt = performance.now();
    tell('the API server is back');
    const handledMs = await untilHandled(field, random, returnedAt);
    tell(`a change that was made at once is in Azure ${(handledMs / 1000).toFixed(1)} s after the return`);

    const { checks, series, settledSeconds } = await conclude(field, tell);
    const after = processesOf(field);
    return {
      checks: [
        check(
          'the same processes run',
          processes.join() === after.join() ? [] : [`${processes.join()} before, ${after.join()} now`],
          [`process ids ${processes.join(', ')}`],
        ),
        checkSaidOnce(saidBefore, saidAway),
        ...checks,
      ],
      series,
      figures: {
        'seconds without the API server': options.away,
        'milliseconds from its return to the first change in Azure': Math.round(handledMs),
        'changes of bindings': load.made,
        'seconds until settled': settledSeconds,
      },
      disturbances: {},
      azureRequests: Object.fromEntries([...field.azureLog.counts].toSorted()),
    };
  } finally {
    await field.close();
  }
}

function processesOf({ stage }: Field): readonly string[] {
  return stage.replicas.flatMap(({ replica }) =>
    replica.incarnations.map(({ pid, end }) =>
      end === undefined ? String(pid) : `${String(pid)} (ended with ${end})`,
    ),
  );
}

/** Someone changes a binding as soon as the server is back. @returns how long after the return Azure has it */
async function untilHandled({ model, load, stage }: Field, random: Random, returnedAt: number): Promise<number> {
  const { binding, declared } = random.pick(model.bindings);
  if (declared === undefined) throw new Error(`${binding.key} is not there`);
  const { declarable } = binding.scaleSet.pools;
  const added = random.pick(declarable.filter((id) => !model.expected(binding.scaleSet.id).must.has(fold(id))));
  await load.make({
    kind: 'Declare',
    key: binding.key,
    declared: { ...declared, userAssigned: [...declared.userAssigned, added] },
  });
  for (;;) {
    const { scaleSets } = await stage.azure.snapshot();
    const set = scaleSets.find(({ id }) => fold(id) === fold(binding.scaleSet.id));
    const waitedMs = performance.now() - returnedAt;
    if (set?.userAssigned.some(({ id }) => fold(id) === fold(added)) === true) return waitedMs;
    if (waitedMs > HANDLED_LIMIT_MS) throw new Error(`${added} was not attached after the return`);
    await pause(BETWEEN_MS);
  }
}

/** How often each replica has written each of its warnings and errors. */
type Said = ReadonlyMap<string, number>;

async function saidBy({ stage }: Field): Promise<Said> {
  const said = new Map<string, number>();
  for (const { replica } of stage.replicas) {
    await replica.readLog();
    for (const { log } of replica.incarnations)
      for (const [trouble, count] of log.troubles) said.set(`${replica.name}: ${trouble}`, count);
  }
  return said;
}

function checkSaidOnce(before: Said, away: Said): Check {
  const said = [...away].map(([line, count]) => [line, count - (before.get(line) ?? 0)] as const);
  const found = said.filter(([, count]) => count > 0).map(([line, count]) => `${String(count)} × ${line}`);
  const often = said.filter(([, count]) => count > 1).map(([line, count]) => `${String(count)} × ${line}`);
  return check(
    'it is said once that the API server does not answer',
    found.length === 0 ? ['nothing was said'] : often,
    found,
  );
}
