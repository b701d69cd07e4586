import { describe, expect, it } from 'vitest';

import { armKey } from '../../../src/identity/arm-id.ts';
import type { ClusterPort } from '../../../src/reconcile/cluster-port.ts';
import { fenced, LeaseOver } from '../../../src/reconcile/fenced-cluster.ts';
import { VirtualClock } from '../runtime/virtual-clock.ts';
import { Journal } from './journal.ts';
import { MemoryCluster } from './memory-cluster.ts';
import { binding, policy, scaleSet } from './objects.ts';

const { signal } = new AbortController();
const key = armKey(scaleSet('web'));
const spec = { scaleSetId: scaleSet('web'), uniqueId: 'u1', entries: [], foreign: [] };
const ready = {
  type: 'Ready',
  status: 'True',
  reason: 'Assigned',
  message: 'Done.',
  lastTransitionTime: '2026-05-07T07:32:41Z',
  observedGeneration: 1,
} as const;

/** A leader's cluster; `lease.remainingMs` is what is left of the lease at each moment. */
function leased() {
  const journal = new Journal();
  const clock = new VirtualClock();
  const cluster = new MemoryCluster(journal, () => clock.now());
  cluster.setPolicies(policy());
  cluster.apply(binding('one'));
  const lease = { remainingMs: 1 };
  return { lease, journal, cluster, held: fenced(cluster, { remainingMs: () => lease.remainingMs }) };
}

const writes: Readonly<Record<string, (cluster: ClusterPort, from: MemoryCluster) => Promise<unknown>>> = {
  'a ledger that is saved': (cluster) => cluster.saveLedger(key, undefined, spec, signal),
  'a ledger that is deleted': (cluster, from) => cluster.deleteLedger(from.ledgerOf(key)!, signal),
  'a finalizer that is set': (cluster, from) => cluster.addFinalizer(from.binding('one'), signal),
  'a finalizer that is taken off': (cluster, from) => cluster.removeFinalizer(from.binding('one'), signal),
  'a status': (cluster, from) =>
    cluster.writeStatus(from.binding('one'), { observedGeneration: 1, conditions: [ready] }, signal),
};

describe('a cluster as a leader writes to it', () => {
  it.each(Object.keys(writes))('takes %s while the lease holds, and not when it is over', async (name) => {
    const { lease, journal, cluster, held } = leased();
    if (name === 'a ledger that is deleted') cluster.writeLedgerByHand(spec);
    const write = writes[name]!;
    lease.remainingMs = 0;

    await expect(write(held, cluster)).rejects.toBeInstanceOf(LeaseOver);

    expect(journal.take()).toEqual([]);
    lease.remainingMs = 1;
    await write(held, cluster);
    expect(journal.take()).toHaveLength(1);
  });

  it('says of a write that came too late nothing that is about the object', () => {
    expect(leased().held.refusalOf(new LeaseOver())).toBeUndefined();
  });

  it('shows what there is, and takes events, whatever has become of the lease', () => {
    const { lease, cluster, held } = leased();
    lease.remainingMs = 0;
    held.announce(cluster.binding('one'), { type: 'Normal', reason: 'Assigned', action: 'Reconcile', note: 'Done.' });

    expect(held.bindingsOf(key)).toEqual(cluster.bindingsOf(key));
    expect(held.policies()).toEqual(cluster.policies());
    expect(held.ledgerOf(key)).toBeUndefined();
    expect(cluster.takeEvents()).toEqual(['Normal Assigned one: Done.']);
  });
});
