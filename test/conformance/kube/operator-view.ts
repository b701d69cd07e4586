/** The operator's view of the cluster, with the fault proxy between the two. */
import { expect, onTestFinished } from 'vitest';

import { type FaultProxy, startFaultProxy } from '../../../dev/fault-proxy/index.ts';
import { Cluster } from '../../../src/kube/cluster.ts';
import { eventDescriptor, type EventObject } from '../../../src/kube/event-object.ts';
import { EventRecorder } from '../../../src/kube/events.ts';
import { ResourceClient } from '../../../src/kube/resource-client.ts';
import { realClock, realRandom } from '../../../src/runtime/clock.ts';
import { recordingLogger } from '../../unit/telemetry/recording-logger.ts';
import { clientFor, eventually, sharedKubeconfig } from './widgets.ts';

export interface OperatorView {
  readonly cluster: Cluster;
  readonly proxy: FaultProxy;
}

/** Synced and watching; ends with the test. */
export async function operatorView(): Promise<OperatorView> {
  const proxy = await startFaultProxy({ kubeconfigPath: sharedKubeconfig() });
  const client = clientFor(proxy.kubeconfigPath);
  const parts = { client, clock: realClock, random: realRandom, logger: recordingLogger() };
  const reporter = { controller: 'test.example/view', instance: 'a-pod' };
  const events = new EventRecorder({
    ...parts,
    client: new ResourceClient<EventObject>(client, eventDescriptor),
    reporter,
  });
  const cluster = new Cluster({ ...parts, events, watchNamespaces: undefined, changed: () => undefined });
  onTestFinished(async () => {
    await cluster.stop();
    await events.stop(0);
    await client.close();
    await proxy.stop();
  });
  expect(await cluster.start(new AbortController().signal)).toBe(true);
  await eventually(() => [...cluster.reflectors.values()].every((reflector) => reflector.state() === 'live'));
  return { cluster, proxy };
}

/** No event of this kind gets through any more, and nothing says so. */
export function silence(proxy: FaultProxy, plural: string): void {
  expect(proxy.strike({ kind: 'watch', path: new RegExp(`/${plural}$`) }, { type: 'halfOpen' })).toBe(1);
}
