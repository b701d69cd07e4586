import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import { type FaultProxy, startFaultProxy } from '../../../dev/fault-proxy/index.ts';
import { LEDGER, type VmssIdentityLedger } from '../../../src/api/types.ts';
import { armKey } from '../../../src/identity/arm-id.ts';
import type { Ledger } from '../../../src/identity/ledger.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import { Cluster } from '../../../src/kube/cluster.ts';
import { eventDescriptor, type EventObject } from '../../../src/kube/event-object.ts';
import { EventRecorder } from '../../../src/kube/events.ts';
import { ResourceClient } from '../../../src/kube/resource-client.ts';
import { realClock, realRandom } from '../../../src/runtime/clock.ts';
import { recordingLogger } from '../../unit/telemetry/recording-logger.ts';
import { openCluster } from '../crds/cluster.ts';
import { clientFor, eventually, sharedKubeconfig } from './widgets.ts';

const { signal } = new AbortController();
const group = `g${realRandom.uuid().slice(0, 8)}`;

let definitions: Awaited<ReturnType<typeof openCluster>>;
let others: KubeClient;
beforeAll(async () => {
  definitions = await openCluster();
  others = clientFor(sharedKubeconfig());
});
afterAll(async () => {
  await others.close();
  await definitions.close();
});

/** What others do to ledgers, past the proxy. */
const ledgers = (): ResourceClient<VmssIdentityLedger> => new ResourceClient(others, LEDGER);

function idOf(name: string): string {
  return `/subscriptions/6ba7b810-9dad-41d1-80b4-00c04fd430c8/resourceGroups/${group}/providers/Microsoft.Compute/virtualMachineScaleSets/${name}`;
}

function spec(name: string, foreign: readonly string[] = []): Ledger {
  return { scaleSetId: idOf(name), entries: [], foreign: [...foreign] };
}

/** The operator's view behind a proxy. */
async function view(): Promise<{ readonly cluster: Cluster; readonly proxy: FaultProxy }> {
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
  expect(await cluster.start(signal)).toBe(true);
  await eventually(() => [...cluster.reflectors.values()].every((reflector) => reflector.state() === 'live'));
  return { cluster, proxy };
}

/** No event of a ledger gets through any more, and nothing says so. */
function silence(proxy: FaultProxy): void {
  expect(proxy.strike({ kind: 'watch', path: /ledgers$/ }, { type: 'halfOpen' })).toBe(1);
}

describe('a view whose watch has fallen silent', () => {
  it('reads its own writes', async () => {
    const { cluster, proxy } = await view();
    silence(proxy);
    const key = armKey(idOf('own'));

    const created = await cluster.saveLedger(key, undefined, spec('own'), signal);
    expect(cluster.ledgerOf(key)?.metadata.resourceVersion).toBe(created.metadata.resourceVersion);
    const saved = await cluster.saveLedger(key, cluster.ledgerOf(key), spec('own', ['a']), signal);
    expect(cluster.ledgerOf(key)?.spec.foreign).toEqual(['a']);
    await cluster.deleteLedger(saved, signal);
    expect(cluster.ledgerOf(key)).toBeUndefined();
  });

  it('shows what others wrote when it was refused for their sake, and the next write holds', async () => {
    const { cluster, proxy } = await view();
    const key = armKey(idOf('edited'));
    const ours = await cluster.saveLedger(key, undefined, spec('edited'), signal);
    silence(proxy);
    await ledgers().replace({ ...ours, spec: spec('edited', ['theirs']) });

    await expect(cluster.saveLedger(key, ours, spec('edited', ['mine']), signal)).rejects.toMatchObject({
      kind: 'conflict',
    });

    expect(cluster.ledgerOf(key)?.spec.foreign).toEqual(['theirs']);
    await cluster.saveLedger(key, cluster.ledgerOf(key), spec('edited', ['theirs', 'mine']), signal);
    expect((await ledgers().get(ours.metadata)).spec.foreign).toEqual(['theirs', 'mine']);
  });

  it('shows a ledger that somebody else has made', async () => {
    const { cluster, proxy } = await view();
    const key = armKey(idOf('made'));
    const known = await cluster.saveLedger(key, undefined, spec('made'), signal);
    await cluster.deleteLedger(known, signal);
    await eventually(() => cluster.ledgerOf(key) === undefined);
    silence(proxy);
    const { name } = known.metadata;
    await ledgers().create({
      ...known,
      metadata: { name } as VmssIdentityLedger['metadata'],
      spec: spec('made', ['x']),
    });

    await expect(cluster.saveLedger(key, undefined, spec('made'), signal)).rejects.toMatchObject({
      kind: 'alreadyExists',
    });

    expect(cluster.ledgerOf(key)?.spec.foreign).toEqual(['x']);
  });

  it('does not show a ledger any more that somebody else has deleted', async () => {
    const { cluster, proxy } = await view();
    const key = armKey(idOf('deleted'));
    const known = await cluster.saveLedger(key, undefined, spec('deleted'), signal);
    silence(proxy);
    await ledgers().delete(known.metadata);

    await expect(cluster.saveLedger(key, known, spec('deleted', ['a']), signal)).rejects.toMatchObject({
      kind: 'notFound',
    });

    expect(cluster.ledgerOf(key)).toBeUndefined();
  });

  it('deletes nothing that others have written to since', async () => {
    const { cluster, proxy } = await view();
    const key = armKey(idOf('kept'));
    const known = await cluster.saveLedger(key, undefined, spec('kept'), signal);
    silence(proxy);
    await ledgers().replace({ ...known, spec: spec('kept', ['theirs']) });

    await expect(cluster.deleteLedger(known, signal)).rejects.toMatchObject({ kind: 'conflict' });

    expect(cluster.ledgerOf(key)?.spec.foreign).toEqual(['theirs']);
  });

  it('is whole again after a list by quorum, and knows every scale set that anything speaks of', async () => {
    const { cluster, proxy } = await view();
    silence(proxy);
    const metadata = { name: `unseen-${group}` } as VmssIdentityLedger['metadata'];
    const { apiVersion, kind } = await cluster.saveLedger(armKey(idOf('seen')), undefined, spec('seen'), signal);
    await ledgers().create({ apiVersion, kind, metadata, spec: spec('unseen') });
    expect(cluster.scaleSets()).not.toContain(armKey(idOf('unseen')));

    expect(await cluster.relist(signal)).toBe(true);

    expect(cluster.scaleSets()).toContain(armKey(idOf('unseen')));
    expect(cluster.scaleSets()).toContain(armKey(idOf('seen')));
  });

  it('gives up a list by quorum with the signal', async () => {
    const { cluster, proxy } = await view();
    await proxy.refuse();
    const ending = new AbortController();
    const listing = cluster.relist(ending.signal);
    ending.abort();

    expect(await listing).toBe(false);
  });
});
