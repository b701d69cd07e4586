import { EventEmitter } from 'node:events';

import { describe, expect, it } from 'vitest';

import { endOnUnexpectedErrors, stopOnSignals } from '../../../src/runtime/end-of-process.ts';
import { recordingLogger } from '../telemetry/recording-logger.ts';
import { settle, VirtualClock } from './virtual-clock.ts';

const never = (): Promise<void> => new Promise(() => undefined);

const build = ({ close = () => Promise.resolve() }: { readonly close?: () => Promise<void> } = {}) => {
  const clock = new VirtualClock();
  const log = recordingLogger();
  const exits: number[] = [];
  const process = Object.assign(new EventEmitter(), { exit: (code: number) => exits.push(code) });
  const options = { process, clock, logger: { ...log, close } };
  return { clock, log, exits, process, options, messages: () => log.entries.map(({ message }) => message) };
};

describe.each(['SIGTERM', 'SIGINT'])('%s', (signal) => {
  it('has the process stop, and exit with 0 when it has', async () => {
    const { exits, process, options } = build();
    const stopped = Promise.withResolvers<undefined>();
    stopOnSignals(() => stopped.promise, options);
    process.emit(signal, signal);
    await settle();
    expect(exits).toEqual([]);
    stopped.resolve(undefined);
    await settle();
    expect(exits).toEqual([0]);
  });

  it('for the second time has it exit with 1 at once', () => {
    const { exits, process, options } = build();
    stopOnSignals(never, options);
    process.emit(signal, signal);
    process.emit('SIGTERM', 'SIGTERM');
    expect(exits).toEqual([1]);
  });
});

describe('a stop', () => {
  it('that takes more than 25 s ends with 1, and says so', async () => {
    const { clock, exits, process, options, messages } = build();
    stopOnSignals(never, options);
    process.emit('SIGTERM', 'SIGTERM');
    await clock.advance(24_999);
    expect(exits).toEqual([]);
    await clock.advance(1);
    expect(exits).toEqual([1]);
    expect(messages()).toContain('could not stop in good order');
  });

  it('that fails ends with 1, and says so', async () => {
    const { exits, process, options, messages } = build();
    stopOnSignals(() => Promise.reject(new Error('no')), options);
    process.emit('SIGTERM', 'SIGTERM');
    await settle();
    expect(exits).toEqual([1]);
    expect(messages()).toContain('could not stop in good order');
  });

  it('leaves no timer', async () => {
    const { clock, process, options } = build();
    stopOnSignals(() => Promise.resolve(), options);
    process.emit('SIGTERM', 'SIGTERM');
    await settle();
    expect(clock.pending).toBe(0);
  });
});

describe.each(['uncaughtException', 'unhandledRejection'])('an error that nobody expected (%s)', (event) => {
  it('is logged and noted, and the process exits with 1 once that is written', async () => {
    const written = Promise.withResolvers<undefined>();
    const { exits, process, options, log } = build({ close: () => written.promise });
    let noted = 0;
    endOnUnexpectedErrors(options, () => (noted += 1));
    const error = new Error('surprise');
    process.emit(event, error);
    await settle();
    expect(log.entries).toEqual([{ level: 'error', message: 'unexpected error', fields: { error } }]);
    expect({ noted, exits }).toEqual({ noted: 1, exits: [] });
    written.resolve(undefined);
    await settle();
    expect(exits).toEqual([1]);
  });

  it('ends the process though the log cannot be written', async () => {
    const { clock, exits, process, options } = build({ close: never });
    endOnUnexpectedErrors(options);
    process.emit(event, new Error('surprise'));
    await clock.advance(2_000);
    expect(exits).toEqual([1]);
  });

  it('ends the process though writing the log fails', async () => {
    const { exits, process, options } = build({ close: () => Promise.reject(new Error('EPIPE')) });
    endOnUnexpectedErrors(options);
    process.emit(event, new Error('surprise'));
    await settle();
    expect(exits).toEqual([1]);
  });

  it('is logged when it follows another, and ends the process once', async () => {
    const { exits, process, options, messages } = build();
    endOnUnexpectedErrors(options);
    process.emit(event, new Error('one'));
    process.emit(event, 'two');
    await settle();
    expect(messages()).toEqual(['unexpected error', 'unexpected error']);
    expect(exits).toEqual([1]);
  });
});
