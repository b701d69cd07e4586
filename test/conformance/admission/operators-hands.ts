/** The operator's own hands in the cluster, with a token of its service account: what they may not do here, it may not do. */
import { onTestFinished } from 'vitest';

import { Availability } from '../../../src/kube/availability.ts';
import { Cluster } from '../../../src/kube/cluster.ts';
import { eventDescriptor, type EventObject } from '../../../src/kube/event-object.ts';
import { EventRecorder } from '../../../src/kube/events.ts';
import { ResourceClient } from '../../../src/kube/resource-client.ts';
import { realClock, realRandom } from '../../../src/runtime/clock.ts';
import { recordingLogger } from '../../unit/telemetry/recording-logger.ts';
import { clientFor } from '../kube/widgets.ts';
import type { Guarded } from './guarded-cluster.ts';

/** They watch, and are synced. They end with the test. */
export async function operatorsHands({ controlPlane }: Guarded, namespace = 'vmss-identity-system'): Promise<Cluster> {
  const client = clientFor(await controlPlane.serviceAccountKubeconfig(namespace, 'vmss-identity-operator'));
  const parts = { client, clock: realClock, random: realRandom, logger: recordingLogger() };
  const events = new EventRecorder({
    ...parts,
    client: new ResourceClient<EventObject>(client, eventDescriptor),
    reporter: { controller: 'vmss-identity.dev/operator', instance: 'a-pod' },
    ownNamespace: namespace,
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
