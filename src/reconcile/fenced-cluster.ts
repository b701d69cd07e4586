/**
 * Keeps what only a leader may write to Kubernetes within its lease. A process that stood still for longer goes on where it
 * was, before any timer tells it that the lease is over: what it is about to write was decided on what another one may
 * have changed since.
 */
import type { Term } from '../runtime/leader-election.ts';
import type { ClusterPort } from './cluster-port.ts';

/** What a pass ends with that comes to a write too late: it has not gone out. */
export class LeaseOver extends Error {
  override readonly name = 'LeaseOver';

  constructor() {
    super('the lease has not been renewed in time: nothing is written to Kubernetes');
  }
}

/** The same cluster, which takes writes for as long as it is certain that nobody else leads. Events are told all the same. */
export function fenced(cluster: ClusterPort, term: Pick<Term, 'remainingMs'>): ClusterPort {
  const underLease =
    <A extends readonly unknown[], R>(write: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (term.remainingMs() <= 0) throw new LeaseOver();
      return write(...args);
    };
  return {
    bindingsOf: (scaleSet) => cluster.bindingsOf(scaleSet),
    policies: () => cluster.policies(),
    ledgerOf: (scaleSet) => cluster.ledgerOf(scaleSet),
    saveLedger: underLease((...args) => cluster.saveLedger(...args)),
    deleteLedger: underLease((...args) => cluster.deleteLedger(...args)),
    addFinalizer: underLease((...args) => cluster.addFinalizer(...args)),
    removeFinalizer: underLease((...args) => cluster.removeFinalizer(...args)),
    writeStatus: underLease((...args) => cluster.writeStatus(...args)),
    refusalOf: (error) => cluster.refusalOf(error),
    announce: (about, announcement) => cluster.announce(about, announcement),
  };
}
