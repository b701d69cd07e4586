import { describe, expect, it } from 'vitest';

import type { VmssIdentityLedgerSpec } from '../../../../src/api/types.ts';
import { identityIdOf } from '../../../sweep/names.ts';
import { unlawfulChanges } from '../../../sweep/oracles/ownership.ts';
import { EPOCH_MS } from '../../../sweep/scheduler.ts';
import { entry, EXCLUSIVE_DELAY_MS, History, model, uidOf } from './history.ts';

const TOLD_MS = EPOCH_MS + 10_000;
const GONE_MS = TOLD_MS - EPOCH_MS + EXCLUSIVE_DELAY_MS;

const told = (...names: readonly string[]): Partial<VmssIdentityLedgerSpec> => ({
  exclusive: {
    detach: names.map((name) => identityIdOf(name)),
    since: new Date(TOLD_MS).toISOString(),
    bindings: [`${uidOf('web')}/1`],
  },
});

const exclusive = (...tagNames: readonly string[]): History =>
  new History(model(['theirs'], { tagNames })).policy().binding('web', { mode: 'Exclusive' });

const flaws = (history: History): readonly string[] => unlawfulChanges(history.run);

describe('what others attached', () => {
  it('may go for an Exclusive binding that may, when that was told for the whole delay', () => {
    const history = exclusive().ledger(told('theirs'), { atMs: TOLD_MS });
    expect(flaws(history.azure(model([]), { virtualMs: GONE_MS }))).toEqual([]);
  });

  it('may go although an entry stands, when whoever it stands for is gone without a trace', () => {
    const history = exclusive()
      .binding('gone')
      .ledger({ ...told('theirs'), entries: [entry('theirs', 'Attached', 'gone')] }, { atMs: TOLD_MS })
      .removeBinding('gone');
    expect(flaws(history.azure(model([]), { virtualMs: GONE_MS }))).toEqual([]);
  });

  it.each<[string, (history: History) => History, string]>([
    ['nobody is Exclusive', (history) => history.binding('web'), 'no entry'],
    [
      'the Exclusive one is suspended',
      (history) => history.binding('web', { mode: 'Exclusive', suspend: true }),
      'no entry',
    ],
    ['the policy denies Exclusive', (history) => history.policy('everything', { exclusive: 'Deny' }), 'no entry'],
    [
      'somebody wants it',
      (history) => history.binding('pay', { userAssigned: ['theirs'] }, { namespace: 'payments' }),
      'payments/pay wants it',
    ],
    [
      'a suspended binding declares it',
      (history) => history.binding('pay', { userAssigned: ['theirs'], suspend: true }),
      'shop/pay holds it',
    ],
    [
      'the Exclusive one declares it, though it may not have it',
      (history) =>
        history
          .policy('everything', { userAssigned: [] })
          .binding('web', { mode: 'Exclusive', userAssigned: ['theirs'] }),
      'shop/web holds it',
    ],
    ['a policy protects it', (history) => history.policy('all', { protected: [identityIdOf('theirs')] }), 'protects'],
    ['nobody was told', (history) => history.ledger({}), 'nobody was told'],
    ['another was told of', (history) => history.ledger(told('three')), 'nobody was told'],
    ['there is a new binding', (history) => history.binding('new'), 'others than when it was told'],
    [
      'a binding has changed',
      (history) => history.binding('web', { mode: 'Exclusive' }, { generation: 2 }),
      'others than',
    ],
  ])('may not go where %s', (_what, change, why) => {
    const history = exclusive().ledger(told('theirs'), { atMs: TOLD_MS });
    const found = flaws(change(history).azure(model([]), { virtualMs: GONE_MS }));
    expect(found).toContainEqual(expect.stringContaining(why));
  });

  it('may not go before the delay is over', () => {
    const history = exclusive().ledger(told('theirs'), { atMs: TOLD_MS });
    expect(flaws(history.azure(model([]), { virtualMs: GONE_MS - 1 }))).toEqual([expect.stringContaining('only at')]);
  });

  it('may not go because a wait was dated back', () => {
    const history = exclusive().ledger(told('theirs'), { atMs: TOLD_MS + EXCLUSIVE_DELAY_MS });
    expect(flaws(history.azure(model([]), { virtualMs: GONE_MS }))).toEqual([
      expect.stringContaining('not on record for long enough'),
    ]);
  });

  it('may not go when it was not on record in between', () => {
    const history = exclusive()
      .ledger(told('theirs'), { atMs: TOLD_MS })
      .ledger({}, { atMs: TOLD_MS + 1000 })
      .ledger(told('theirs'), { atMs: TOLD_MS + EXCLUSIVE_DELAY_MS });
    expect(flaws(history.azure(model([]), { virtualMs: GONE_MS }))).toEqual([
      expect.stringContaining('not on record for long enough'),
    ]);
  });

  it('may not go where AKS runs the scale set', () => {
    const tagNames = ['AKS-Managed-poolName'];
    const history = exclusive(...tagNames).ledger(told('theirs'), { atMs: TOLD_MS });
    expect(flaws(history.azure(model([], { tagNames }), { virtualMs: GONE_MS }))).toEqual([
      expect.stringContaining('no entry'),
    ]);
  });
});
