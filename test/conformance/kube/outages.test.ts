import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import { type ControlPlane, startControlPlane } from '../../../dev/control-plane/index.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import { Reflector } from '../../../src/kube/reflector.ts';
import { ResourceClient } from '../../../src/kube/resource-client.ts';
import { type Clock, realClock, realRandom } from '../../../src/runtime/clock.ts';
import { recordingLogger } from '../../unit/telemetry/recording-logger.ts';
import { hurried } from './behind-proxy.ts';
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

const follow = async (clock: Clock, widgets = kit.widgets) => {
  const failures: string[] = [];
  const names = new Set<string>();
  const nothing = (): void => undefined;
  const reflector = new Reflector<Widget>({
    client: widgets,
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
      // A process goes on for a moment after it was told to stop.
      const call = () => client.call({ method: 'GET', path: '/version', timeoutMs: 500 });
      await eventually(async () => (await kindOf(call())) === 'timeout');
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

describe('a server whose etcd hangs', () => {
  const tryToMake = (name: string): Promise<string> =>
    kindOf(kit.widgets.create({ metadata: { name, namespace: kit.namespace } }, { timeoutMs: 1_000 }));

  it('is watched on, and what is known stays known', async () => {
    const { reflector, failures, names } = await follow(realClock);
    controlPlane.pauseEtcd();
    let stuck = '';
    try {
      // A process goes on for a moment after it was told to stop.
      await eventually(async () => (await tryToMake((stuck = `stuck-${realRandom.uuid()}`))) === 'timeout');
      expect(reflector.state()).toBe('live');
      expect(names).toContain('before');
    } finally {
      controlPlane.resumeEtcd();
    }
    await eventually(async () => ['none', 'alreadyExists'].includes(await tryToMake(stuck)));
    await eventually(() => names.has(stuck));
    expect(failures).toEqual([]);
  });

  it('in the middle of lists empties nothing, and all is caught up with afterwards', async () => {
    const hasty = clientFor(controlPlane.kubeconfigPath, 1_000);
    onTestFinished(() => hasty.close());
    const { reflector, failures, names } = await follow(hurried, new ResourceClient<Widget>(hasty, kit.descriptor));
    controlPlane.pauseEtcd();
    const listed = reflector.relist();
    try {
      await eventually(() => failures.includes('timeout'));
      expect(names).toContain('before');
    } finally {
      controlPlane.resumeEtcd();
    }
    expect(await listed).toBe(true);
    await eventually(async () => ['none', 'alreadyExists'].includes(await tryToMake('caught-up')));
    await eventually(() => names.has('caught-up'));
    expect(names).toContain('before');
  });
});
