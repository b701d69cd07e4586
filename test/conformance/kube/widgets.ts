import { KubeClient } from '../../../src/kube/client.ts';
import { isKubeError } from '../../../src/kube/errors.ts';
import { loadKubeConnection } from '../../../src/kube/kubeconfig.ts';
import type { KubeObject, ResourceDescriptor } from '../../../src/kube/object.ts';
import { ResourceClient, type Stored } from '../../../src/kube/resource-client.ts';
import { realClock, realRandom } from '../../../src/runtime/clock.ts';

/** A kind of the test's own. */
export interface Widget extends KubeObject {
  readonly spec?: { readonly size?: number };
  readonly status?: { readonly painted?: string };
}

const schema = {
  type: 'object',
  properties: {
    spec: { type: 'object', properties: { size: { type: 'integer', maximum: 100 } } },
    status: { type: 'object', properties: { painted: { type: 'string' } } },
  },
};

/** The control plane that the tests of a run share. */
export const sharedKubeconfig = (): string => process.env['VMSS_TEST_KUBECONFIG']!;

export const clientFor = (kubeconfig: string, callTimeoutMs?: number): KubeClient =>
  new KubeClient({
    connection: loadKubeConnection({ kind: 'kubeconfig', path: kubeconfig }),
    clock: realClock,
    ...(callTimeoutMs === undefined ? {} : { callTimeoutMs }),
  });

/** Makes a kind that no other test has, and a namespace. */
export const makeWidgets = async (client: KubeClient) => {
  const unique = realRandom.uuid().slice(0, 8);
  const group = `test-${unique}.example`;
  const descriptor: ResourceDescriptor = { group, version: 'v1', kind: 'Widget', plural: 'widgets', namespaced: true };
  const namespace = `widgets-${unique}`;
  await client.call({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: namespace } } });
  await client.call({
    method: 'POST',
    path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    body: {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `widgets.${group}` },
      spec: {
        group,
        scope: 'Namespaced',
        names: { kind: 'Widget', plural: 'widgets', singular: 'widget', listKind: 'WidgetList' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            subresources: { status: {} },
            schema: { openAPIV3Schema: schema },
          },
        ],
      },
    },
  });
  const widgets = new ResourceClient<Widget>(client, descriptor);
  await eventually(() => widgets.list().then(Boolean, () => false));
  const make = (name: string, rest: Partial<Widget> = {}): Promise<Stored<Widget>> =>
    widgets.create({ ...rest, metadata: { name, namespace, ...rest.metadata } });
  return { widgets, descriptor, namespace, make };
};

/** Waits for a condition, for longer than any of them takes. */
export const eventually = async (holds: () => boolean | Promise<boolean>, limitMs = 60_000): Promise<void> => {
  const until = realClock.monotonicMs() + limitMs;
  while (!(await holds())) {
    if (realClock.monotonicMs() > until) throw new Error(`not within ${limitMs} ms: ${holds.toString()}`);
    await realClock.sleep(25);
  }
};

/** The kind of the error with which a call ends. */
export const kindOf = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call;
    return 'none';
  } catch (error) {
    return isKubeError(error) ? error.kind : String(error);
  }
};
