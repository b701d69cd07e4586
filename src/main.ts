/** The process: flags, signals, exit code. */
import { hostname } from 'node:os';

import { type Config, parseConfig } from './config.ts';
import { version } from './config/version.ts';
import { createOperator } from './operator.ts';
import { realClock, realRandom } from './runtime/clock.ts';
import { endOnUnexpectedErrors, stopOnSignals } from './runtime/end-of-process.ts';
import { createLogger, type RootLogger } from './telemetry/logger.ts';

const FAILURE = 1;
const BAD_INPUT = 2;

// Whoever reads may stop reading: `--help | head -1`.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

const parsed = parseConfig(process.argv.slice(2), process.env);
switch (parsed.kind) {
  case 'help':
  case 'version':
    process.stdout.write(`${parsed.text}\n`);
    break;
  case 'errors':
    process.stderr.write([...parsed.errors, 'See --help for what is accepted.', ''].join('\n'));
    process.exitCode = BAD_INPUT;
    break;
  case 'config':
    await (parsed.config.check ? check(parsed.config) : run(parsed.config));
}

/** Nothing is served, and no signal is waited for: it ends by itself. */
async function check(config: Config): Promise<void> {
  const { runCheck } = await import('./check.ts');
  const logger = loggerFor(config);
  const print = (text: string): void => void process.stdout.write(text);
  const isAllWell = await runCheck({ config, clock: realClock, random: realRandom, logger, print });
  await logger.close();
  if (!isAllWell) process.exitCode = FAILURE;
}

function loggerFor({ logLevel: level, logFormat: format }: Config): RootLogger {
  return createLogger({ level, format, clock: realClock, destination: process.stderr });
}

async function run(config: Config): Promise<void> {
  const logger = loggerFor(config);
  const ending = { process, clock: realClock, logger };
  try {
    const operator = createOperator({
      config,
      clock: realClock,
      random: realRandom,
      logger,
      logLevel: logger,
      instance: hostname(),
    });
    endOnUnexpectedErrors(ending, () => operator.unexpectedError());
    stopOnSignals(() => operator.stop(), ending);
    const { host, port } = await operator.start();
    logger.info('serving health and metrics', { address: `${host}:${String(port)}`, version });
  } catch (error) {
    logger.error('cannot start', { error });
    process.exitCode = FAILURE;
    await logger.close();
  }
}
