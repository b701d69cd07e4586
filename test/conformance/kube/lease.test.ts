import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { KubeClient } from '../../../src/kube/client.ts';
import { KubeLease, leaseDescriptor, type LeaseObject } from '../../../src/kube/lease.ts';
import { ResourceClient } from '../../../src/kube/resource-client.ts';
import { realClock, realRandom } from '../../../src/runtime/clock.ts';
import { LeaderElection } from '../../../src/runtime/leader-election.ts';
import { recordingLogger } from '../../unit/telemetry/recording-logger.ts';
import { clientFor, eventually, kindOf, sharedKubeconfig } from './widgets.ts';

const namespace = `leases-${realRandom.uuid().slice(0, 8)}`;
const { signal } = new AbortController();
const record = { holder: 'a', durationMs: 15_000, acquiredAt: 1_700_000_000_123, renewedAt: 1_700_000_000_456 };

let client: KubeClient;
let leases: ResourceClient<LeaseObject>;
beforeAll(async () => {
  client = clientFor(sharedKubeconfig());
  leases = new ResourceClient<LeaseObject>(client, leaseDescriptor);
  await client.call({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: namespace } } });
});
afterAll(() => client.close());

const lease = (name: string): KubeLease => new KubeLease(leases, { namespace, name });

describe('a Lease', () => {
  it('is not there before it is first written', async () => {
    expect(await lease('missing').read(signal)).toBeUndefined();
  });

  it('is read as it was written, times to the millisecond', async () => {
    const store = lease('written');
    const written = await store.write({ ...record, transitions: 2 }, undefined, signal);
    expect(written).toMatchObject({ ...record, transitions: 2 });
    expect(await store.read(signal)).toEqual(written);
    const { spec } = await leases.get({ namespace, name: 'written' });
    expect(spec?.renewTime).toBe('2023-11-14T22:13:20.456000Z');
  });

  it('is created by one of two', async () => {
    const [one, other] = [lease('both'), lease('both')];
    const outcomes = await Promise.all(
      [one, other].map((store) => kindOf(store.write({ ...record, transitions: 0 }, undefined, signal))),
    );
    expect(outcomes.toSorted()).toEqual(['alreadyExists', 'none']);
  });

  it('is not written over what another has written meanwhile', async () => {
    const store = lease('overtaken');
    const first = await store.write({ ...record, transitions: 0 }, undefined, signal);
    await lease('overtaken').write({ ...record, holder: 'b', transitions: 1 }, first, signal);
    expect(await kindOf(store.write({ ...record, transitions: 0 }, first, signal))).toBe('conflict');
  });

  it('keeps the labels and annotations that others put on it', async () => {
    const store = lease('labelled');
    await store.write({ ...record, transitions: 0 }, undefined, signal);
    await leases.mergePatch({ namespace, name: 'labelled' }, { metadata: { labels: { team: 'platform' } } });
    const read = await store.read(signal);
    await store.write({ ...record, holder: 'b', transitions: 1 }, read, signal);
    const { metadata, spec } = await leases.get({ namespace, name: 'labelled' });
    expect(metadata.labels).toEqual({ team: 'platform' });
    expect(spec?.holderIdentity).toBe('b');
  });

  it('made by hand with nothing in it belongs to nobody', async () => {
    await leases.create({ metadata: { namespace, name: 'empty' } });
    expect(await lease('empty').read(signal)).toMatchObject({ holder: '', durationMs: 0, transitions: 0 });
  });
});

describe('two candidates for a Lease', () => {
  it('lead one after the other, when the first gives it back', async () => {
    const terms: string[] = [];
    const [first, second] = ['first', 'second'].map(
      (identity) =>
        new LeaderElection({
          identity,
          durationMs: 15_000,
          store: lease('elected'),
          clock: realClock,
          random: realRandom,
          logger: recordingLogger(),
          lead: (term) => {
            terms.push(identity);
            return new Promise((resolve) => {
              term.signal.addEventListener('abort', () => resolve(), { once: true });
            });
          },
        }),
    );
    first!.start();
    await eventually(() => terms.length === 1);
    second!.start();
    await eventually(async () => (await leases.get({ namespace, name: 'elected' })).spec?.holderIdentity === 'first');

    await first!.stop();
    await eventually(() => terms.length === 2);
    await second!.stop();

    expect(terms).toEqual(['first', 'second']);
    expect((await leases.get({ namespace, name: 'elected' })).spec).toMatchObject({
      holderIdentity: '',
      leaseTransitions: 1,
    });
  });
});
