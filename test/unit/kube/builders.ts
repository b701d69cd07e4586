import { KubeClient } from '../../../src/kube/client.ts';
import { anonymousConnection } from '../../../src/kube/connection.ts';
import type { KubeObject, ResourceDescriptor } from '../../../src/kube/object.ts';
import { ResourceClient, type Stored } from '../../../src/kube/resource-client.ts';
import { VirtualClock } from '../runtime/virtual-clock.ts';
import type { FakeServer } from './fake-server.ts';

/** A kind for tests. */
export interface Widget extends KubeObject {
  readonly spec?: { readonly size: number };
}

export const widgetDescriptor: ResourceDescriptor = {
  group: 'test.example',
  version: 'v1',
  kind: 'Widget',
  plural: 'widgets',
  namespaced: true,
};

export const collectionPath = '/apis/test.example/v1/widgets';

export const widget = (
  name: string,
  resourceVersion: number | string,
  uid = `uid-${name}`,
  size = 1,
): Stored<Widget> => ({
  apiVersion: 'test.example/v1',
  kind: 'Widget',
  metadata: { name, namespace: 'shop', uid, resourceVersion: `${resourceVersion}` },
  spec: { size },
});

export const listOf = (resourceVersion: number | string, items: readonly KubeObject[] = [], more?: string) => ({
  apiVersion: 'test.example/v1',
  kind: 'WidgetList',
  metadata: { resourceVersion: `${resourceVersion}`, ...(more === undefined ? {} : { continue: more }) },
  items,
});

export const statusOf = (code: number, reason: string, details: object = {}, message = 'a message') => ({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  code,
  reason,
  message,
  details,
});

export const clientOf = (server: FakeServer, clock = new VirtualClock()): KubeClient =>
  new KubeClient({ connection: anonymousConnection('https://kube.test'), clock, dispatcher: server });

export const widgetClientOf = (server: FakeServer, clock = new VirtualClock()): ResourceClient<Widget> =>
  new ResourceClient<Widget>(clientOf(server, clock), widgetDescriptor);
