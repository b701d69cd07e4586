import { describe, expect, it } from 'vitest';

import { identityIdOf } from '../../../sweep/names.ts';
import { unlawfulRecords } from '../../../sweep/oracles/records.ts';
import { entry, History, memberOf, OPERATOR } from './history.ts';

const flaws = (history: History): readonly string[] => unlawfulRecords(history.run);

const bound = (): History => new History().policy().binding('web', { userAssigned: ['one'], adopt: ['one'] });

describe('a new entry', () => {
  it.each(['Attaching', 'Attached'] as const)('may begin as %s for who wants, or adopts, the identity', (phase) => {
    expect(flaws(bound().ledger({ entries: [entry('one', phase, 'web')] }))).toEqual([]);
  });

  it.each(['Detaching', 'Reattaching'] as const)('may not begin as %s', (phase) => {
    const history = bound().ledger({ entries: [entry('one', phase, 'web')] });
    expect(flaws(history)).toEqual([expect.stringContaining(`begins as ${phase}`)]);
  });

  it.each<[string, (history: History) => History]>([
    ['nobody declares', (history) => history.binding('web')],
    ['no policy allows', (history) => history.removePolicy()],
    ['a suspended binding declares', (history) => history.binding('web', { userAssigned: ['one'], suspend: true })],
  ])('is no intent for what %s', (_what, change) => {
    const history = change(bound()).ledger({ entries: [entry('one', 'Attaching', 'web')] });
    expect(flaws(history)).toEqual([expect.stringContaining('nobody who wants it')]);
  });

  it.each<[string, (history: History) => History]>([
    ['adopt is not asked for', (history) => history.binding('web', { userAssigned: ['one'] })],
    ['no policy allows to adopt', (history) => history.policy('everything', { adopt: 'Deny' })],
    [
      'one policy allows to adopt, and another one the identity',
      (history) => history.policy('everything', { userAssigned: [] }).policy('identities', { adopt: 'Deny' }),
    ],
    ['a policy protects it', (history) => history.policy('all', { protected: [identityIdOf('one')] })],
  ])('is no adoption where %s', (_what, change) => {
    const history = change(bound()).ledger({ entries: [entry('one', 'Attached', 'web')] });
    expect(flaws(history)).toEqual([expect.stringContaining('adopted for nobody who may')]);
  });

  it('is one that stood there for another scale set of the name', () => {
    const history = bound()
      .binding('web', { userAssigned: ['one'] })
      .ledger({ uniqueId: 'another', entries: [entry('one', 'Attaching', 'web')] })
      .ledger({ entries: [entry('one', 'Attached', 'web')] });
    expect(flaws(history)).toEqual([expect.stringContaining('adopted for nobody who may')]);
  });

  it('goes through its phases as it likes', () => {
    const history = bound().ledger({ entries: [entry('one', 'Attaching', 'web')] });
    for (const phase of ['Attached', 'Reattaching', 'Attached', 'Detaching'] as const)
      history.ledger({ entries: [entry('one', phase, 'web')] });
    expect(flaws(history)).toEqual([]);
  });

  it('is judged by what the operator may have known', () => {
    const history = bound();
    const known = history.known();
    history.removePolicy().ledger({ entries: [entry('one', 'Attaching', 'web')] }, { known });
    expect(flaws(history)).toEqual([]);
  });
});

describe('the finalizer', () => {
  const without = { finalizer: false };

  it('is there before a binding is named', () => {
    const history = new History()
      .policy()
      .binding('web', { userAssigned: ['one'] }, without)
      .ledger({ entries: [entry('one', 'Attaching', 'web')] });
    expect(flaws(history)).toEqual([expect.stringContaining('names shop/web without its finalizer')]);
  });

  it('is there before the system-assigned identity is turned on for it', () => {
    const systemAssigned = { phase: 'Enabling', since: '2026-01-01T00:00:00Z', for: [memberOf('web')] } as const;
    const history = new History().policy().binding('web', {}, without).ledger({ systemAssigned });
    expect(flaws(history)).toEqual([expect.stringContaining('names shop/web without its finalizer')]);
  });

  it('may have been taken off by hand', () => {
    const history = bound()
      .binding('web', { userAssigned: ['one'] }, without)
      .ledger({ entries: [entry('one', 'Attaching', 'web')] });
    expect(flaws(history)).toEqual([]);
  });

  it('goes when no ledger names the binding', () => {
    const history = bound().ledger({ entries: [entry('one', 'Attaching', 'web')] });
    expect(flaws(history.ledger({}).removeBinding('web', OPERATOR))).toEqual([]);
  });

  it('does not go before, and nobody asks who else takes it off', () => {
    const history = (by: string): History =>
      bound()
        .ledger({ entries: [entry('one', 'Attaching', 'web')] })
        .removeBinding('web', by);
    expect([flaws(history(OPERATOR)), flaws(history('user'))]).toEqual([
      [expect.stringContaining('its finalizer goes while the ledger web-1 names it')],
      [],
    ]);
  });
});
