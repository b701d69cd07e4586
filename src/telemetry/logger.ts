import type { Writable } from 'node:stream';

import winston from 'winston';

import type { Clock } from '../runtime/clock.ts';
import { redactFields, redactText } from './redact.ts';

export const logLevels = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof logLevels)[number];
export const logFormats = ['json', 'human'] as const;
export type LogFormat = (typeof logFormats)[number];

/** Named values that belong to a line. An `Error` is written with its name, message, kind and code. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Structured logging. Whatever is passed, no token, signed URL or authorization header reaches the output. */
export interface Logger {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  /** A logger whose every line also has these fields. */
  child(fields: LogFields): Logger;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly clock: Pick<Clock, 'now'>;
  readonly destination: Writable;
}

/** How much is logged, which may change while the process runs. */
export interface LogLevelControl {
  /** All there are, the least talkative first. */
  readonly levels: readonly LogLevel[];
  level(): LogLevel;
  /** From the next line on, for all children too. */
  setLevel(level: LogLevel): void;
}

/** The logger at the root, which owns the way out. */
export interface RootLogger extends Logger, LogLevelControl {
  /** Resolves when every line has been handed to the destination, which stays open. What is logged later is lost. */
  close(): Promise<void>;
}

export const createLogger = ({ level: first, format, clock, destination }: LoggerOptions): RootLogger => {
  const render = format === 'json' ? asJson : asText;
  const root = winston.createLogger({
    // What is below the level never gets here.
    level: 'debug',
    levels: Object.fromEntries(logLevels.map((name, severity) => [name, severity])),
    format: winston.format.printf(({ line }) => render(line as Line)),
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- winston declares its transports as interfaces.
    transports: [new winston.transports.Stream({ stream: destination })],
  });
  // Where nobody reads any more (EPIPE), lines are lost: no reason to stop, and none that could be told.
  destination.on('error', () => undefined);
  let level = first;
  let closed: Promise<void> | undefined;
  const isWritten = (at: LogLevel): boolean => logLevels.indexOf(at) <= logLevels.indexOf(level);
  const write: Write = (at, message, fields) => {
    if (closed !== undefined || !isWritten(at)) return;
    // As one value: winston joins a field named `message` to the message, and takes one named `level` for the level.
    root.log({ level: at, message: '', line: { timeMs: clock.now(), level: at, message, fields } satisfies Line });
  };
  return {
    ...loggerWith([], write),
    levels: logLevels,
    level: () => level,
    setLevel(next) {
      const before = level;
      if (next === before) return;
      // Told under the more talkative of the two.
      level = logLevels[Math.max(logLevels.indexOf(before), logLevels.indexOf(next))] ?? next;
      write('info', 'log level changed', [{ from: before, to: next }]);
      level = next;
    },
    close: () => (closed ??= end(root)),
  };
};

const end = async (root: winston.Logger): Promise<void> => {
  const finished = Promise.withResolvers<undefined>();
  root.once('finish', () => finished.resolve(undefined));
  root.end();
  await finished.promise;
};

type Write = (level: LogLevel, message: string, fields: readonly LogFields[]) => void;

const loggerWith = (own: readonly LogFields[], write: Write): Logger => {
  const at =
    (level: LogLevel) =>
    (message: string, fields?: LogFields): void =>
      write(level, message, fields === undefined ? own : [...own, fields]);
  return {
    error: at('error'),
    warn: at('warn'),
    info: at('info'),
    debug: at('debug'),
    child: (fields) => loggerWith([...own, fields], write),
  };
};

interface Line {
  readonly timeMs: number;
  readonly level: LogLevel;
  readonly message: string;
  /** The later ones count. */
  readonly fields: readonly LogFields[];
}

const timestamp = (timeMs: number): string => new Date(timeMs).toISOString();

const asJson = ({ timeMs, level, message, fields }: Line): string => {
  const fixed = { time: timestamp(timeMs), level, msg: redactText(message) };
  // First to be read first, and last so that no field takes their place.
  return printable(JSON.stringify({ ...fixed, ...redactFields(...fields), ...fixed }));
};

const asText = ({ timeMs, level, message, fields }: Line): string =>
  [
    timestamp(timeMs),
    level.toUpperCase().padEnd(5),
    oneLine(redactText(message)),
    ...Object.entries(redactFields(...fields)).flatMap(([name, value]) =>
      value === undefined ? [] : [`${oneLine(name)}=${printable(textOf(value))}`],
    ),
  ].join(' ');

/** An error is its message here: kinds and stacks are for the JSON format. */
const textOf = (value: unknown): string => {
  if (typeof value === 'string') return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
  if (typeof value === 'object' && value !== null && 'name' in value && 'message' in value)
    return JSON.stringify(value.message);
  return JSON.stringify(value);
};

/** Nothing that comes from outside may begin a line of its own, or tell a terminal what to do. */
const oneLine = (text: string): string => text.replace(controls, ' ');

/** The same for JSON, which escapes only some of them. */
const printable = (json: string): string =>
  json.replace(controls, (found) =>
    Array.from(found, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  );

// eslint-disable-next-line no-control-regex -- these are what it is about
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;
