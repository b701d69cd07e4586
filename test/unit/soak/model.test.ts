import { describe, expect, it } from 'vitest';

import type { FleetBinding, FleetScaleSet } from '../../../dev/soak/fleet.ts';
import { Model } from '../../../dev/soak/model.ts';
import { binding, declared, fleet, folded, identityId, scaleSet } from './fixtures.ts';

const one = 'soak-0/one';
const other = 'soak-0/other';

function world(
  set: Partial<FleetScaleSet> = {},
  first: Partial<FleetBinding> = {},
): { readonly model: Model; readonly id: string } {
  const web = scaleSet('web', set);
  return { model: new Model(fleet([web], [binding('one', web, first), binding('other', web)])), id: web.id };
}

describe('the user-assigned identities that must be there', () => {
  it('are those of all bindings together, and those of others', () => {
    const { model, id } = world({ foreign: [identityId('foreign-0')] });
    model.declare(one, declared(['declared-0', 'declared-1']));
    model.declare(other, declared(['declared-1', 'declared-2']));

    expect(model.expected(id)).toEqual({
      must: folded('declared-0', 'declared-1', 'declared-2', 'foreign-0'),
      may: new Set(),
      systemAssigned: 'Off',
    });
  });

  it('are no longer those that a binding took out of its list, or went with', () => {
    const { model, id } = world();
    model.declare(one, declared(['declared-0', 'declared-1']));
    model.declare(one, declared(['declared-1']));
    model.declare(other, declared(['declared-2']));
    model.delete(other);

    expect(model.expected(id).must).toEqual(folded('declared-1'));
    expect(model.expected(id).may).toEqual(new Set());
  });

  it('are those that others attached and have not taken off', () => {
    const { model, id } = world({ foreign: [identityId('foreign-0')] });
    model.plant(id, identityId('FOREIGN-1'));
    model.uproot(id, identityId('foreign-0'));

    expect(model.expected(id).must).toEqual(folded('foreign-1'));
  });

  it('are without what others attached to a scale set whose binding is Exclusive', () => {
    const { model, id } = world({ exclusive: true, foreign: [identityId('foreign-0')] });
    model.plant(id, identityId('foreign-1'));
    model.declare(one, declared(['declared-0']));

    expect(model.expected(id).must).toEqual(folded('declared-0'));
  });
});

describe('user-assigned identities that may be there or not', () => {
  it('are all that a suspended binding has declared since it was created', () => {
    const { model, id } = world();
    model.declare(one, declared(['declared-0']));
    model.declare(one, declared(['declared-1']));
    model.declare(one, declared(['declared-2'], { suspend: true }));

    expect(model.expected(id)).toMatchObject({
      must: new Set(),
      may: folded('declared-0', 'declared-1', 'declared-2'),
    });
  });

  it('are none any more once it is active again', () => {
    const { model, id } = world();
    model.declare(one, declared(['declared-0'], { suspend: true }));
    model.declare(one, declared(['declared-1']));

    expect(model.expected(id)).toMatchObject({ must: folded('declared-1'), may: new Set() });
  });

  it.each([{ deletionPolicy: 'Retain' as const }, { suspend: true }])(
    'are for ever those of a binding that was deleted with %j',
    (rest) => {
      const { model, id } = world();
      model.declare(one, declared(['declared-0'], rest));
      model.delete(one);
      model.declare(other, declared(['declared-0']));
      model.delete(other);

      expect(model.expected(id)).toMatchObject({ must: new Set(), may: folded('declared-0') });
    },
  );
});

describe('the system-assigned identity', () => {
  const manager = { managesSystemAssigned: true };

  it.each([
    ['On', 'Enabled'],
    ['Off', 'Disabled'],
  ] as const)('is %s where a binding says %s', (expected, systemAssigned) => {
    const { model, id } = world({}, manager);
    model.declare(one, declared([], { systemAssigned }));

    expect(model.expected(id).systemAssigned).toBe(expected);
  });

  it('stays as others left it', () => {
    const { model, id } = world();
    model.turnOn(id);

    expect(model.expected(id).systemAssigned).toBe('On');
  });

  it('goes with the binding that turned it on', () => {
    const { model, id } = world({}, manager);
    model.declare(one, declared([], { systemAssigned: 'Enabled' }));
    model.delete(one);

    expect(model.expected(id).systemAssigned).toBe('Off');
  });

  it('stays with the binding gone, where others had turned it on before', () => {
    const { model, id } = world({ systemAssigned: true }, manager);
    model.declare(one, declared([], { systemAssigned: 'Enabled' }));
    model.delete(one);

    expect(model.expected(id).systemAssigned).toBe('On');
  });

  it.each([
    ['a binding that went had asked to turn off what others turned on', true, { systemAssigned: 'Disabled' as const }],
    [
      'a binding went that takes nothing back',
      false,
      { systemAssigned: 'Enabled' as const, deletionPolicy: 'Retain' as const },
    ],
  ])('may be on or off when %s', (_when, systemAssigned, rest) => {
    const { model, id } = world({ systemAssigned }, manager);
    model.declare(one, declared([], rest));
    model.delete(one);

    expect(model.expected(id).systemAssigned).toBe('Either');
  });

  it('may be on or off while its binding is suspended', () => {
    const { model, id } = world({}, manager);
    model.declare(one, declared([], { systemAssigned: 'Enabled', suspend: true }));

    expect(model.expected(id).systemAssigned).toBe('Either');
  });
});
