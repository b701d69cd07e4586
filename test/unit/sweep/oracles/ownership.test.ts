import { describe, expect, it } from 'vitest';

import { OTHERS } from '../../../sweep/azure-model.ts';
import { identityIdOf } from '../../../sweep/names.ts';
import { unlawfulChanges } from '../../../sweep/oracles/ownership.ts';
import { entry, History, lower, model } from './history.ts';

const flaws = (history: History): readonly string[] => unlawfulChanges(history.run);

/** `one` is attached for `web` in order. */
const attached = (policy: Parameters<History['policy']>[1] = {}): History =>
  new History()
    .policy('everything', policy)
    .binding('web', { userAssigned: ['one'] })
    .ledger({ entries: [entry('one', 'Attaching', 'web')] })
    .azure(model(['one']))
    .ledger({ entries: [entry('one', 'Attached', 'web')] });

const recordedAsDetaching = (history: History, ...members: readonly string[]): History =>
  history.ledger({ entries: [entry('one', 'Detaching', ...(members.length === 0 ? ['web'] : members))] });

describe('an attach', () => {
  it('is lawful for a binding that declares it, may have it by one policy, and stands on record', () => {
    expect(flaws(attached())).toEqual([]);
  });

  it.each<[string, (history: History) => History, string]>([
    ['nobody declares', (history) => history.binding('web'), 'nobody wants it'],
    ['no policy allows', (history) => history.removePolicy(), 'nobody wants it'],
    [
      'two policies allow in part',
      (history) =>
        history
          .policy('everything', { userAssigned: [] })
          .policy('identities', { scaleSets: [], namespaces: ['shop'] }),
      'nobody wants it',
    ],
    [
      'a suspended binding declares',
      (history) => history.binding('web', { userAssigned: ['one'], suspend: true }),
      'nobody',
    ],
    [
      'an observing binding declares',
      (history) => history.binding('web', { userAssigned: ['one'], managementPolicy: 'Observe' }),
      'nobody wants it',
    ],
    [
      'a binding declares that is being deleted',
      (history) => history.binding('web', { userAssigned: ['one'] }, { deleting: true }),
      'nobody wants it',
    ],
    [
      'is on record for another',
      (history) => history.ledger({ entries: [entry('one', 'Attaching', 'pay')] }),
      'for nobody',
    ],
    ['is not on record', (history) => history.ledger({}), 'no entry'],
    ['is on record as leaving', (history) => recordedAsDetaching(history), 'as Detaching'],
    [
      'is on record for a scale set that was there before',
      (history) => history.ledger({ uniqueId: 'another', entries: [entry('one', 'Attaching', 'web')] }),
      'no entry',
    ],
  ])('is unlawful of what %s', (_what, change, why) => {
    const history = new History()
      .policy()
      .binding('web', { userAssigned: ['one'] })
      .ledger({ entries: [entry('one', 'Attaching', 'web')] });
    expect(flaws(change(history).azure(model(['one'])))).toEqual([expect.stringContaining(why)]);
  });

  it('is owed to a suspended binding whose identity is halfway through being reattached', () => {
    const history = new History()
      .policy()
      .binding('web', { userAssigned: ['one'], suspend: true })
      .ledger({ entries: [entry('one', 'Reattaching', 'web')] });
    expect(flaws(history.azure(model(['one'])))).toEqual([]);
  });

  it('is not owed to one that may not have the identity any more', () => {
    const history = new History()
      .binding('web', { userAssigned: ['one'], suspend: true })
      .ledger({ entries: [entry('one', 'Reattaching', 'web')] });
    expect(flaws(history.azure(model(['one'])))).toEqual([expect.stringContaining('nobody wants it')]);
  });
});

describe('a detach', () => {
  it.each<[string, (history: History) => History]>([
    ['is out of the list', (history) => recordedAsDetaching(history.binding('web', {}, { generation: 2 }))],
    [
      'goes with its binding',
      (history) => recordedAsDetaching(history.binding('web', { userAssigned: ['one'] }, { deleting: true })),
    ],
    [
      'goes with a binding whose policy was taken back',
      (history) =>
        recordedAsDetaching(history.binding('web', { userAssigned: ['one'] }, { deleting: true }).removePolicy()),
    ],
    [
      'a binding declares that was never permitted',
      (history) =>
        recordedAsDetaching(
          history
            .policy('everything', { namespaces: ['shop'] })
            .binding('web')
            .binding('spy', { userAssigned: ['one'] }, { namespace: 'spies' }),
        ),
    ],
  ])('is lawful of what %s', (_what, change) => {
    expect(flaws(change(attached()).azure(model([])))).toEqual([]);
  });

  it.each<[string, (history: History) => History, string]>([
    ['somebody wants', (history) => recordedAsDetaching(history), 'shop/web wants it'],
    [
      'somebody else wants',
      (history) =>
        recordedAsDetaching(
          history.binding('web').binding('pay', { userAssigned: ['one'] }, { namespace: 'payments' }),
        ),
      'payments/pay wants it',
    ],
    [
      'a suspended binding declares',
      (history) => recordedAsDetaching(history.binding('web').binding('pay', { userAssigned: ['one'], suspend: true })),
      'shop/pay holds it',
    ],
    [
      'an observing binding declares',
      (history) =>
        recordedAsDetaching(
          history.binding('web').binding('pay', { userAssigned: ['one'], managementPolicy: 'Observe' }),
        ),
      'shop/pay holds it',
    ],
    [
      'stands on record for a suspended binding that declares it no more',
      (history) => recordedAsDetaching(history.binding('web', { suspend: true })),
      'shop/web holds it',
    ],
    [
      'stands on record for a binding that no policy allows any more',
      (history) => recordedAsDetaching(history.removePolicy().binding('web')),
      'shop/web holds it',
    ],
    [
      'a retained binding leaves',
      (history) => recordedAsDetaching(history.binding('web', { deletionPolicy: 'Retain' }, { deleting: true })),
      'shop/web has renounced it',
    ],
    [
      'a suspended binding leaves',
      (history) => recordedAsDetaching(history.binding('web', { suspend: true }, { deleting: true })),
      'shop/web has renounced it',
    ],
    [
      'an observing binding leaves',
      (history) => recordedAsDetaching(history.binding('web', { managementPolicy: 'Observe' }, { deleting: true })),
      'shop/web has renounced it',
    ],
    [
      'an abandoned binding leaves',
      (history) =>
        recordedAsDetaching(
          history.binding('web', {}, { deleting: true, annotations: { 'vmss-identity.dev/abandon': 'true' } }),
        ),
      'shop/web has renounced it',
    ],
    [
      'a policy protects, whatever its namespaces',
      (history) =>
        recordedAsDetaching(
          history
            .binding('web')
            .policy('guard', { namespaces: ['none'], scaleSets: [], protected: [identityIdOf('o*')] }),
        ),
      'a policy protects it',
    ],
    ['lost its binding without a trace', (history) => recordedAsDetaching(history.removeBinding('web')), 'gone'],
    [
      'stands for nobody',
      (history) => history.ledger({ entries: [{ ...entry('one', 'Detaching'), for: [] }] }),
      'no entry',
    ],
    ['is not on record', (history) => history.binding('web').ledger({}), 'there was no entry for it'],
    ['is on record as staying', (history) => history.binding('web'), 'on record as Attached'],
    [
      'was put on record for a scale set that was there before',
      (history) => history.binding('web').ledger({ uniqueId: 'another', entries: [entry('one', 'Detaching', 'web')] }),
      'there was no entry for it',
    ],
  ])('is unlawful of what %s', (_what, change, why) => {
    expect(flaws(change(attached()).azure(model([])))).toEqual([expect.stringContaining(why)]);
  });

  it('is unlawful where one of two that leave in one pass has renounced, though the ledger names the other alone', () => {
    const history = attached()
      .binding('pay', { userAssigned: ['one'] })
      .ledger({ entries: [entry('one', 'Attached', 'web', 'pay')] })
      .binding('web', {}, { deleting: true })
      .binding('pay', { deletionPolicy: 'Retain' }, { deleting: true });
    const known = history.known();
    recordedAsDetaching(history).azure(model([]), { known });
    expect(flaws(history)).toEqual([expect.stringContaining('shop/pay has renounced it')]);
  });
});

describe('what others attached', () => {
  const claimed = (history: History): History => recordedAsDetaching(history.binding('web'));

  it('is not detached, whatever the ledger says', () => {
    const history = new History(model(['one'])).policy();
    expect(flaws(claimed(history).azure(model([])))).toEqual([expect.stringContaining('others had attached it')]);
  });

  it('is theirs again when they attach it after it was given up', () => {
    const history = attached()
      .ledger({})
      .azure(model([]), { by: OTHERS })
      .azure(model(['one']), { by: OTHERS });
    expect(flaws(claimed(history).azure(model([])))).toEqual([expect.stringContaining('others had attached it')]);
  });

  it('counts as ours when it comes while an intent stands', () => {
    const history = new History()
      .policy()
      .binding('web', { userAssigned: ['one'] })
      .ledger({ entries: [entry('one', 'Attaching', 'web')] })
      .azure(model(['one']), { by: OTHERS });
    expect(flaws(claimed(history).azure(model([])))).toEqual([]);
  });

  it('is ours when it was adopted', () => {
    const history = new History(model(['one']))
      .policy()
      .binding('web', { userAssigned: ['one'], adopt: ['one'] })
      .ledger({ entries: [entry('one', 'Attached', 'web')] });
    expect(flaws(claimed(history).azure(model([])))).toEqual([]);
  });
});

describe('a reattach', () => {
  const detaches = (history: History): readonly string[] =>
    flaws(history.ledger({ entries: [entry('one', 'Reattaching', 'web')] }).azure(model([])));

  it('may detach what all consent to', () => {
    expect(detaches(attached().binding('web', { userAssigned: ['one'], staleIdentities: 'Reattach' }))).toEqual([]);
  });

  it.each<[string, (history: History) => History]>([
    ['reports', (history) => history.binding('pay', { userAssigned: ['one'] })],
    [
      'is suspended',
      (history) => history.binding('pay', { userAssigned: ['one'], staleIdentities: 'Reattach', suspend: true }),
    ],
  ])('may not while a binding that declares it %s', (_what, change) => {
    const history = attached().binding('web', { userAssigned: ['one'], staleIdentities: 'Reattach' });
    expect(detaches(change(history))).toEqual([expect.stringContaining('shop/pay does not want it')]);
  });

  it('may not when nobody wants it any more', () => {
    expect(detaches(attached().binding('web'))).toEqual([expect.stringContaining('nobody wants it reattached')]);
  });
});

describe('what the operator may have known', () => {
  it('excuses what became unlawful after the pass began', () => {
    const history = attached().binding('web');
    const known = history.known();
    recordedAsDetaching(history)
      .binding('web', { userAssigned: ['one'] })
      .azure(model([]), { known });
    expect(flaws(history)).toEqual([]);
  });

  it('excuses what its watch had not told it when the pass began', () => {
    const history = attached().binding('web');
    const { sights } = history.known();
    recordedAsDetaching(history).binding('web', { userAssigned: ['one'] });
    history.azure(model([]), { known: { startedAt: 100, revision: history.revision, sights } });
    expect(flaws(history)).toEqual([]);
  });

  it('does not excuse what was out of date before the process began', () => {
    const history = attached().binding('web');
    const { sights } = history.known();
    recordedAsDetaching(history).binding('web', { userAssigned: ['one'] });
    history.azure(model([]), { known: { startedAt: history.revision, revision: history.revision, sights } });
    expect(flaws(history)).toEqual([expect.stringContaining('shop/web wants it')]);
  });

  it('does not excuse what was out of date before the process came to lead', () => {
    const history = attached().binding('web');
    const { sights } = history.known();
    recordedAsDetaching(history).binding('web', { userAssigned: ['one'] });
    const lease = { kind: 'Lease', metadata: { name: 'leader' }, spec: { holderIdentity: 'operator-1' } };
    history.put(lease, 'leases.coordination.k8s.io', { by: 'operator-1' });
    history.azure(model([]), { known: { startedAt: 100, revision: history.revision, sights } });
    expect(flaws(history)).toEqual([expect.stringContaining('shop/web wants it')]);
  });

  it('does not excuse what no ledger said, however late', () => {
    const history = recordedAsDetaching(attached().binding('web'));
    const known = history.known();
    history.ledger({ entries: [entry('one', 'Attached', 'web')] }).azure(model([]), { known });
    expect(flaws(history)).toEqual([expect.stringContaining('on record as Attached')]);
  });

  it('is one state of things for all of a request', () => {
    const history = attached().binding('web', { userAssigned: ['two'] }, { generation: 2 });
    const known = history.known();
    history.binding('web', { userAssigned: ['three'] }, { generation: 3 });
    const entries = [
      entry('one', 'Detaching', 'web'),
      entry('two', 'Attaching', 'web'),
      entry('three', 'Attaching', 'web'),
    ];
    history.ledger({ entries }).azure(model(['two', 'three']), { known });
    expect(flaws(history)).toEqual([expect.stringContaining(`attached ${lower('three')}`)]);
  });
});

it('never makes or removes a scale set', () => {
  const history = new History();
  const set = model([]);
  history.azureChanges.push({ step: 1, virtualMs: 0, by: 'operator-1', revision: 100, before: set, after: undefined });
  expect(flaws(history)).toEqual([expect.stringContaining('came or went')]);
});

it('says nothing of what others do', () => {
  expect(flaws(attached().azure(model([]), { by: OTHERS }))).toEqual([]);
});
