import { Writable } from 'node:stream';

import { describe, expect, it } from 'vitest';

import { createLogger, type LogFormat, type LogLevel } from '../../../src/telemetry/logger.ts';
import { settle, VirtualClock } from '../runtime/virtual-clock.ts';

const build = (format: LogFormat = 'json', level: LogLevel = 'info') => {
  const chunks: string[] = [];
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk.toString());
      done();
    },
  });
  const logger = createLogger({ level, format, clock: new VirtualClock(), destination });
  const lines = async () => {
    await logger.close();
    return chunks.join('').split('\n').slice(0, -1);
  };
  return { logger, lines };
};

describe('the JSON format', () => {
  it('writes time, level and message first, then the fields', async () => {
    const { logger, lines } = build();
    logger.info('bound', { scaleSet: 'web', count: 2 });
    expect(await lines()).toEqual([
      '{"time":"2026-01-01T00:00:00.000Z","level":"info","msg":"bound","scaleSet":"web","count":2}',
    ]);
  });

  it('lets no field take the place of time, level or message', async () => {
    const { logger, lines } = build();
    logger.info('bound', { level: 'x', time: 'y', msg: 'z', message: 'kept' });
    expect(JSON.parse((await lines())[0]!)).toEqual({
      time: '2026-01-01T00:00:00.000Z',
      level: 'info',
      msg: 'bound',
      message: 'kept',
    });
  });
});

describe('the human format', () => {
  it('writes one line of text, with the fields as name=value', async () => {
    const { logger, lines } = build('human');
    logger.warn('lost\ntouch', {
      resource: 'bindings',
      error: new Error('no "answer"'),
      note: 'two words',
      none: undefined,
    });
    expect(await lines()).toEqual([
      '2026-01-01T00:00:00.000Z WARN  lost touch resource=bindings error="no \\"answer\\"" note="two words"',
    ]);
  });
});

describe('a logger', () => {
  it('leaves out what is below its level', async () => {
    const { logger, lines } = build('json', 'warn');
    logger.debug('a');
    logger.info('b');
    logger.warn('c');
    logger.error('d');
    expect((await lines()).map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['c', 'd']);
  });

  it('passes its fields on to its children, where they may be replaced', async () => {
    const { logger, lines } = build();
    logger.child({ controller: 'x', key: 'a' }).child({ key: 'b' }).info('pass');
    expect(JSON.parse((await lines())[0]!)).toMatchObject({ controller: 'x', key: 'b' });
  });

  it.each(['json', 'human'] as const)('writes no secret in the %s format, in message or field', async (format) => {
    const { logger, lines } = build(format);
    const token = 'abcdefghijklmnop';
    logger.error(`sent Bearer ${token}`, { headers: { authorization: token }, url: `https://x.example/?sig=${token}` });
    const [line] = await lines();
    expect(line).toContain('[redacted]');
    expect(line).not.toContain(token);
  });

  it('writes nothing after it was closed, and may be closed twice', async () => {
    const { logger, lines } = build();
    logger.info('a');
    await logger.close();
    logger.error('b');
    await logger.close();
    expect(await lines()).toHaveLength(1);
  });
});

describe('the level', () => {
  it('changes from the next line on, for children too', async () => {
    const { logger, lines } = build('json', 'info');
    const child = logger.child({ a: 1 });
    child.debug('one');
    logger.setLevel('debug');
    child.debug('two');
    logger.setLevel('error');
    child.warn('three');
    expect(logger.level()).toBe('error');
    expect((await lines()).map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
      'log level changed',
      'two',
      'log level changed',
    ]);
  });

  it('is told as it changes, whichever of the two is the more talkative', async () => {
    const { logger, lines } = build('json', 'error');
    logger.setLevel('info');
    logger.setLevel('warn');
    logger.setLevel('warn');
    expect((await lines()).map((line) => JSON.parse(line) as object)).toMatchObject([
      { from: 'error', to: 'info' },
      { from: 'info', to: 'warn' },
    ]);
  });
});

describe('a destination that nobody reads', () => {
  it('loses lines, and nothing else', async () => {
    const destination = new Writable({
      write(_chunk, _encoding, done) {
        done(Object.assign(new Error('broken pipe'), { code: 'EPIPE' }));
      },
      autoDestroy: false,
    });
    const logger = createLogger({ level: 'info', format: 'json', clock: new VirtualClock(), destination });
    for (let line = 0; line < 3; line++) logger.info('lost');
    await logger.close();
    await settle();
    expect(destination.errored).toMatchObject({ code: 'EPIPE' });
  });
});
