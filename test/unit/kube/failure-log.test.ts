import { describe, expect, it } from 'vitest';

import { KubeError } from '../../../src/kube/errors.ts';
import { FailureLog } from '../../../src/kube/failure-log.ts';
import { VirtualClock } from '../runtime/virtual-clock.ts';
import { recordingLogger } from '../telemetry/recording-logger.ts';

const reset = new KubeError('network', 'WATCH /x: ECONNRESET');
const forbidden = new KubeError('forbidden', 'GET /x: Forbidden', { status: 403 });
const next = { then: 'watch', backOff: true } as const;

const build = (isOutage: boolean | (() => boolean) = false) => {
  const clock = new VirtualClock();
  const logger = recordingLogger();
  const failures = new FailureLog({
    clock,
    logger,
    availability: { tellsOf: () => (typeof isOutage === 'function' ? isOutage() : isOutage) },
  });
  return {
    clock,
    failures,
    fail: (error: KubeError, byEvent = false) => failures.failed(error, next, byEvent),
    levels: () => logger.entries.map(({ level }) => level),
    messages: () => logger.entries.filter(({ level }) => level !== 'debug').map(({ message }) => message),
  };
};

describe('what a reflector says of a failure', () => {
  it('is a warning when it will not pass by itself', () => {
    const { fail, levels } = build();
    fail(forbidden);
    expect(levels()).toEqual(['warn']);
  });

  it('is no warning when it may pass, until it has not passed for ten seconds', async () => {
    const { clock, fail, levels } = build();
    fail(reset);
    await clock.advance(9_999);
    fail(reset);
    await clock.advance(1);
    fail(reset);
    expect(levels()).toEqual(['debug', 'debug', 'warn']);
  });

  it('is no warning when a connection breaks now and then', async () => {
    const { clock, failures, fail, messages } = build();
    for (let minute = 0; minute < 60; minute++) {
      fail(reset);
      failures.watching();
      await clock.advance(60_000);
    }
    expect(messages()).toEqual([]);
  });

  it('is a warning when an open watch tells of an error, again and again, but not each time', async () => {
    const { clock, failures, fail, messages } = build();
    for (let minute = 0; minute < 9; minute++) {
      fail(new KubeError('unavailable', 'WATCH /x: InternalError', { status: 500 }), true);
      failures.watching();
      await clock.advance(60_000);
    }
    expect(messages()).toEqual(['lost touch', 'in touch again']);
  });

  it('is told again after ten minutes, and at once when it is of another kind', async () => {
    const { clock, fail, levels } = build();
    fail(forbidden);
    fail(new KubeError('notFound', 'GET /x: NotFound', { status: 404 }));
    await clock.advance(599_999);
    fail(forbidden);
    await clock.advance(1);
    fail(forbidden);
    expect(levels()).toEqual(['warn', 'warn', 'debug', 'warn']);
  });

  it('is left to who tells of the outage', async () => {
    const { clock, failures, fail, messages } = build(true);
    fail(reset);
    await clock.advance(60_000);
    fail(reset);
    failures.watching();
    expect(messages()).toEqual([]);
  });

  it('is no warning when a server that was away has just come back, and a warning when it goes on refusing', async () => {
    let isAway = true;
    const { clock, fail, levels } = build(() => isAway);
    fail(reset);
    await clock.advance(300_000);
    fail(reset);
    isAway = false;
    await clock.advance(30_000);
    fail(forbidden);
    fail(new KubeError('unavailable', 'GET /x: InternalError', { status: 500 }));
    await clock.advance(30_000);
    fail(forbidden);
    expect(levels()).toEqual(['debug', 'debug', 'debug', 'debug', 'warn']);
  });

  it('is no complaint when the version was too old', () => {
    const { failures, fail, messages } = build();
    fail(new KubeError('gone', 'WATCH /x: Expired', { status: 410 }));
    failures.watching();
    expect(messages()).toEqual(['listing anew']);
  });
});
