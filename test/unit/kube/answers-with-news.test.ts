/** What others did shows in the answer to an own request before its event comes: then nothing but the answer tells of it. */
import { describe, expect, it } from 'vitest';

import { ABANDON_ANNOTATION, BINDING, type VmssIdentityBinding } from '../../../src/api/types.ts';
import { armKey } from '../../../src/identity/arm-id.ts';
import { Availability } from '../../../src/kube/availability.ts';
import { KubeClient } from '../../../src/kube/client.ts';
import { Cluster } from '../../../src/kube/cluster.ts';
import { anonymousConnection } from '../../../src/kube/connection.ts';
import { eventDescriptor, type EventObject } from '../../../src/kube/event-object.ts';
import { EventRecorder } from '../../../src/kube/events.ts';
import type { KubeObject } from '../../../src/kube/object.ts';
import { ResourceClient } from '../../../src/kube/resource-client.ts';
import { MemoryApiServer } from '../../sweep/kube/memory-api-server.ts';
import type { Delivery } from '../../sweep/kube/seam.ts';
import { binding, identityIds, scaleSet } from '../reconcile/objects.ts';
import { seededRandom, settle, VirtualClock } from '../runtime/virtual-clock.ts';
import { recordingLogger } from '../telemetry/recording-logger.ts';

const { signal } = new AbortController();
const WEB = { namespace: 'shop', name: 'web' };
const THEIR_SPEC = { spec: { userAssigned: identityIds(['app', 'other']) } };

/** A view that knows the binding `web`, and whose watches are slower than its answers. */
async function slowView() {
  const clock = new VirtualClock();
  const server = new MemoryApiServer({ clock, random: seededRandom() });
  server.users.createNamespace(WEB.namespace);
  const { apiVersion, kind, spec } = binding(WEB.name);
  server.users.apply(BINDING, { apiVersion, kind, metadata: WEB, spec } as object as KubeObject);
  const late: Delivery[] = [];
  const dispatcher = server.dispatcher({ client: 'view', seam: { event: (delivery) => void late.push(delivery) } });
  const client = new KubeClient({ connection: anonymousConnection('http://in-memory'), clock, dispatcher });
  const parts = { client, clock, random: seededRandom(), logger: recordingLogger() };
  const events = new EventRecorder({
    ...parts,
    client: new ResourceClient<EventObject>(client, eventDescriptor),
    reporter: { controller: 'test.example/view', instance: 'a-pod' },
  });
  const looks: string[] = [];
  const cluster = new Cluster({
    ...parts,
    events,
    availability: new Availability(parts),
    watchNamespaces: undefined,
    changed: (key) => void looks.push(key),
  });
  await cluster.start(signal);
  await settle();
  looks.length = 0;
  const tellAll = async (): Promise<void> => {
    for (const delivery of late.splice(0)) delivery.deliver();
    await settle();
  };
  const known = (): VmssIdentityBinding => cluster.bindingsOf(armKey(scaleSet()))[0]!;
  return { server, cluster, looks, known, tellAll };
}

describe('a view whose watches are slower than its answers', () => {
  it('has the scale set looked at for a spec that came with the answer to an own write', async () => {
    const { server, cluster, looks, known, tellAll } = await slowView();
    server.users.edit(BINDING, WEB, THEIR_SPEC);
    await cluster.addFinalizer(known(), signal);
    await tellAll();
    expect(known().spec.userAssigned).toHaveLength(2);
    expect(looks).toEqual([armKey(scaleSet())]);
  });

  it('has it looked at for the spec that a status was refused for', async () => {
    const { server, cluster, looks, known, tellAll } = await slowView();
    server.users.edit(BINDING, WEB, THEIR_SPEC);
    await cluster.writeStatus(known(), { observedGeneration: 1 }, signal);
    await tellAll();
    expect(known().spec.userAssigned).toHaveLength(2);
    expect(looks).toEqual([armKey(scaleSet())]);
  });

  it('has it looked at for an annotation that came with the answer to an own write', async () => {
    const { server, cluster, looks, known, tellAll } = await slowView();
    server.users.edit(BINDING, WEB, { metadata: { annotations: { [ABANDON_ANNOTATION]: 'true' } } });
    await cluster.writeStatus(known(), { observedGeneration: 1 }, signal);
    await tellAll();
    expect(looks).toEqual([armKey(scaleSet())]);
  });

  it('does not wake itself up with what it wrote', async () => {
    const { cluster, looks, known, tellAll } = await slowView();
    await cluster.addFinalizer(known(), signal);
    await cluster.writeStatus(known(), { observedGeneration: 1 }, signal);
    await tellAll();
    expect(looks).toEqual([]);
  });
});

describe('a view', () => {
  it('holds one copy of a binding, however often it is told of it', async () => {
    const { cluster, known, tellAll } = await slowView();
    await cluster.addFinalizer(known(), signal);
    await tellAll();
    expect(known()).toBe(cluster.all().bindings[0]);
    await cluster.relist(signal);
    expect(known()).toBe(cluster.all().bindings[0]);
  });
});
