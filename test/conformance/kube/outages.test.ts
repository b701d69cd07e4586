import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import { type ControlPlane, startControlPlane } from '../../../dev/control-plane/index.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import { Reflector } from '../../../src/kube/reflector.ts';
import { type Clock, realClock, realRandom } from '../../../src/runtime/clock.ts';
import { recordingLogger } from '../../unit/telemetry/recording-logger.ts';
import { clientFor, eventually, kindOf, makeWidgets, type Widget } from './widgets.ts';

/** Of its own, because it is hung up and killed here. */
let controlPlane: ControlPlane;
let client: KubeClient;
let kit: Awaited<ReturnType<typeof makeWidgets>>;
beforeAll(async () => {
  controlPlane = await startControlPlane();
  client = clientFor(controlPlane.kubeconfigPath);
  kit = await makeWidgets(client);
});
afterAll(async () => {
  await client.close();
  await controlPlane.stop();
});

/** A reflector for which a minute is a second, so that time limits are reached while a test waits. */
const hurried: Clock = {
  ...realClock,
  setTimer: (delayMs, fire) => realClock.setTimer(delayMs / 60, fire),
  sleep: (delayMs, signal) => realClock.sleep(delayMs / 60, signal),
  timeoutSignal: (delayMs, parent) => realClock.timeoutSignal(delayMs / 60, parent),
};

const follow = async (clock: Clock) => {
  const failures: string[] = [];
  const names = new Set<string>();
  const nothing = (): void => undefined;
  const reflector = new Reflector<Widget>({
    client: kit.widgets,
    clock,
    random: realRandom,
    logger: recordingLogger(),
    observer: {
      listed: nothing,
      watchEnded: nothing,
      handlerThrew: nothing,
      failed: (kind) => void failures.push(kind),
    },
    handler: {
      added: ({ metadata }) => void names.add(metadata.name),
      updated: nothing,
      deleted: ({ metadata }) => void names.delete(metadata.name),
    },
  });
  onTestFinished(() => reflector.stop());
  reflector.start();
  expect(await reflector.whenSynced()).toBe(true);
  await eventually(() => reflector.state() === 'live');
  return { reflector, failures, names };
};

describe('a server that is killed and comes back', () => {
  it('is found again by reflectors, which have lost nothing and miss nothing', async () => {
    await kit.make('before');
    const { failures, names } = await follow(realClock);
    await controlPlane.restartApiserver();
    await eventually(() => kit.make('after').then(Boolean, () => false));
    await eventually(() => names.has('after'));
    expect(names).toContain('before');
    expect(failures).not.toEqual([]);
  });
});

describe('a server that hangs', () => {
  it('does not hold a call longer than its time limit', async () => {
    controlPlane.pauseApiserver();
    try {
      const call = client.call({ method: 'GET', path: '/version', timeoutMs: 500 });
      expect(await kindOf(call)).toBe('timeout');
    } finally {
      controlPlane.resumeApiserver();
    }
    expect(await kindOf(client.call({ method: 'GET', path: '/version' }))).toBe('none');
  });

  it('with connections open is noticed by reflectors, which go on when it comes back', async () => {
    const { reflector, failures, names } = await follow(hurried);
    controlPlane.pauseApiserver();
    try {
      await eventually(() => failures.includes('timeout'));
      expect(reflector.synced()).toBe(true);
      expect(names).toContain('before');
    } finally {
      controlPlane.resumeApiserver();
    }
    await eventually(() => kit.make('resumed').then(Boolean, () => false));
    await eventually(() => names.has('resumed'));
  });
});
