import { describe, expect, it } from 'vitest';

import { Model } from '../../../dev/soak/model.ts';
import { countShortcomings, findShortcomings, type Found } from '../../../dev/soak/verify.ts';
import type { VmssIdentityBinding, VmssIdentityLedger } from '../../../src/api/types.ts';
import { binding, declared, fleet, identityId, scaleSet } from './fixtures.ts';

const clientIdOf = (name: string): string => `client of ${name}`;
const NAMES = ['declared-0', 'declared-1', 'foreign-0'];
const web = scaleSet('web', { foreign: [identityId('foreign-0')] });

function modelOf(): Model {
  const model = new Model(fleet([web], [binding('one', web)]));
  model.declare('soak-0/one', declared(['declared-0']));
  return model;
}

type AzureScaleSet = Found['azure']['scaleSets'][number];

/** Everything as the model of these tests wants it, but for what is given. */
function found({
  attached = ['declared-0', 'foreign-0'],
  set = {},
  spec = {},
  status = {},
  metadata = {},
  entry = {},
}: {
  readonly attached?: readonly string[];
  readonly set?: Partial<AzureScaleSet>;
  readonly spec?: Partial<VmssIdentityBinding['spec']>;
  readonly status?: Partial<VmssIdentityBinding['status']>;
  readonly metadata?: Partial<VmssIdentityBinding['metadata']>;
  readonly entry?: Partial<VmssIdentityLedger['spec']['entries'][number]>;
} = {}): Found {
  const scaleSets = [
    {
      id: web.id.toUpperCase(),
      provisioningState: 'Succeeded',
      systemAssigned: undefined,
      userAssigned: attached.map((name) => ({ id: identityId(name), clientId: clientIdOf(name) })),
      ...set,
    } as AzureScaleSet,
  ];
  const identities = NAMES.map((name) => ({ id: identityId(name), clientId: clientIdOf(name) }));
  const one = {
    metadata: { namespace: 'soak-0', name: 'one', uid: 'uid-1', generation: 3, ...metadata },
    spec: {
      scaleSet: { resourceId: web.id },
      userAssigned: [{ resourceId: identityId('declared-0') }],
      systemAssigned: 'Unmanaged',
      deletionPolicy: 'Detach',
      suspend: false,
      ...spec,
    },
    status: {
      observedGeneration: 3,
      conditions: [{ type: 'Ready', status: 'True', reason: 'Assigned', message: 'All of them.' }],
      userAssigned: [{ resourceId: identityId('declared-0'), state: 'Assigned', clientId: clientIdOf('declared-0') }],
      ...status,
    },
  } as unknown as VmssIdentityBinding;
  const ledger = {
    metadata: { name: 'web' },
    spec: {
      scaleSetId: web.id,
      entries: [
        {
          resourceId: identityId('declared-0'),
          phase: 'Attached',
          for: [{ namespace: 'soak-0', name: 'one', uid: 'uid-1' }],
          ...entry,
        },
      ],
    },
  } as unknown as VmssIdentityLedger;
  return {
    azure: { scaleSets, identities, principals: [] } as unknown as Found['azure'],
    bindings: [one],
    ledgers: [ledger],
  };
}

const shortcomings = (of: Parameters<typeof found>[0]) => findShortcomings(modelOf(), found(of));

describe('a world that is as it must be', () => {
  it('has no shortcomings', () => {
    expect(countShortcomings(shortcomings({}))).toBe(0);
  });
});

describe('Azure', () => {
  it.each([
    ['lacks what is declared', { attached: ['foreign-0'] }, 'lacks'],
    ['lacks what others attached', { attached: ['declared-0'] }, 'lacks'],
    ['has what nobody declares', { attached: [...NAMES] }, 'still has'],
    ['is at work', { set: { provisioningState: 'Updating' as const } }, 'is Updating'],
    ['has turned on what nobody wanted', { set: { systemAssigned: { principalId: 'p' } } }, 'must be Off'],
  ])('is told of when it %s', (_what, change, words) => {
    expect(shortcomings(change).azure).toEqual([expect.stringContaining(words)]);
  });

  it('is told of when an operation failed that attached an identity', () => {
    const userAssigned = found().azure.scaleSets.flatMap((set) =>
      set.userAssigned.map((each) => ({ ...each, clientId: undefined })),
    );

    expect(shortcomings({ set: { userAssigned } }).azure).toHaveLength(2);
  });
});

describe('a binding', () => {
  it('is told of when its spec is not the one it was given last', () => {
    expect(shortcomings({ spec: { deletionPolicy: 'Retain' } }).objects).toHaveLength(1);
    expect(shortcomings({ spec: { userAssigned: [] } }).objects).toHaveLength(1);
  });

  it('is told of when it is not there, and when it is there though it was deleted', () => {
    const deleted = modelOf();
    deleted.delete('soak-0/one');

    expect(findShortcomings(modelOf(), { ...found(), bindings: [] }).objects).toEqual(['soak-0/one is not there']);
    expect(findShortcomings(deleted, found()).objects).toEqual([expect.stringContaining('is still there')]);
  });

  it.each([
    ['speaks of an earlier generation', { status: { observedGeneration: 2 } }, 'is behind'],
    ['is not Ready', { status: { conditions: [] } }, 'shows Ready undefined'],
    ['shows an identity that is not there yet', { status: { userAssigned: [] } }, 'as undefined'],
    [
      'has not answered a request',
      { metadata: { annotations: { 'reconcile.vmss-identity.dev/requested-at': 'now' } } },
      'has not answered',
    ],
  ])('is told of when its status %s', (_what, change, words) => {
    expect(shortcomings(change).statuses).toEqual([expect.stringContaining(words)]);
  });
});

describe('a ledger', () => {
  it('may be left unsettled where a binding is suspended', () => {
    expect(shortcomings({ spec: { suspend: true }, entry: { phase: 'Detaching' } }).ledgers).toEqual([]);
  });

  const nobody = { for: [{ namespace: 'soak-0', name: 'one', uid: 'uid-0' }] };

  it.each([
    ['is not settled', { phase: 'Detaching' as const }, 'is Detaching'],
    ['claims what others attached', { resourceId: identityId('foreign-0') }, 'which others attached'],
    ['is for a binding that is gone', nobody, 'for a binding that is gone'],
  ])('is told of when it %s', (_what, entry, words) => {
    expect(shortcomings({ entry }).ledgers).toEqual([expect.stringContaining(words)]);
  });
});
