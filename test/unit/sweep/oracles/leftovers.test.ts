import { describe, expect, it } from 'vitest';

import { OTHERS } from '../../../sweep/azure-model.ts';
import { leftovers } from '../../../sweep/oracles/leftovers.ts';
import { entry, History, lower, model, OPERATOR } from './history.ts';

const found = (history: History): readonly string[] => leftovers(history.run);

it('finds nothing where all is gone', () => {
  const history = new History()
    .binding('web')
    .azure(model(['one']))
    .azure(model([]))
    .removeBinding('web');
  expect(found(history)).toEqual([]);
});

describe('finds', () => {
  it.each<[string, (history: History) => History, string]>([
    ['a ledger', (history) => history.ledger({ entries: [entry('one', 'Attached', 'web')] }), 'the ledger web-1'],
    ['a binding', (history) => history.binding('web', {}, { finalizer: false }), 'the binding shop/web'],
    ['an identity that the operator attached', (history) => history.azure(model(['one'])), lower('one')],
    [
      'one of another scale set of the name',
      (history) =>
        history
          .azure(model(['one']))
          .azure(model([], { uniqueId: 'another' }), { by: OTHERS })
          .azure(model(['one'])),
      lower('one'),
    ],
    [
      'the system-assigned identity that it turned on',
      (history) => history.azure(model([], { systemAssigned: true })),
      'system-assigned',
    ],
  ])('%s', (_what, change, name) => {
    expect(found(change(new History()))).toEqual([expect.stringContaining(name)]);
  });

  it('a finalizer, with its binding', () => {
    expect(found(new History().binding('web'))).toEqual([
      expect.stringContaining('the binding shop/web'),
      expect.stringContaining('the finalizer on shop/web'),
    ]);
  });
});

it('leaves to others what they attached, and what they attached again', () => {
  const history = new History(model(['theirs']))
    .azure(model(['one', 'theirs']), { by: OPERATOR })
    .azure(model(['theirs']), { by: OTHERS })
    .azure(model(['one', 'theirs']), { by: OTHERS });
  expect(found(history)).toEqual([]);
});
