import { describe, expect, it } from 'vitest';

import { identity } from '../simulator/azure.ts';
import { binding, scaleSet } from './objects.ts';
import { World } from './world.ts';

const LIVE = { web: { identity: { userAssigned: ['app'] } } };

describe('attaching an identity', () => {
  it('puts the finalizer on, then writes the ledger, and only then asks Azure', async () => {
    const world = new World({ bindings: [binding('one')] });

    await world.pass();

    expect(world.take()).toEqual([
      'GET web',
      'GET web',
      'GET app',
      'finalizer on one',
      'ledger: Attaching app for one; operation',
      'PATCH web UserAssigned +app',
      'ledger: Attached app for one',
      'status one: True Assigned 1/1',
    ]);
    expect(world.assigned()).toEqual(['app']);
  });

  it('goes by the etag of the read that it was planned from', async () => {
    const world = new World({ bindings: [binding('one')] });
    world.control.drift(scaleSet(), { kind: 'Scale', capacity: 3 });

    await world.pass();

    const writes = world.control.requests().filter(({ method }) => method === 'PATCH');
    expect(writes.map(({ ifMatch }) => ifMatch)).toEqual(['"2"']);
  });

  it('sends only what is missing, and leaves what others attached as it is', async () => {
    const world = new World({ ...LIVE, bindings: [binding('one', { userAssigned: ['app', 'bus'] })] });

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +bus']);
    expect(world.assigned()).toEqual(['app', 'bus']);
    expect(world.identity('one', 'app')).toMatchObject({ state: 'Assigned', attachedByUs: false });
    expect(world.identity('one', 'bus')).toMatchObject({ state: 'Assigned', attachedByUs: true });
  });

  it('states the system-assigned identity that is there, so that it stays', async () => {
    const world = new World({ web: { identity: { systemAssigned: true } }, bindings: [binding('one')] });

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web SystemAssigned+UserAssigned +app']);
    expect(world.isSystemAssigned()).toBe(true);
  });

  it('is one write for all bindings of the scale set', async () => {
    const world = new World({
      bindings: [binding('one', { userAssigned: ['app', 'bus'] }), binding('two', { userAssigned: ['bus', 'cdn'] })],
    });

    await world.pass();

    expect(world.take()).toEqual([
      'GET web',
      'GET web',
      'GET app',
      'GET bus',
      'GET cdn',
      'finalizer on one',
      'finalizer on two',
      'ledger: Attaching app for one; Attaching bus for one,two; Attaching cdn for two; operation',
      'PATCH web UserAssigned +app +bus +cdn',
      'ledger: Attached app for one; Attached bus for one,two; Attached cdn for two',
      'status one: True Assigned 2/2',
      'status two: True Assigned 2/2',
    ]);
  });

  it('is one write also where bindings spell the scale set in another case', async () => {
    const two = binding('two', { userAssigned: ['bus'] });
    const spec = { ...two.spec, scaleSet: { resourceId: scaleSet().toUpperCase() } };
    const world = new World({ bindings: [binding('one'), { ...two, spec }] });

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +app +bus']);
  });

  it('takes no write when another binding declares what is attached already', async () => {
    const world = new World({ bindings: [binding('one')] });
    await world.pass();
    world.take();
    world.cluster.apply(binding('two'));

    await world.pass();

    expect(world.take()).toEqual([
      'finalizer on two',
      'ledger: Attached app for one,two',
      'GET web',
      'status two: True Assigned 1/1',
    ]);
  });

  it('attaches again what someone else took off', async () => {
    const world = new World({ bindings: [binding('one', { userAssigned: ['app', 'bus'] })] });
    await world.pass();
    world.control.drift(scaleSet(), { kind: 'Strip', identities: [identity('bus')] });
    world.take();

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +bus']);
    expect(world.ready('one')?.status).toBe('True');
  });

  it('reads an identity once for all scale sets that get it within five minutes', async () => {
    const world = new World({
      scaleSets: [{ name: 'api' }],
      bindings: [binding('one'), binding('two', { scaleSet: 'api' })],
    });
    await world.pass('web');
    world.take();

    await world.pass('api');

    expect(world.take()).not.toContain('GET app');
    expect(world.assigned('api')).toEqual(['app']);
  });
});

describe('more identities than one request may carry', () => {
  const names = Array.from({ length: 192 }, (_, index) => `identity-${String(index).padStart(3, '0')}`);
  const bindings = [0, 1, 2].map((third) =>
    binding(`part-${String(third)}`, { userAssigned: names.slice(third * 64, third * 64 + 64) }),
  );
  const sizes = (writes: readonly string[]) =>
    writes.map((write) => ({
      attached: [...write.matchAll(/ \+/g)].length,
      detached: [...write.matchAll(/ -/g)].length,
    }));

  it('are sent in several, one after another', async () => {
    const world = new World({ identities: names, bindings });

    await world.pass();

    expect(sizes(world.takeWrites())).toEqual([
      { attached: 150, detached: 0 },
      { attached: 42, detached: 0 },
    ]);
    expect(world.assigned()).toHaveLength(192);
  });

  it('are not claimed before the request that carries them', async () => {
    const world = new World({ identities: names, bindings, operationMs: 5000 });

    await world.pass();

    expect(world.cluster.ledgerOf(world.key())?.spec.entries).toHaveLength(150);
  });

  it('are detached last', async () => {
    const world = new World({ identities: names, bindings: bindings.slice(0, 2), detachLimit: 1000 });
    await world.pass();
    world.take();
    world.cluster.edit('part-0', { userAssigned: bindings[2]!.spec.userAssigned });
    world.cluster.edit('part-1', { userAssigned: [] });

    await world.pass();

    expect(sizes(world.takeWrites())).toEqual([
      { attached: 64, detached: 86 },
      { attached: 0, detached: 42 },
    ]);
    expect(world.assigned()).toHaveLength(64);
  });
});
