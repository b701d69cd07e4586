/** The operator's view of a real API server, behind a proxy that can have its watches fall silent. */
import { expect, onTestFinished } from 'vitest';

import { type FaultProxy, startFaultProxy } from '../../../dev/fault-proxy/index.ts';
import type { Cluster } from '../../../src/kube/cluster.ts';
import { realRandom } from '../../../src/runtime/clock.ts';
import { startCluster } from './started-cluster.ts';
import { eventually, sharedKubeconfig } from './widgets.ts';

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
  // What is told last is done first: the proxy outlives what goes through it.
  onTestFinished(() => proxy.stop());
  const cluster = await startCluster(proxy.kubeconfigPath, 'default', 'test.example/view');
  await eventually(() => [...cluster.reflectors.values()].every((reflector) => reflector.state() === 'live'));
  const silence = (plural: string): void => {
    expect(proxy.strike({ kind: 'watch', path: new RegExp(`/${plural}$`) }, { type: 'halfOpen' })).toBe(1);
  };
  return { cluster, proxy, silence };
}
