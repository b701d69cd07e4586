import { describe, expect, it } from 'vitest';

import { LEDGER } from '../../../../src/api/types.ts';
import { OPERATOR_NAMESPACE } from '../../../sweep/incarnation.ts';
import { tellsTooMuch } from '../../../sweep/oracles/tenancy.ts';
import { History, model, OPERATOR } from './history.ts';

const EVENTS = 'events.events.k8s.io';

/** `shop/web` declares the first, `payments/invoices` the second; nobody the third. */
const tenants = (): History =>
  new History(model(['nobodys']))
    .policy()
    .binding('web', { userAssigned: ['apples'] })
    .binding('invoices', { userAssigned: ['pears'] }, { namespace: 'payments' });

const found = (history: History): readonly string[] => tellsTooMuch(history.run);

const event = (history: History, note: string, change: object = {}): History => {
  const metadata = { name: 'told', namespace: 'shop', uid: 'uid-event' };
  history.put({ kind: 'Event', metadata, note, ...change } as never, EVENTS, { by: OPERATOR });
  return history;
};

describe('a status', () => {
  const says = (message: string, spec: object = {}): History =>
    tenants().binding('web', { userAssigned: ['apples'], ...spec }, { status: { message } });

  it.each(['apples waits for Azure', 'web is ready in shop', '3 pearseeds', 'the shop-group', 'is at: Apples'])(
    'may say: %s',
    (message) => {
      expect(found(says(message))).toEqual([]);
    },
  );

  it.each([
    ['another’s identity', 'pears is in the way', 'pears'],
    ['another’s identity, in whatever case', 'PEARS is in the way', 'pears'],
    ['another’s binding', 'the binding invoices was first', 'invoices'],
    ['another’s namespace', 'wanted by payments', 'payments'],
    ['what nobody declares', 'nobodys is foreign', 'nobodys'],
  ])('may not name %s', (_what, message, name) => {
    expect(found(says(message))).toEqual([expect.stringContaining(`speaks of ${name}`)]);
  });

  it('may name what the namespace has declared itself', () => {
    const history = tenants().binding('web', { userAssigned: ['pears'] });
    expect(found(history.binding('web', {}, { status: { message: 'pears goes' } }))).toEqual([]);
  });

  it('is the user’s own as far as the user wrote it', () => {
    const history = tenants();
    history.kubeChanges.push({ ...history.kubeChanges.at(-1)!, by: 'user' });
    expect(found(history)).toEqual([]);
  });
});

describe('the plan', () => {
  const plans = (history: History, id: string, mode: 'Additive' | 'Exclusive'): History => {
    const known = history.known();
    history.binding('web', { userAssigned: ['apples'], mode }, { status: { plan: { detach: [id] } } });
    history.knownAtWrite.set(history.kubeChanges.at(-1)!, known);
    return history;
  };

  it('of an Exclusive binding may list what nobody declares, and that of another binding may not', () => {
    expect(found(plans(tenants(), 'nobodys', 'Exclusive'))).toEqual([]);
    expect(found(plans(tenants(), 'nobodys', 'Additive'))).toEqual([expect.stringContaining('speaks of nobodys')]);
  });

  it('of an Exclusive binding may not list what another namespace declares', () => {
    expect(found(plans(tenants(), 'pears', 'Exclusive'))).toEqual([expect.stringContaining('speaks of pears')]);
  });

  it('of an Exclusive binding may list what another namespace came to declare unseen', () => {
    const history = tenants();
    const known = history.known();
    history.binding('late', { userAssigned: ['nobodys'] }, { namespace: 'payments' });
    history.binding('web', { mode: 'Exclusive' }, { status: { plan: { detach: ['nobodys'] } } });
    history.knownAtWrite.set(history.kubeChanges.at(-1)!, known);
    expect(found(history)).toEqual([]);
  });
});

describe('an event', () => {
  it('may not name another’s', () => {
    expect(found(event(tenants(), 'pears is in the way'))).toEqual([expect.stringContaining('speaks of pears')]);
  });

  it.each<[string, object]>([
    [
      'in the operator’s own namespace',
      { metadata: { name: 'told', namespace: OPERATOR_NAMESPACE, uid: 'uid-event' } },
    ],
    ['about a ledger', { regarding: { kind: LEDGER.kind } }],
  ])('may, %s', (_where, change) => {
    expect(found(event(tenants(), 'pears is in the way', change))).toEqual([]);
  });
});
