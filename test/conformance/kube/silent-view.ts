/** The operator's view of a real API server, behind a proxy that can have its watches fall silent. */
import { expect, onTestFinished } from 'vitest';

import { type FaultProxy, startFaultProxy } from '../../../dev/fault-proxy/index.ts';
import { Availability } from '../../../src/kube/availability.ts';
import { Cluster } from '../../../src/kube/cluster.ts';
import { eventDescriptor, type EventObject } from '../../../src/kube/event-object.ts';
import { EventRecorder } from '../../../src/kube/events.ts';
import { ResourceClient } from '../../../src/kube/resource-client.ts';
import { realClock, realRandom } from '../../../src/runtime/clock.ts';
import { recordingLogger } from '../../unit/telemetry/recording-logger.ts';
import { clientFor, eventually, sharedKubeconfig } from './widgets.ts';

/** A test's own: no scale set of another test has it. */
const group = `g${realRandom.uuid().slice(0, 8)}`;

export function scaleSetId(name: string): string {
  return `/subscriptions/6ba7b810-9dad-41d1-80b4-00c04fd430c8/resourceGroups/${group}/providers/Microsoft.Compute/virtualMachineScaleSets/${name}`;
}

export interface SilentView {
  readonly cluster: Cluster;
  readonly proxy: FaultProxy;
  /** From now on no event of the kind gets through, and nothing says so. */
  silence(plural: string): void;
}

/** A view that is synced and watches. It ends with the test. */
export async function openView(): Promise<SilentView> {
  const proxy = await startFaultProxy({ kubeconfigPath: sharedKubeconfig() });
  const client = clientFor(proxy.kubeconfigPath);
  const parts = { client, clock: realClock, random: realRandom, logger: recordingLogger() };
  const events = new EventRecorder({
    ...parts,
    client: new ResourceClient<EventObject>(client, eventDescriptor),
    reporter: { controller: 'test.example/view', instance: 'a-pod' },
    ownNamespace: 'default',
  });
  const availability = new Availability(parts);
  const changed = (): void => undefined;
  const cluster = new Cluster({ ...parts, events, availability, watchNamespaces: undefined, changed });
  onTestFinished(async () => {
    await cluster.stop();
    await events.stop(0);
    await client.close();
    await proxy.stop();
  });
  expect(await cluster.start(new AbortController().signal)).toBe(true);
  await eventually(() => [...cluster.reflectors.values()].every((reflector) => reflector.state() === 'live'));
  const silence = (plural: string): void => {
    expect(proxy.strike({ kind: 'watch', path: new RegExp(`/${plural}$`) }, { type: 'halfOpen' })).toBe(1);
  };
  return { cluster, proxy, silence };
}
