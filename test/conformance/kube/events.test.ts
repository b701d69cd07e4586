import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { KubeClient } from '../../../src/kube/client.ts';
import { eventDescriptor, type EventObject, type EventToRecord } from '../../../src/kube/event-object.ts';
import { EventRecorder } from '../../../src/kube/events.ts';
import { ResourceClient } from '../../../src/kube/resource-client.ts';
import { realClock, realRandom } from '../../../src/runtime/clock.ts';
import { recordingLogger } from '../../unit/telemetry/recording-logger.ts';
import { clientFor, eventually, makeWidgets, sharedKubeconfig } from './widgets.ts';

let client: KubeClient;
let kit: Awaited<ReturnType<typeof makeWidgets>>;
beforeAll(async () => {
  client = clientFor(sharedKubeconfig());
  kit = await makeWidgets(client);
});
afterAll(() => client.close());

/** Where the events lie of namespaces that take none. */
const ownNamespace = `operator-${realRandom.uuid().slice(0, 8)}`;

/** Records events and says how each of them ended. */
const record = async (...events: readonly EventToRecord[]): Promise<readonly string[]> => {
  const results: string[] = [];
  const logger = recordingLogger();
  const recorder = new EventRecorder({
    client: new ResourceClient<EventObject>(client, eventDescriptor),
    reporter: { controller: 'test.example/operator', instance: 'a-pod' },
    ownNamespace,
    clock: realClock,
    random: realRandom,
    logger,
    observer: { eventEnded: (result) => void results.push(result) },
  });
  for (const [index, event] of events.entries()) {
    recorder.record(event);
    await eventually(() => results.length > index);
  }
  await recorder.stop(10_000);
  return [...results, ...logger.entries.map(({ fields }) => (fields['error'] as Error).message)];
};

const regarding = (kind: string, name: string, namespace?: string) => ({
  apiVersion: `${kit.descriptor.group}/v1`,
  kind,
  name,
  namespace,
  uid: realRandom.uuid(),
});

const painted = { type: 'Normal', reason: 'Painted', action: 'Paint', note: 'painted it blue' } as const;

const read = async (namespace: string, name: string): Promise<readonly EventObject[]> => {
  const { items } = await new ResourceClient<EventObject>(client, eventDescriptor).list({ namespace });
  return items.filter((event) => event.regarding.name === name);
};

const makeNamespace = async (name: string, finalizers: readonly string[] = []): Promise<void> => {
  const body = { metadata: { name }, spec: { finalizers } };
  await client.call({ method: 'POST', path: '/api/v1/namespaces', body });
};

describe('the server takes an event', () => {
  it('about a namespaced object, and counts its repetitions', async () => {
    const event = { ...painted, regarding: regarding('Widget', 'web', kit.namespace) };
    expect(await record(event, event, event)).toEqual(['written', 'written', 'written']);
    expect(await read(kit.namespace, 'web')).toMatchObject([
      {
        reason: 'Painted',
        note: 'painted it blue',
        series: { count: 3 },
        reportingController: 'test.example/operator',
      },
    ]);
  });

  it('about a cluster-scoped object, in default', async () => {
    const name = `cluster-scoped-${realRandom.uuid()}`;
    expect(await record({ ...painted, regarding: regarding('Ledger', name) })).toEqual(['written']);
    expect(await read('default', name)).toHaveLength(1);
  });

  it('about a cluster-scoped object, in a namespace of choice', async () => {
    const event = { ...painted, regarding: regarding('Ledger', 'elsewhere'), namespace: kit.namespace };
    expect(await record(event)).toEqual(['written']);
    expect(await read(kit.namespace, 'elsewhere')).toHaveLength(1);
  });

  it('whose texts are as long as they may be, about an object with the longest name', async () => {
    const event: EventToRecord = {
      type: 'Warning',
      reason: 'R'.repeat(128),
      action: 'A'.repeat(128),
      note: 'ü'.repeat(2_000),
      regarding: regarding('Widget', `${'w'.repeat(235)}.${'x'.repeat(17)}`, kit.namespace),
      related: regarding('Ledger', 'related'),
    };
    expect(await record(event)).toEqual(['written']);
  });
});

describe('an event of a namespace that takes none any more', () => {
  beforeAll(() => makeNamespace(ownNamespace));

  it('because it is being deleted lies in the operator’s own namespace, and is found by its object', async () => {
    const dying = `dying-${realRandom.uuid().slice(0, 8)}`;
    await makeNamespace(dying, ['test.example/wait']);
    await client.call({ method: 'DELETE', path: `/api/v1/namespaces/${dying}` });
    const event = { ...painted, regarding: regarding('Widget', 'dying', dying) };
    expect(await record(event, event)).toEqual(['written', 'written']);
    expect(await read(ownNamespace, 'dying')).toMatchObject([
      { regarding: { kind: 'Widget', namespace: dying, uid: event.regarding.uid }, series: { count: 2 } },
    ]);
  });

  it('because it is gone lies there too', async () => {
    const event = { ...painted, regarding: regarding('Widget', 'gone', 'no-such-namespace') };
    expect(await record(event)).toEqual(['written']);
    expect(await read(ownNamespace, 'gone')).toHaveLength(1);
  });
});
