import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { API_VERSION } from '../../../src/api/types.ts';
import { type Cluster, openCluster } from './cluster.ts';
import {
  binding,
  bindingOf,
  identityId,
  longIdentityId,
  longScaleSetId,
  pathOf,
  refusal,
  review,
  scaleSetId,
  times,
  withStored,
} from './objects.ts';

const TIME = '2026-03-01T10:00:00Z';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await openCluster();
});
afterAll(() => cluster.close());

describe('a new binding', () => {
  it('is given the safe choice wherever it makes none', async () => {
    const { body } = await review(cluster, bindingOf(identityId()));
    expect(body).toMatchObject({
      spec: {
        scaleSet: { resourceId: scaleSetId() },
        systemAssigned: 'Unmanaged',
        userAssigned: [{ resourceId: identityId(), adopt: false }],
        mode: 'Additive',
        deletionPolicy: 'Detach',
        managementPolicy: 'Manage',
        staleIdentities: 'Report',
        suspend: false,
      },
    });
  });

  it('may declare no identity', async () => {
    expect((await review(cluster, binding())).body).toMatchObject({ spec: { userAssigned: [] } });
  });

  it('counts as not looked at, so that nobody takes it for ready', async () => {
    await withStored(cluster, binding(), async ({ body }) => {
      expect(body).toMatchObject({ metadata: { generation: 1 }, status: { observedGeneration: -1 } });
    });
  });

  it('cannot bring a status along', async () => {
    await withStored(
      cluster,
      { ...binding(), status: { observedGeneration: 1, summary: '9/9' } } as never,
      async () => {
        const stored = await cluster.send('GET', `/apis/${API_VERSION}/namespaces/default/vmssidentitybindings`);
        expect(JSON.stringify(stored.body)).not.toContain('9/9');
      },
    );
  });

  const refused: readonly (readonly [string, Readonly<Record<string, unknown>>, string])[] = [
    ['a scale set', { scaleSet: undefined }, 'spec.scaleSet: Required value'],
    ['the id of the scale set', { scaleSet: {} }, 'spec.scaleSet.resourceId: Required value'],
    ['the id of an identity', { userAssigned: [{ adopt: true }] }, 'spec.userAssigned[0].resourceId: Required value'],
  ];
  it.each(refused)('is refused without %s', async (_, spec, message) => {
    expect(refusal(await review(cluster, binding(spec)))).toContain(message);
  });

  const choices: readonly (readonly [string, string])[] = [
    ['systemAssigned', '"Enabled", "Disabled", "Unmanaged"'],
    ['mode', '"Additive", "Exclusive"'],
    ['deletionPolicy', '"Detach", "Retain"'],
    ['managementPolicy', '"Manage", "Observe"'],
    ['staleIdentities', '"Report", "Reattach"'],
  ];
  it.each(choices)('is refused with a %s that is none, and told what there is', async (field, values) => {
    expect(refusal(await review(cluster, binding({ [field]: 'Sometimes' })))).toContain(
      `spec.${field}: Unsupported value: "Sometimes": supported values: ${values}`,
    );
  });

  it('is refused with a field that does not exist', async () => {
    const misspelt = await review(cluster, binding({ deletionPolcy: 'Retain' }));
    expect(misspelt.code).toBe(400);
    expect(refusal(misspelt).join()).toContain('unknown field "spec.deletionPolcy"');
  });
});

describe('the scale set of a stored binding', () => {
  it('cannot be changed', async () => {
    const subject = binding();
    await withStored(cluster, subject, async () => {
      const spec = { scaleSet: { resourceId: scaleSetId('other') } };
      expect(refusal(await cluster.send('PATCH', pathOf(subject), { spec }))).toEqual([
        'spec.scaleSet.resourceId: Forbidden: the scale set of a binding cannot be changed: delete this binding (which ' +
          'takes back what it attached) and create one for the other scale set',
      ]);
    });
  });

  it('cannot be taken away', async () => {
    const subject = binding();
    await withStored(cluster, subject, async () => {
      expect(refusal(await cluster.send('PATCH', pathOf(subject), { spec: { scaleSet: null } }))).toContain(
        'spec.scaleSet: Required value',
      );
    });
  });

  it('leaves everything else free to change', async () => {
    const subject = binding();
    await withStored(cluster, subject, async () => {
      const spec = { userAssigned: [{ resourceId: identityId() }], mode: 'Exclusive', suspend: true };
      expect(await cluster.send('PATCH', pathOf(subject), { spec })).toMatchObject({
        code: 200,
        body: { metadata: { generation: 2 } },
      });
    });
  });
});

describe('the status of a binding', () => {
  const condition = (message: string): unknown => ({
    type: 'Ready',
    status: 'False',
    observedGeneration: 1,
    lastTransitionTime: TIME,
    reason: 'Throttled',
    message,
  });
  const identity = (index: number): unknown => ({
    resourceId: longIdentityId(index),
    state: 'NotAuthorised',
    principalId: 'p'.repeat(36),
    clientId: 'c'.repeat(36),
    attachedByUs: true,
    reason: 'IdentityRefused',
    message: 'm'.repeat(1024),
    lastTransitionTime: TIME,
    nextAttemptTime: TIME,
  });
  const largest = {
    observedGeneration: 1,
    conditions: [condition('m'.repeat(4096))],
    userAssigned: times(512, identity),
    summary: '0/64',
    foreignCount: 512,
    plan: {
      type: 'SystemAssigned, UserAssigned',
      attach: times(64, longIdentityId),
      detach: times(512, longIdentityId),
      warnings: times(16, () => 'w'.repeat(1024)),
      request: 'r'.repeat(65_536),
    },
  };

  it('is stored at its largest, together with the largest spec', async () => {
    const userAssigned = times(64, (index) => ({ resourceId: longIdentityId(index) }));
    const subject = binding({ scaleSet: { resourceId: longScaleSetId(0) }, userAssigned });
    await withStored(cluster, subject, async () => {
      expect(refusal(await cluster.send('PATCH', `${pathOf(subject)}/status`, { status: largest }))).toEqual([]);
    });
  });

  it('changes by itself, and leaves the spec and the generation alone', async () => {
    const subject = binding();
    await withStored(cluster, subject, async () => {
      const change = { spec: { suspend: true }, status: { observedGeneration: 1, summary: '0/0' } };
      expect(await cluster.send('PATCH', `${pathOf(subject)}/status`, change)).toMatchObject({
        code: 200,
        body: { metadata: { generation: 1 }, spec: { suspend: false }, status: { summary: '0/0' } },
      });
    });
  });

  const refused: readonly (readonly [string, Readonly<Record<string, unknown>>, string])[] = [
    ['no observedGeneration', { observedGeneration: null, summary: '' }, 'status.observedGeneration: Required value'],
    [
      'a message that is too long',
      { conditions: [condition('m'.repeat(4097))] },
      'status.conditions[0].message: Too long',
    ],
    ['more identities than it holds', { userAssigned: times(513, identity) }, 'status.userAssigned: Too many: 513'],
    ['a condition twice', { conditions: [condition(''), condition('')] }, 'status.conditions[1]: Duplicate value'],
    [
      'a state that is none',
      { userAssigned: [{ resourceId: identityId(), state: 'Fine', attachedByUs: true, lastTransitionTime: TIME }] },
      'status.userAssigned[0].state: Unsupported value',
    ],
    [
      'a time that is none',
      { conditions: [{ ...(condition('') as object), lastTransitionTime: 'yesterday' }] },
      'status.conditions[0].lastTransitionTime: Invalid value',
    ],
  ];
  it.each(refused)('is refused with %s', async (_, status, message) => {
    const subject = binding();
    await withStored(cluster, subject, async () => {
      const reply = await cluster.send('PATCH', `${pathOf(subject)}/status`, {
        status: { observedGeneration: 1, ...status },
      });
      expect(refusal(reply)).toEqual(expect.arrayContaining([expect.stringContaining(message)]));
    });
  });
});
