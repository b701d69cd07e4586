import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventDescriptor } from '../../../src/kube/event-object.ts';
import { KubeLease, leaseDescriptor } from '../../../src/kube/lease.ts';
import { pathOf } from '../../../src/kube/object.ts';
import { event } from './objects.ts';
import { refusalIn } from './refusal.ts';
import { type Server, SERVERS } from './servers.ts';

describe.each(SERVERS)('%s', (_name, open) => {
  let server: Server;
  beforeAll(async () => {
    server = await open();
  });
  afterAll(() => server.close());

  const createLease = async (spec: object) => {
    const path = pathOf(leaseDescriptor, { namespace: server.namespace });
    const answer = await server.send('POST', path, { metadata: { name: server.unique() }, spec });
    return answer.code === 201 ? 'taken' : refusalIn(answer);
  };
  const createEvent = async (more: object, namespace = server.namespace) => {
    const answer = await server.send(
      'POST',
      pathOf(eventDescriptor, { namespace }),
      event(server.unique(), namespace, more),
    );
    return answer.code === 201 ? 'taken' : refusalIn(answer);
  };

  it('takes a Lease as leader election writes it, under the version that was read', async () => {
    const { signal } = new AbortController();
    const ref = { namespace: server.namespace, name: server.unique() };
    const [one, two] = [new KubeLease(server.leases, ref), new KubeLease(server.leases, ref)];
    const record = { holder: 'one', durationMs: 15_000, acquiredAt: 1_000, renewedAt: 1_000, transitions: 0 };
    const first = await one.write(record, undefined, signal);
    const seen = await two.read(signal);
    expect(seen).toEqual(first);
    await one.write({ ...record, renewedAt: 2_000 }, first, signal);
    await expect(two.write({ ...record, holder: 'two' }, seen, signal)).rejects.toMatchObject({ kind: 'conflict' });
    await expect(two.write(record, undefined, signal)).rejects.toMatchObject({ kind: 'alreadyExists' });
    const released = { ...record, holder: '', renewedAt: 3_000 };
    expect(await two.write(released, await two.read(signal), signal)).toMatchObject(released);
  });

  it('refuses a Lease that lasts for no time, or has changed hands less than never', async () => {
    expect(await createLease({ leaseDurationSeconds: 0, leaseTransitions: -1 })).toBe(
      '422 Invalid: FieldValueInvalid spec.leaseDurationSeconds, FieldValueInvalid spec.leaseTransitions',
    );
  });

  it('refuses the time of a Lease that is not in microseconds', async () => {
    expect(await createLease({ renewTime: '2026-01-01T00:00:00Z' })).toBe('400 BadRequest');
    expect(await createLease({ renewTime: '2026-01-01T00:00:00.000000Z' })).toBe('taken');
  });

  it('takes an event as it is recorded, and a count of it afterwards', async () => {
    const { namespace } = server;
    const object = event(server.unique(), namespace);
    const made = await server.events.create(object);
    expect(made).toMatchObject({ ...object, apiVersion: 'events.k8s.io/v1', kind: 'Event' });
    const series = { count: 2, lastObservedTime: '2026-01-01T00:01:00.000000Z' };
    const counted = await server.events.mergePatch(made.metadata, { series });
    expect(counted).toMatchObject({ ...object, series });
    expect(counted.metadata.resourceVersion).not.toBe(made.metadata.resourceVersion);
  });

  it('refuses an event without its time, of another type or of a series of one', async () => {
    expect(await createEvent({ eventTime: null })).toMatch(/^422 Invalid: .*FieldValueRequired eventTime/);
    expect(await createEvent({ type: 'Odd' })).toBe('422 Invalid: FieldValueInvalid type');
    const series = { count: 1, lastObservedTime: '2026-01-01T00:01:00.000000Z' };
    expect(await createEvent({ series })).toBe('422 Invalid: FieldValueInvalid series.count');
  });

  it('refuses an event that does not say what happened, and who says so', async () => {
    for (const field of ['reason', 'action', 'reportingInstance']) {
      expect([field, await createEvent({ [field]: '' })]).toEqual([field, `422 Invalid: FieldValueRequired ${field}`]);
    }
    expect(await createEvent({ reportingController: '' })).toBe(
      '422 Invalid: FieldValueInvalid reportingController, FieldValueRequired reportingController',
    );
    expect(await createEvent({ reportingController: 'not a name' })).toBe(
      '422 Invalid: FieldValueInvalid reportingController',
    );
    expect(await createEvent({ note: 'n'.repeat(1025) })).toBe('422 Invalid: FieldValueInvalid message');
  });

  it('takes an event of an object with a namespace anywhere, and of one without in few places', async () => {
    const regarding = { kind: 'VmssIdentityPolicy', name: 'p' };
    expect(await createEvent({ regarding: { ...regarding, namespace: 'default' } })).toBe('taken');
    expect(await createEvent({ regarding })).toBe('422 Invalid: FieldValueInvalid involvedObject.namespace');
    expect(await createEvent({ regarding }, 'default')).toBe('taken');
  });

  it('lets nothing of an event change but its series', async () => {
    const made = await server.events.create(event(server.unique(), server.namespace));
    const path = pathOf(eventDescriptor, made.metadata);
    const answer = await server.send('PATCH', path, { note: 'other', reason: 'Other' }, 'application/merge-patch+json');
    expect(refusalIn(answer)).toBe('422 Invalid: FieldValueInvalid message, FieldValueInvalid reason');
  });

  it('counts up no event that is gone', async () => {
    const path = pathOf(eventDescriptor, { name: server.unique(), namespace: server.namespace });
    const answer = await server.send('PATCH', path, {}, 'application/merge-patch+json');
    expect(refusalIn(answer)).toBe('404 NotFound');
  });
});
