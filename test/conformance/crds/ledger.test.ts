import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type Cluster, openCluster } from './cluster.ts';
import {
  collectionOf,
  identityId,
  ledger,
  longIdentityId,
  longScaleSetId,
  pathOf,
  refusal,
  review,
  scaleSetId,
  times,
  withStored,
} from './objects.ts';

const SINCE = '2026-03-01T10:00:00.000Z';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await openCluster();
});
afterAll(() => cluster.close());

const member = { namespace: 'n'.repeat(63), name: 'b'.repeat(253), uid: 'u'.repeat(36) };
const entry = { resourceId: identityId(), phase: 'Attaching', since: SINCE, for: [member] };

describe('a ledger', () => {
  it('says that nothing was attached where it says nothing', async () => {
    expect((await review(cluster, ledger())).body).toMatchObject({ spec: { entries: [], foreign: [] } });
  });

  it('is stored with all that it can hold, one binding an entry', async () => {
    const largest = ledger({
      scaleSetId: longScaleSetId(0),
      uniqueId: 'u'.repeat(36),
      entries: times(512, (index) => ({ ...entry, resourceId: longIdentityId(index) })),
      systemAssigned: { phase: 'Enabling', since: SINCE, for: times(256, () => member) },
      operation: { startedAt: SINCE, lastError: { code: 'c'.repeat(128), message: 'm'.repeat(2048) } },
      exclusive: {
        detach: times(512, longIdentityId),
        since: SINCE,
        bindings: times(256, (index) => `${'u'.repeat(36)}/${String(index)}`),
      },
      foreign: times(512, longIdentityId),
    });
    await withStored(cluster, largest, async ({ code }) => {
      expect(code).toBe(201);
    });
  });

  it('that etcd cannot hold is refused whole, and nothing is stored', async () => {
    const subject = ledger({ entries: times(512, () => ({ ...entry, for: times(8, () => member) })) });
    const reply = await cluster.send('POST', collectionOf(subject), subject);
    expect(refusal(reply)).toEqual(['etcdserver: request is too large']);
    expect((await cluster.send('GET', pathOf(subject))).code).toBe(404);
  });

  it('stays with its scale set, in whatever letter case', async () => {
    const subject = ledger();
    await withStored(cluster, subject, async () => {
      const moveTo = (id: string): Promise<unknown> =>
        cluster.send('PATCH', pathOf(subject), { spec: { scaleSetId: id } }).then(refusal);
      expect(await moveTo(scaleSetId().toUpperCase())).toEqual([]);
      expect(await moveTo(scaleSetId('other'))).toEqual([
        'spec.scaleSetId: Forbidden: a ledger belongs to one scale set for good',
      ]);
    });
  });

  const refused: readonly (readonly [string, Readonly<Record<string, unknown>>, string])[] = [
    ['no scale set', { scaleSetId: undefined }, 'spec.scaleSetId: Required value'],
    ['a phase that is none', { entries: [{ ...entry, phase: 'Done' }] }, 'spec.entries[0].phase: Unsupported value'],
    ['a time that is none', { entries: [{ ...entry, since: 'now' }] }, 'spec.entries[0].since: Invalid value'],
    [
      'an entry for nobody knows whom',
      { entries: [{ ...entry, for: undefined }] },
      'spec.entries[0].for: Required value',
    ],
    ['more entries than it holds', { entries: times(513, () => entry) }, 'spec.entries: Too many: 513'],
    ['the URL of a poll', { operation: { startedAt: SINCE, url: 'https://x' } }, 'unknown field "spec.operation.url"'],
  ];
  it.each(refused)('is refused with %s', async (_, spec, message) => {
    expect(refusal(await review(cluster, ledger(spec)))).toEqual(
      expect.arrayContaining([expect.stringContaining(message)]),
    );
  });
});
