/** The process: flags, signals, exit code. */
import { hostname } from 'node:os';

import { type Config, parseConfig } from './config.ts';
import { version } from './config/version.ts';
import { createOperator, type Operator } from './operator.ts';
import { realClock, realRandom } from './runtime/clock.ts';
import { createLogger, type RootLogger } from './telemetry/logger.ts';

const FAILURE = 1;
const BAD_INPUT = 2;

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
    await run(parsed.config);
}

async function run(config: Config): Promise<void> {
  const logger = createLogger({
    level: config.logLevel,
    format: config.logFormat,
    clock: realClock,
    destination: process.stderr,
  });
  let operator: Operator;
  try {
    operator = createOperator({ config, clock: realClock, random: realRandom, logger, instance: hostname() });
    dieOfUnexpectedErrors(operator, logger);
    stopOnSignals(operator, logger);
    const { host, port } = await operator.start();
    logger.info('serving health and metrics', { address: `${host}:${String(port)}`, version });
  } catch (error) {
    logger.error('cannot start', { error });
    process.exitCode = FAILURE;
    await logger.close();
  }
}

/** The first signal stops in good order, the second at once. */
function stopOnSignals(operator: Operator, logger: RootLogger): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(FAILURE);
    stopping = true;
    logger.info('signal received', { signal });
    void operator.stop().then(async () => {
      await logger.close();
      process.exit(0);
    });
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

/** What nobody caught leaves the process in a state that nobody knows: it ends, and is started anew. */
function dieOfUnexpectedErrors(operator: Operator, logger: RootLogger): void {
  const die = (error: unknown): void => {
    operator.unexpectedError();
    logger.error('unexpected error', { error });
    void logger.close().then(() => process.exit(FAILURE));
  };
  process.on('uncaughtException', die);
  process.on('unhandledRejection', die);
}
