import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { identityOf, readyOf } from './binding.ts';
import { describeFlows } from './flows.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({
    name: 'array-shape',
    flags: ['--arm-api-version=2017-12-01', '--allow-unguarded-writes'],
  });
  await world.allow();
});
afterAll(() => world.close());

describeFlows(() => world);

describe.concurrent('in the array shape', () => {
  it('a start is warned of what does not hold', () => {
    const warnings = world.operator
      .log()
      .split('\n')
      .filter((line) => line.includes('not guarded'));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('"level":"warn"');
  });

  it('a write names all that stay, right after a read, and goes under no etag', async () => {
    const set = world.scaleSet('whole', { systemAssigned: true, foreign: ['theirs', 'more'] });
    await (await world.bind(set, { userAssigned: ['one'] })).ready();
    expect(set.writes).toEqual([
      {
        status: 200,
        ifMatch: undefined,
        type: 'SystemAssigned, UserAssigned',
        attach: [],
        detach: [],
        list: ['theirs', 'more', 'one'],
      },
    ]);
    const index = set.requests.findIndex(({ method }) => method === 'PATCH');
    expect(set.requests.slice(index - 1, index + 2).map(({ method }) => method)).toEqual(['GET', 'PATCH', 'GET']);
    expect(new Set(set.requests.map(({ apiVersion }) => apiVersion))).toEqual(new Set(['2017-12-01']));
  });

  it('an identity is ready with the ids that it has itself', async () => {
    const set = world.scaleSet('ids', { operationMs: 1000 });
    const binding = await (await world.bind(set, { userAssigned: ['one'] })).ready();
    const { principalId, clientId } = world.control.identity(world.identityId('one'));
    expect(identityOf(binding, 'one')).toMatchObject({ state: 'Assigned', principalId, clientId, attachedByUs: true });
  });

  it('what others attach in between is kept by every later write', async () => {
    const set = world.scaleSet('between', { foreign: ['theirs'] });
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await binding.ready();
    set.othersAttach('more');
    set.othersEnableSystemAssigned();
    await binding.apply({ userAssigned: ['two', 'three'] });
    await binding.ready();
    await set.until('has what is declared', ({ identities }) => identities.length === 4);
    await binding.delete();
    await binding.untilGone();
    expect(set.identities).toEqual(['more', 'theirs']);
    expect(set.systemAssigned).toBeDefined();
  });

  it('what others take off comes back where it is ours', async () => {
    const set = world.scaleSet('stripped', { foreign: ['theirs'] });
    await (await world.bind(set, { userAssigned: ['one'] })).ready();
    set.othersStrip('one');
    await set.until('has it again', ({ identities }) => identities.includes('one'));
    expect(set.identities).toEqual(['one', 'theirs']);
  });

  it('what others lose to their own writes beside ours is put back, and stays theirs', async () => {
    const set = world.scaleSet('raced', { foreign: ['theirs'], operationMs: 1000 });
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await set.until('is being written to', ({ writes }) => writes.length === 1);
    set.othersStrip('theirs');
    await set.until('has it again', ({ identities }) => identities.includes('theirs'));
    await binding.ready();
    expect((await world.ledgerOf(set))?.spec.entries.map(({ resourceId }) => resourceId)).toEqual([
      world.identityId('one'),
    ]);
    const described = await world.api.kubectl(['describe', 'vib', 'raced', `--namespace=${world.namespace}`]);
    expect(described.stdout).toMatch(/Warning\s+LostInRace .* took 1 identity off/);
    await binding.delete();
    await binding.untilGone();
    expect(set.identities).toEqual(['theirs']);
  });

  it('an identity of others that is dead holds up a binding, and says so', async () => {
    world.control.createIdentity(world.identityId('dying'));
    const set = world.scaleSet('blocked', { foreign: ['dying'] });
    world.control.deleteIdentity(world.identityId('dying'));
    world.bystanders.forget(set.id);
    const binding = await world.bind(set, { userAssigned: ['one'] });
    const found = await binding.shows('BlockedByForeignIdentity');
    expect(readyOf(found)?.message).toContain('Managed Identity Operator');
    expect(set.writes).toHaveLength(1);
  });

  it('bindings of two teams are one list', async () => {
    const set = world.scaleSet('shared', { foreign: ['theirs'] });
    const first = await world.bind(set, { userAssigned: ['one', 'two'] }, { name: 'shared-first' });
    const second = await world.bind(set, { userAssigned: ['two', 'three'] }, { name: 'shared-second' });
    await first.ready();
    await second.ready();
    await first.delete();
    await first.untilGone();
    expect(set.identities).toEqual(['theirs', 'three', 'two']);
  });
});

describe('an operator that dies in the array shape', () => {
  it('while Azure works is followed by one that brings it to its end', async () => {
    const set = world.scaleSet('orphaned', { foreign: ['theirs'], operationMs: 60_000 });
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await set.until('is being written to', ({ writes }) => writes.length === 1);
    await world.killOperator();
    await world.startOperator();
    set.setOperationLength(0);
    world.control.finishOperations(set.id);
    expect(identityOf(await binding.ready(), 'one')).toMatchObject({ state: 'Assigned', attachedByUs: true });
    expect(set.writes).toHaveLength(1);
  });
});

describe('scale sets that are as they are declared, in the array shape', () => {
  it('cause no write to Azure or Kubernetes, and no read but lists, over three intervals', async () => {
    const set = world.scaleSet('rest', { systemAssigned: true, foreign: ['theirs'] });
    const binding = await world.bind(set, { userAssigned: ['one', 'two'] });
    const before = await binding.ready();
    await world.intervals(1);
    const sequence = world.control.requests().at(-1)?.sequence ?? 0;
    await world.intervals(3);
    const asked = world.control.requests(sequence).map(({ path }) => path);
    expect(asked.filter((path) => path.endsWith('/rest') || path.includes('/userAssignedIdentities/'))).toEqual([]);
    expect(set.writes).toHaveLength(1);
    expect((await binding.read())?.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  });
});
