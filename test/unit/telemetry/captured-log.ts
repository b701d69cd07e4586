import { Writable } from 'node:stream';

import { createLogger, type LogFormat, type Logger, type LogLevel } from '../../../src/telemetry/logger.ts';
import { VirtualClock } from '../runtime/virtual-clock.ts';

/** What a logger at the given level writes while `use` uses it. */
export const captureLog = async (
  use: (logger: Logger) => unknown,
  { format = 'json', level = 'debug' }: { readonly format?: LogFormat; readonly level?: LogLevel } = {},
): Promise<string> => {
  const chunks: string[] = [];
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk.toString());
      done();
    },
  });
  const logger = createLogger({ level, format, clock: new VirtualClock(), destination });
  await use(logger);
  await logger.close();
  return chunks.join('');
};
