import type { LogFields, Logger, LogLevel } from '../../../src/telemetry/logger.ts';

export interface Entry {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

export interface RecordingLogger extends Logger {
  /** Everything that was logged by it and its children, unredacted. */
  readonly entries: readonly Entry[];
}

/** Keeps what is logged, for a test to look at. */
export const recordingLogger = (): RecordingLogger => {
  const entries: Entry[] = [];
  const withFields = (own: LogFields): Logger => {
    const at = (level: LogLevel) => (message: string, fields?: LogFields) => {
      entries.push({ level, message, fields: { ...own, ...fields } });
    };
    return {
      error: at('error'),
      warn: at('warn'),
      info: at('info'),
      debug: at('debug'),
      child: (fields) => withFields({ ...own, ...fields }),
    };
  };
  return { ...withFields({}), entries };
};
