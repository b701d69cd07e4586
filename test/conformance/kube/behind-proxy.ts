/** A reflector behind the fault proxy, on a kind of the test file's own. */
import { expect, onTestFinished } from 'vitest';

import { type FaultProxy, type LoggedRequest, startFaultProxy } from '../../../dev/fault-proxy/index.ts';
import { Availability } from '../../../src/kube/availability.ts';
import { KubeClient } from '../../../src/kube/client.ts';
import type { KubeConnection } from '../../../src/kube/connection.ts';
import { loadKubeConnection } from '../../../src/kube/kubeconfig.ts';
import { type ObjectHandler, Reflector } from '../../../src/kube/reflector.ts';
import { ResourceClient, type Stored } from '../../../src/kube/resource-client.ts';
import { type Clock, type Random, realClock, realRandom } from '../../../src/runtime/clock.ts';
import { recordingLogger } from '../../unit/telemetry/recording-logger.ts';
import { eventually, type makeWidgets, sharedKubeconfig, type Widget } from './widgets.ts';

export interface BehindProxyOptions {
  /** Of the API server behind the proxy: the shared one. */
  readonly kubeconfigPath?: string;
  readonly handler?: Partial<ObjectHandler<Stored<Widget>>>;
  readonly clock?: Clock;
  /** Time limit of a call, for faults that are noticed by it. */
  readonly callTimeoutMs?: number;
  /** In place of reading the credentials of the proxy's kubeconfig. */
  readonly authenticate?: (read: KubeConnection['authenticate']) => ReturnType<KubeConnection['authenticate']>;
}

/** A reflector for which a minute is a second, so that time limits are reached while a test waits. */
export const hurried: Clock = {
  ...realClock,
  monotonicMs: () => realClock.monotonicMs() * 60,
  setTimer: (delayMs, fire) => realClock.setTimer(delayMs / 60, fire),
  sleep: (delayMs, signal) => realClock.sleep(delayMs / 60, signal),
  timeoutSignal: (delayMs, parent) => realClock.timeoutSignal(delayMs / 60, parent),
};

/** Back-offs of a few milliseconds. */
const impatient: Random = { ...realRandom, next: () => 0.02 };

/** @param kit the kind; what the test itself does to its objects goes past the proxy */
export const behindProxy = async (kit: Awaited<ReturnType<typeof makeWidgets>>, options: BehindProxyOptions = {}) => {
  const { kubeconfigPath = sharedKubeconfig(), handler = {}, clock = realClock, authenticate, callTimeoutMs } = options;
  const proxy: FaultProxy = await startFaultProxy({ kubeconfigPath });
  const connection = loadKubeConnection({ kind: 'kubeconfig', path: proxy.kubeconfigPath });
  const logger = recordingLogger();
  const availability = new Availability({ clock, logger });
  const client = new KubeClient({
    connection:
      authenticate === undefined
        ? connection
        : { ...connection, authenticate: () => authenticate(() => connection.authenticate()) },
    clock: realClock,
    availability,
    ...(callTimeoutMs === undefined ? {} : { callTimeoutMs }),
  });
  /** What the handler heard. */
  const heard: string[] = [];
  /** The kinds of the failures that the reflector had. */
  const failures: string[] = [];
  const tell = (what: string, { metadata }: Stored<Widget>, source: string) =>
    void heard.push(`${what} ${metadata.name} by ${source}`);
  const reflector = new Reflector<Widget>({
    client: new ResourceClient<Widget>(client, kit.descriptor),
    namespace: kit.namespace,
    clock,
    random: impatient,
    logger,
    availability,
    observer: {
      listed: () => undefined,
      watchEnded: () => undefined,
      handlerThrew: () => void failures.push('handler'),
      failed: (kind) => void failures.push(kind),
    },
    handler: {
      added: (object, source) => tell('added', object, source),
      updated: (_old, object, source) => tell('updated', object, source),
      deleted: (object, source) => tell('deleted', object, source),
      ...handler,
    },
  });
  onTestFinished(async () => {
    await reflector.stop();
    await client.close();
    await proxy.stop();
  });
  const isWatch = ({ kind }: LoggedRequest): boolean => kind === 'watch';
  return {
    proxy,
    client,
    reflector,
    heard,
    failures,
    logger,
    lists: (): readonly LoggedRequest[] => proxy.requests.filter((request) => !isWatch(request)),
    watches: (): readonly LoggedRequest[] => proxy.requests.filter(isWatch),
    holds: (name: string): boolean => reflector.get(`${kit.namespace}/${name}`) !== undefined,
    /** Starts the reflector and waits until it watches. */
    start: async (): Promise<void> => {
      reflector.start();
      expect(await reflector.whenSynced()).toBe(true);
      await eventually(() => reflector.state() === 'live');
    },
  };
};
