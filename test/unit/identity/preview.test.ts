import { describe, expect, it } from 'vitest';

import type { Declaration } from '../../../src/identity/declaration.ts';
import type { Ledger } from '../../../src/identity/ledger.ts';
import { changesIn, type Outlook, type Preview, previewOf } from '../../../src/identity/preview.ts';
import {
  binding,
  type BindingOptions,
  entry,
  grantAllBut,
  identityId,
  identityKey,
  ledger,
  type LiveOptions,
  nameOf,
  NOW,
  scaleSet,
  scaleSetId,
  systemEntry,
} from './builders.ts';

interface Given extends Omit<BindingOptions, 'name'> {
  readonly live?: LiveOptions;
  readonly ledger?: Ledger;
  readonly others?: readonly Declaration[];
  readonly untouchable?: readonly string[];
  /** Names of those that cannot be attached. */
  readonly refused?: readonly string[];
}

/** The preview for the binding `me` of namespace `shop`, which observes. */
function preview(given: Given): Preview {
  const { live, ledger: recorded, others = [], untouchable = [], refused = [], ...declared } = given;
  const me = binding('me', { observe: true, ...declared });
  const outlook: Outlook = {
    scaleSetId: scaleSetId(),
    now: NOW,
    scaleSet: scaleSet(live),
    declarations: [me, ...others],
    ledger: recorded,
    bindings: ['uid-me/1'],
    untouchable: (key) => untouchable.map(identityKey).includes(key),
    systemUntouchable: false,
    attachable: (key) => !refused.map(identityKey).includes(key),
  };
  return previewOf(outlook, me);
}

/** `+a -b on`: what would be attached, detached and turned on, as far as the plan says. */
function told(given: Given): string {
  const { plan, systemAssigned } = preview(given);
  return [
    ...plan.attach.map((id) => `+${nameOf(id)}`),
    ...plan.detach.map((id) => `-${nameOf(id)}`),
    ...(systemAssigned === 'asLive' ? [] : [systemAssigned]),
  ].join(' ');
}

const elsewhere = (options: BindingOptions): Declaration =>
  binding('them', { namespace: 'other', uid: 'uid-them', ...options });

describe('what would be done for a binding that observes', () => {
  it('is to attach what it declares and the scale set lacks', () => {
    expect(told({ userAssigned: ['a', 'b'], live: { userAssigned: ['b'] } })).toBe('+a');
  });

  it('is the same however the scale set was read, and whoever is at work on it', () => {
    const live = { provisioningState: 'Updating', userAssigned: ['old'] };
    expect(told({ userAssigned: ['a'], live, ledger: ledger([entry('old', 'Attached', ['me'])]) })).toBe('+a -old');
  });

  it('is nothing when the scale set has what it declares', () => {
    const found = preview({ userAssigned: ['a'], live: { userAssigned: ['a', 'foreign'], systemAssigned: true } });
    expect(found.plan).toEqual({ type: 'SystemAssigned, UserAssigned', attach: [], detach: [], warnings: [] });
    expect(changesIn(found)).toBe(undefined);
  });

  it('leaves out what cannot be attached, and what no policy allows', () => {
    const given = { userAssigned: ['a', 'b', 'c'], refused: ['b'], grants: grantAllBut('c') };
    expect(told(given)).toBe('+a');
  });

  it('spells an identity as the binding does', () => {
    const me = preview({ userAssigned: ['a'], others: [elsewhere({ userAssigned: ['A'] })] });
    expect(me.plan.attach).toEqual([identityId('a')]);
  });

  it('leaves out what only others would have attached', () => {
    expect(told({ userAssigned: ['a'], others: [elsewhere({ userAssigned: ['b'], systemAssigned: 'Enabled' })] })).toBe(
      '+a',
    );
  });

  it('is to detach what was attached for it, and it no longer declares', () => {
    const recorded = ledger([entry('a', 'Attached', ['me'])]);
    expect(told({ live: { userAssigned: ['a', 'foreign'] }, ledger: recorded })).toBe('-a');
  });

  it.each([
    ['another wants', elsewhere({ userAssigned: ['a'] })],
    ['another holds, who observes too', elsewhere({ userAssigned: ['a'], observe: true })],
    ['another holds, who is suspended', elsewhere({ userAssigned: ['a'], suspended: true })],
  ])('keeps what %s', (_what, other) => {
    const recorded = ledger([entry('a', 'Attached', ['me', 'them'])]);
    expect(told({ live: { userAssigned: ['a'] }, ledger: recorded, others: [other] })).toBe('');
  });

  it('keeps what a policy protects', () => {
    const recorded = ledger([entry('a', 'Attached', ['me'])]);
    expect(told({ live: { userAssigned: ['a'] }, ledger: recorded, untouchable: ['a'] })).toBe('');
  });

  it('leaves out what another’s mode: Exclusive is about to detach', () => {
    const others = [elsewhere({ exclusive: true })];
    expect(told({ userAssigned: ['a'], live: { userAssigned: ['a', 'foreign'] }, others })).toBe('');
  });

  it.each([
    ['turns the system-assigned identity on', { systemAssigned: 'Enabled' }, false, 'on'],
    ['leaves it on', { systemAssigned: 'Enabled' }, true, ''],
    ['turns it off', { systemAssigned: 'Disabled' }, true, 'off'],
    ['leaves it off', { systemAssigned: 'Disabled' }, false, ''],
    ['leaves it as it is', { systemAssigned: 'Unmanaged' }, true, ''],
    [
      'does not turn it on without permission',
      { systemAssigned: 'Enabled', grants: { enableSystemAssigned: false } },
      false,
      '',
    ],
  ] as const)('%s', (_what, declared, systemAssigned, expected) => {
    expect(told({ ...declared, live: { systemAssigned } })).toBe(expected);
  });

  it('leaves it on when another wants it so', () => {
    const others = [elsewhere({ systemAssigned: 'Enabled' })];
    expect(told({ systemAssigned: 'Disabled', live: { systemAssigned: true }, others })).toBe('');
  });

  it('turns it off when it has held it against another until now', () => {
    const recorded = ledger([], { systemAssigned: systemEntry('Enabled', ['me']) });
    const others = [elsewhere({ systemAssigned: 'Disabled' })];
    expect(told({ live: { systemAssigned: true }, ledger: recorded, others })).toBe('off');
  });

  it('leaves out what another is about to turn off', () => {
    const others = [elsewhere({ systemAssigned: 'Disabled' })];
    expect(told({ live: { systemAssigned: true }, others })).toBe('');
  });
});

describe('what mode: Exclusive would detach for a binding that observes', () => {
  const exclusive = { exclusive: true, userAssigned: ['a'] } as const;

  it('is all that nobody declares, without a wait', () => {
    expect(told({ ...exclusive, live: { userAssigned: ['a', 'x', 'y'] } })).toBe('-x -y');
  });

  it('is nothing without permission, and nothing on a scale set of AKS', () => {
    const live = { userAssigned: ['a', 'x'] };
    expect(told({ ...exclusive, grants: { exclusive: false }, live })).toBe('');
    expect(told({ ...exclusive, live: { ...live, tagNames: ['aks-managed-poolName'] } })).toBe('');
  });

  it('is named where its own namespace declares it without permission', () => {
    const others = [binding('neighbour', { userAssigned: ['x'], grants: grantAllBut('x') })];
    expect(told({ ...exclusive, live: { userAssigned: ['a', 'x'] }, others })).toBe('-x');
  });

  it('is counted, and no request is shown, where another namespace declares it', () => {
    const others = [elsewhere({ userAssigned: ['secret'], grants: grantAllBut('secret') })];
    const found = preview({ ...exclusive, live: { userAssigned: ['a', 'x', 'secret'] }, others });

    expect(found).toMatchObject({ detaches: 2, hidden: 1, plan: { type: 'UserAssigned', detach: [identityId('x')] } });
    expect(found.plan).not.toHaveProperty('request');
    expect(JSON.stringify(found)).not.toContain('secret');
    expect(changesIn(found)).toContain('2 identities would be detached (1 of them declared in other namespaces');
  });

  it('is said by the type that would be left', () => {
    expect(preview({ exclusive: true, live: { userAssigned: ['x'] } }).plan.type).toBe('None');
  });
});

describe('the request that is shown', () => {
  const identityOf = ({ plan: { request } }: Preview): unknown =>
    (JSON.parse(request!) as { identity: unknown }).identity;

  it('is the whole body of the PATCH', () => {
    const recorded = ledger([entry('old', 'Attached', ['me'])]);
    const given = { userAssigned: ['a'], systemAssigned: 'Enabled', live: { userAssigned: ['old', 'x'] } } as const;

    expect(identityOf(preview({ ...given, ledger: recorded }))).toEqual({
      type: 'SystemAssigned, UserAssigned',
      userAssignedIdentities: { [identityId('a')]: {}, [identityId('old')]: null },
    });
  });

  it('is left out in the array shape, where it would name all that there is', () => {
    expect(preview({ userAssigned: ['a'], live: { namesOnly: true } }).plan).not.toHaveProperty('request');
  });

  it('is left out when it is longer than a status takes', () => {
    const live = { userAssigned: Array.from({ length: 150 }, (_each, index) => `${'x'.repeat(400)}${String(index)}`) };
    const { plan, detaches } = preview({ exclusive: true, userAssigned: ['a'], live });

    expect(detaches).toBe(150);
    expect(plan).not.toHaveProperty('request');
  });
});

describe('the warnings that are shown', () => {
  it('say what the change means for pods that name no identity', () => {
    const { plan } = preview({ userAssigned: ['a', 'b'], live: { userAssigned: ['a'] } });
    expect(plan.warnings).toEqual([expect.stringContaining('gets identity a now, and will fail')]);
  });

  it('do not name what was not granted, be it declared or not', () => {
    const given = { userAssigned: ['a', 'b'], grants: grantAllBut('a'), live: { userAssigned: ['a'] } };
    expect(preview(given).plan.warnings).toEqual([expect.stringContaining('gets the only user-assigned identity now')]);
  });
});

describe('what would be done, in words', () => {
  it('counts', () => {
    const recorded = ledger([entry('old', 'Attached', ['me'])]);
    const given = { userAssigned: ['a', 'b'], systemAssigned: 'Enabled', live: { userAssigned: ['old'] } } as const;

    expect(changesIn(preview({ ...given, ledger: recorded }))).toBe(
      '2 identities would be attached, 1 identity would be detached, the system-assigned identity would be turned on',
    );
    expect(changesIn(preview({ systemAssigned: 'Disabled', live: { systemAssigned: true } }))).toBe(
      'the system-assigned identity would be turned off',
    );
  });
});
