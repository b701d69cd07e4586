import { describe, expect, it } from 'vitest';

import { OTHERS } from '../../../sweep/azure-model.ts';
import type { Change } from '../../../sweep/kube/object-store.ts';
import { excessEvents, excessWrites, writeCountsOf } from '../../../sweep/oracles/writes.ts';
import type { Allowance } from '../../../sweep/sweeps/sweep.ts';
import { History, model } from './history.ts';

describe('writes', () => {
  const wrote = (ledgers: number, patches: number): History => {
    const history = new History();
    for (let count = 0; count < ledgers; count += 1) history.ledger({});
    for (let count = 0; count < patches; count += 1) history.azure(model([String(count)]));
    return history;
  };
  const excess = (found: History, allowed: Allowance = {}): readonly string[] =>
    excessWrites(writeCountsOf(wrote(2, 1)), writeCountsOf(found), allowed);

  it('may be as many as the reference’s, or fewer', () => {
    expect([excess(wrote(2, 1)), excess(wrote(1, 0))]).toEqual([[], []]);
  });

  it('are too many when there are more, of either kind', () => {
    expect([excess(wrote(3, 1)), excess(wrote(2, 2))]).toEqual([
      [expect.stringContaining('MODIFIED vmssidentityledgers.vmss-identity.dev: written 2 times, and 1 at most')],
      [expect.stringContaining('scale set: written 2 times, and 1 at most')],
    ]);
  });

  it('are too many when more were asked for, though they came to nothing', () => {
    expect(excess(wrote(2, 1).asked('GET'))).toEqual([]);
    expect(excess(wrote(2, 1).asked('PATCH'))).toEqual([
      expect.stringContaining('requests to Azure that write: written 1 times, and 0 at most'),
    ]);
  });

  it('may be more by what is allowed', () => {
    expect(excess(wrote(3, 2), { 'scale set': 1, 'MODIFIED vmssidentityledgers.vmss-identity.dev': 1 })).toEqual([]);
  });

  it('are not what others wrote, and not Leases', () => {
    const history = wrote(2, 1)
      .policy()
      .binding('web')
      .azure(model(['theirs']), { by: OTHERS });
    history.put({ kind: 'Lease', metadata: { name: 'leader' } }, 'leases.coordination.k8s.io', { by: 'operator-1' });
    expect(excess(history)).toEqual([]);
  });
});

describe('events', () => {
  const told = (...tellers: readonly string[]): { readonly kubeChanges: readonly Change[] } => {
    const history = new History();
    for (const [index, by] of tellers.entries()) {
      history.put({ kind: 'Event', metadata: { name: String(index) } }, 'events.events.k8s.io', { by });
    }
    return history;
  };
  const times = (count: number, by: string): readonly string[] => Array.from({ length: count }, () => by);
  const usual = told(...times(3, 'operator-1'));

  it('may be told by each incarnation, and a few on top', () => {
    const found = told(...times(6, 'operator-1'), ...times(4, 'operator-2'), ...times(20, 'user'));
    expect(excessEvents(usual, found)).toEqual([]);
  });

  it('are too many when there are more', () => {
    expect(excessEvents(usual, told(...times(8, 'operator-1')))).toEqual([
      'events: written 8 times, and 7 at most were to be expected',
    ]);
  });
});
