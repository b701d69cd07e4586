/** `npm run soak`: see `docs/reliability.md`. Exit code 0 when every check held, 1 when not, 2 for what it cannot do. */
import { randomInt } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';

import { runCommand } from '../stage/command-line.ts';
import { apiServerAway } from './away.ts';
import { type Options, parseOptions } from './options.ts';
import { reportOf } from './report.ts';
import { soak } from './soak.ts';

await runCommand('the soak', () => run(parseOptions(process.argv.slice(2), randomInt(2 ** 32))));

async function run(options: Options): Promise<void> {
  const begin = new Date();
  say(`${options.scenario}, seed ${String(options.seed)}: repeat it with --seed ${String(options.seed)}`);
  const scenario = { soak, 'api-server-away': apiServerAway }[options.scenario];
  const outcome = await scenario(options, interruption(), tell);
  say(reportOf(outcome));
  const machine = {
    cpus: availableParallelism(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  };
  if (options.json !== undefined)
    await writeFile(
      options.json,
      `${JSON.stringify({ options, begin, end: new Date(), machine, ...outcome }, undefined, 1)}\n`,
    );
  const failed = outcome.checks.filter(({ ok }) => !ok).length;
  say(`${String(outcome.checks.length - failed)} checks held, ${String(failed)} failed; seed ${String(options.seed)}`);
  if (failed > 0) process.exitCode = 1;
}

/** Aborts at the first Ctrl-C or SIGTERM; the second ends the process at once, and with it everything it started. */
function interruption(): AbortSignal {
  const interrupted = new AbortController();
  const interrupt = (): void => {
    if (interrupted.signal.aborted) process.exit(1);
    say('stopping');
    interrupted.abort(new Error('interrupted'));
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return interrupted.signal;
}

function tell(line: string): void {
  say(`${new Date().toISOString().slice(11, 19)}  ${line}`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
