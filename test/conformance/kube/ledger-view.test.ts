import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { LEDGER, type VmssIdentityLedger } from '../../../src/api/types.ts';
import { armKey } from '../../../src/identity/arm-id.ts';
import type { Ledger } from '../../../src/identity/ledger.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import { ResourceClient } from '../../../src/kube/resource-client.ts';
import { realRandom } from '../../../src/runtime/clock.ts';
import { openCluster } from '../crds/cluster.ts';
import { openView, scaleSetId } from './silent-view.ts';
import { clientFor, eventually, sharedKubeconfig } from './widgets.ts';

const LEDGERS = LEDGER.plural;
const { signal } = new AbortController();

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

function spec(name: string, foreign: readonly string[] = []): Ledger {
  return { scaleSetId: scaleSetId(name), entries: [], foreign: [...foreign] };
}

describe('a view of ledgers whose watch has fallen silent', () => {
  it('reads its own writes', async () => {
    const { cluster, silence } = await openView();
    silence(LEDGERS);
    const key = armKey(scaleSetId('own'));

    const created = await cluster.saveLedger(key, undefined, spec('own'), signal);
    expect(cluster.ledgerOf(key)?.metadata.resourceVersion).toBe(created.metadata.resourceVersion);
    const saved = await cluster.saveLedger(key, cluster.ledgerOf(key), spec('own', ['a']), signal);
    expect(cluster.ledgerOf(key)?.spec.foreign).toEqual(['a']);
    await cluster.deleteLedger(saved, signal);
    expect(cluster.ledgerOf(key)).toBeUndefined();
  });

  it('shows what others wrote when it was refused for their sake, and the next write holds', async () => {
    const { cluster, silence } = await openView();
    const key = armKey(scaleSetId('edited'));
    const ours = await cluster.saveLedger(key, undefined, spec('edited'), signal);
    silence(LEDGERS);
    await ledgers().replace({ ...ours, spec: spec('edited', ['theirs']) });

    await expect(cluster.saveLedger(key, ours, spec('edited', ['mine']), signal)).rejects.toMatchObject({
      kind: 'conflict',
    });

    expect(cluster.ledgerOf(key)?.spec.foreign).toEqual(['theirs']);
    await cluster.saveLedger(key, cluster.ledgerOf(key), spec('edited', ['theirs', 'mine']), signal);
    expect((await ledgers().get(ours.metadata)).spec.foreign).toEqual(['theirs', 'mine']);
  });

  it('shows a ledger that somebody else has made', async () => {
    const { cluster, silence } = await openView();
    const key = armKey(scaleSetId('made'));
    const known = await cluster.saveLedger(key, undefined, spec('made'), signal);
    await cluster.deleteLedger(known, signal);
    await eventually(() => cluster.ledgerOf(key) === undefined);
    silence(LEDGERS);
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
    const { cluster, silence } = await openView();
    const key = armKey(scaleSetId('deleted'));
    const known = await cluster.saveLedger(key, undefined, spec('deleted'), signal);
    silence(LEDGERS);
    await ledgers().delete(known.metadata);

    await expect(cluster.saveLedger(key, known, spec('deleted', ['a']), signal)).rejects.toMatchObject({
      kind: 'notFound',
    });

    expect(cluster.ledgerOf(key)).toBeUndefined();
  });

  it('deletes nothing that others have written to since', async () => {
    const { cluster, silence } = await openView();
    const key = armKey(scaleSetId('kept'));
    const known = await cluster.saveLedger(key, undefined, spec('kept'), signal);
    silence(LEDGERS);
    await ledgers().replace({ ...known, spec: spec('kept', ['theirs']) });

    await expect(cluster.deleteLedger(known, signal)).rejects.toMatchObject({ kind: 'conflict' });

    expect(cluster.ledgerOf(key)?.spec.foreign).toEqual(['theirs']);
  });

  it('is whole again after a list by quorum, and knows every scale set that anything speaks of', async () => {
    const { cluster, silence } = await openView();
    silence(LEDGERS);
    const metadata = { name: `unseen-${realRandom.uuid()}` } as VmssIdentityLedger['metadata'];
    const { apiVersion, kind } = await cluster.saveLedger(armKey(scaleSetId('seen')), undefined, spec('seen'), signal);
    await ledgers().create({ apiVersion, kind, metadata, spec: spec('unseen') });
    expect(cluster.scaleSets()).not.toContain(armKey(scaleSetId('unseen')));

    expect(await cluster.relist(signal)).toBe(true);

    expect(cluster.scaleSets()).toContain(armKey(scaleSetId('unseen')));
    expect(cluster.scaleSets()).toContain(armKey(scaleSetId('seen')));
  });

  it('gives up a list by quorum with the signal', async () => {
    const { cluster, proxy } = await openView();
    await proxy.refuse();
    const ending = new AbortController();
    const listing = cluster.relist(ending.signal);
    ending.abort();

    expect(await listing).toBe(false);
  });
});
