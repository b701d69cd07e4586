import { describe, expect, it } from 'vitest';

import { LEDGER } from '../../../src/api/types.ts';
import { isKubeError } from '../../../src/kube/errors.ts';
import { leaseDescriptor } from '../../../src/kube/lease.ts';
import { expired } from '../../sweep/kube/api-status.ts';
import { failureReply, type Reply } from '../../sweep/kube/reply.ts';
import { type Call, coalesced, connectionLost, type Delivery } from '../../sweep/kube/seam.ts';
import { settle } from '../runtime/virtual-clock.ts';
import { foreign, ledger, startServer } from './memory-kube.ts';

const MINUTE = 60_000;

const outcomeOf = (promise: Promise<unknown>): { value: string } => {
  const outcome = { value: 'pending' };
  promise.then(
    () => (outcome.value = 'done'),
    (error: unknown) => (outcome.value = isKubeError(error) ? error.kind : String(error)),
  );
  return outcome;
};

describe('a request on its way', () => {
  it('waits, not carried out, for as long as it is held', async () => {
    const { server, connect } = startServer();
    const held: (() => void)[] = [];
    const { ledgers } = connect('one', {
      call: (call) => new Promise((resolve) => held.push(() => resolve(call.perform()))),
    });
    const outcome = outcomeOf(ledgers.create(ledger('a')));
    await settle();
    expect([outcome.value, server.users.list(LEDGER).length]).toEqual(['pending', 0]);
    held[0]!();
    await settle();
    expect([outcome.value, server.users.list(LEDGER).length]).toEqual(['done', 1]);
  });

  it('may be lost before it is carried out, and after', async () => {
    const { server, connect } = startServer();
    const before = connect('before', { call: () => Promise.reject(connectionLost()) });
    const after = connect('after', {
      call: (call) => {
        call.perform();
        return Promise.reject(connectionLost());
      },
    });
    const outcomes = [before, after].map(({ ledgers }, index) => outcomeOf(ledgers.create(ledger(`l${index}`))));
    await settle();
    expect(outcomes.map(({ value }) => value)).toEqual(['network', 'network']);
    expect(server.users.list(LEDGER).map(({ metadata }) => metadata.name)).toEqual(['l1']);
  });

  it('may be carried out although the client has given up', async () => {
    const { clock, server, connect } = startServer();
    const calls: Call[] = [];
    const { ledgers } = connect('one', { call: (call) => (calls.push(call), new Promise<Reply>(() => undefined)) });
    const outcome = outcomeOf(ledgers.create(ledger('a')));
    await clock.advance(MINUTE);
    expect([outcome.value, calls[0]!.aborted()]).toEqual(['timeout', true]);
    calls[0]!.perform();
    expect(server.users.list(LEDGER)).toHaveLength(1);
  });

  it('may be answered by something else', async () => {
    const { connect } = startServer();
    const { ledgers } = connect('one', { call: async () => failureReply(expired('too old')) });
    const outcome = outcomeOf(ledgers.list());
    await settle();
    expect(outcome.value).toBe('gone');
  });

  it('that reads may be shown what once was', async () => {
    const { server, connect } = startServer();
    server.users.apply(LEDGER, ledger('a'));
    const asOf = server.revision;
    server.users.delete(LEDGER, { name: 'a' });
    server.users.apply(LEDGER, ledger('b'));
    const { ledgers } = connect('one', { call: async (call) => call.perform({ asOf }) });
    const { items, resourceVersion } = await ledgers.list();
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['a']);
    expect(resourceVersion).toBe(String(asOf));
  });

  it('of a client that crashed never ends, nor does any after it', async () => {
    const { clock, server, connect } = startServer();
    const held: (() => void)[] = [];
    const { ledgers, connection, follow } = connect('one', {
      call: (call) =>
        call.method === 'GET'
          ? Promise.resolve(call.perform())
          : new Promise((resolve) => held.push(() => resolve(call.perform()))),
    });
    const { heard } = follow();
    const first = outcomeOf(ledgers.create(ledger('a')));
    await settle();
    connection.crash();
    held[0]!();
    const second = outcomeOf(ledgers.get({ name: 'a' }));
    await settle();
    expect([first.value, second.value, heard, connection.watches]).toEqual(['pending', 'pending', [], []]);
    expect(server.users.list(LEDGER)).toHaveLength(1);
    await clock.advance(0);
  });
});

describe('an event on its way', () => {
  const followed = async (event: (delivery: Delivery) => void) => {
    const { clock, server, connect } = startServer();
    const { follow, connection } = connect('one', { event });
    const { heard, reflector } = follow();
    await settle();
    return { clock, server, heard, connection, reflector };
  };

  it('reaches the client at once where nothing holds it', async () => {
    const { server, heard } = await followed((delivery) => delivery.deliver());
    server.users.apply(LEDGER, ledger('a'));
    server.users.edit(LEDGER, { name: 'a' }, foreign('x'));
    server.users.delete(LEDGER, { name: 'a' });
    await settle();
    expect(heard).toEqual(['added a []', 'updated a [x]', 'deleted a [x]']);
  });

  it('may be held, and given later, in another order', async () => {
    const held: Delivery[] = [];
    const { server, heard } = await followed((delivery) => void held.push(delivery));
    server.users.apply(LEDGER, ledger('a'));
    server.users.apply(LEDGER, ledger('b'));
    await settle();
    expect(heard).toEqual([]);
    for (const delivery of held.toReversed()) delivery.deliver();
    await settle();
    expect(heard).toEqual(['added b []', 'added a []']);
  });

  it('is told once and in its turn, although whoever sees it go by writes the next', async () => {
    const { server, heard } = await followed((delivery) => {
      if (delivery.event.type === 'ADDED') server.users.edit(LEDGER, { name: 'a' }, foreign('x'));
      delivery.deliver();
    });
    server.users.apply(LEDGER, ledger('a'));
    await settle();
    expect(heard).toEqual(['added a []', 'updated a [x]']);
  });

  it('becomes one with the next of the same object when what lay between is not told', async () => {
    const held: Delivery[] = [];
    const { server, heard } = await followed((delivery) => void held.push(delivery));
    server.users.apply(LEDGER, ledger('a'));
    server.users.edit(LEDGER, { name: 'a' }, foreign('x'));
    const [first, second] = held as [Delivery, Delivery];
    second.watch.send(coalesced(first.event, second.event)!);
    await settle();
    expect(heard).toEqual(['added a [x]']);
    server.users.delete(LEDGER, { name: 'a' });
    expect(coalesced(first.event, held[2]!.event)).toBeUndefined();
  });

  it('is a bookmark once a minute', async () => {
    const told: string[] = [];
    const { clock } = await followed(({ event }) => void told.push(event.type));
    await clock.advance(2 * MINUTE);
    expect(told).toEqual(['BOOKMARK', 'BOOKMARK']);
  });

  it('of a watch that expires makes the client list anew', async () => {
    const { clock, server, heard, connection } = await followed(() => undefined);
    server.users.apply(LEDGER, ledger('a'));
    for (const watch of connection.watches) watch.expire();
    await clock.advance(MINUTE);
    expect(heard).toEqual(['added a []']);
  });

  it('is not told of what was compacted before the client watched on', async () => {
    const { clock, server, heard, connection } = await followed((delivery) => {
      if (delivery.event.type === 'ERROR') delivery.deliver();
    });
    for (const watch of connection.watches) watch.break();
    server.users.apply(LEDGER, ledger('a'));
    server.compact();
    await clock.advance(MINUTE);
    expect(heard).toEqual(['added a []']);
  });

  it('leaves no timer behind when the watch is over', async () => {
    const { clock, reflector } = await followed(() => undefined);
    expect(clock.pending).toBeGreaterThan(0);
    await reflector.stop();
    expect(clock.pending).toBe(0);
  });
});

describe('a user', () => {
  it('keeps what is given to the server', () => {
    const { server } = startServer();
    const labels = { a: 'b' };
    server.users.apply(LEDGER, { ...ledger('a'), metadata: { name: 'a', labels } });
    labels.a = 'c';
    expect(server.users.get(LEDGER, { name: 'a' })?.metadata['labels']).toEqual({ a: 'b' });
  });

  it('sees a namespace go once nothing is left in it', () => {
    const { server } = startServer();
    const namespaces = { group: '', plural: 'namespaces' };
    const lease = { metadata: { name: 'l', namespace: 'n', finalizers: ['x.example/held'] }, spec: {} };
    server.users.createNamespace('n');
    server.users.apply(leaseDescriptor, lease);
    server.users.delete(namespaces, { name: 'n' });
    expect(server.users.emptyNamespace('n')).toBe(false);
    server.users.edit(leaseDescriptor, lease.metadata, { metadata: { finalizers: null } });
    expect(server.users.emptyNamespace('n')).toBe(true);
    expect(server.users.get(namespaces, { name: 'n' })).toBeUndefined();
  });

  it('is refused like anybody', () => {
    const { server } = startServer();
    expect(() => server.users.apply(LEDGER, { metadata: { name: 'a' } })).toThrow(/spec: Required value/);
    expect(() => server.users.apply(leaseDescriptor, { metadata: { name: 'a', namespace: 'n' } })).toThrow(
      'namespaces "n" not found',
    );
  });
});

describe('a snapshot', () => {
  it('is where any number of servers begin, none of which sees the others', async () => {
    const { server } = startServer();
    server.users.apply(LEDGER, ledger('a'));
    const snapshot = server.snapshot();
    const [one, two] = [startServer(snapshot).server, startServer(snapshot).server];
    one.users.delete(LEDGER, { name: 'a' });
    const again = one.users.apply(LEDGER, ledger('a'));
    expect(two.users.get(LEDGER, { name: 'a' })).toEqual(server.users.get(LEDGER, { name: 'a' }));
    expect(again.metadata.uid).not.toBe(server.users.get(LEDGER, { name: 'a' })?.metadata.uid);
    expect(one.changes.map(({ by, verb, key }) => `${by} ${verb} ${key}`).slice(-3)).toEqual([
      'user create a',
      'user delete a',
      'user create a',
    ]);
  });

  it('shows nothing that its own server writes later', () => {
    const { server } = startServer();
    server.users.apply(LEDGER, ledger('a'));
    const snapshot = server.snapshot();
    server.users.delete(LEDGER, { name: 'a' });
    server.users.apply(LEDGER, ledger('b'));
    const names = startServer(snapshot).server.users.list(LEDGER);
    expect(names.map(({ metadata }) => metadata.name)).toEqual(['a']);
  });
});
