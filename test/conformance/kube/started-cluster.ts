/** The cluster as the operator sees it and writes to it, by its own code. */
import { onTestFinished } from 'vitest';

import { Availability } from '../../../src/kube/availability.ts';
import { Cluster } from '../../../src/kube/cluster.ts';
import { eventDescriptor, type EventObject } from '../../../src/kube/event-object.ts';
import { EventRecorder } from '../../../src/kube/events.ts';
import { ResourceClient } from '../../../src/kube/resource-client.ts';
import { realClock, realRandom } from '../../../src/runtime/clock.ts';
import { recordingLogger } from '../../unit/telemetry/recording-logger.ts';
import { clientFor } from './widgets.ts';

/**
 * One that watches, and is synced. It ends with the test.
 * @param controller who reports its events
 * @throws Error when it is not synced
 */
export async function startCluster(kubeconfigPath: string, ownNamespace: string, controller: string): Promise<Cluster> {
  const client = clientFor(kubeconfigPath);
  const parts = { client, clock: realClock, random: realRandom, logger: recordingLogger() };
  const events = new EventRecorder({
    ...parts,
    client: new ResourceClient<EventObject>(client, eventDescriptor),
    reporter: { controller, instance: 'a-pod' },
    ownNamespace,
  });
  const availability = new Availability(parts);
  const changed = (): void => undefined;
  const cluster = new Cluster({ ...parts, events, availability, watchNamespaces: undefined, changed });
  onTestFinished(async () => {
    await cluster.stop();
    await events.stop(0);
    await client.close();
  });
  if (!(await cluster.start(new AbortController().signal))) throw new Error('the operator sees nothing');
  return cluster;
}
