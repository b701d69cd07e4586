import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';

import { eventually } from '../../dev/demo/wait.ts';
import { API_VERSION } from '../../src/api/types.ts';
import { kstatus } from '../unit/api/kstatus.ts';
import { companionOf, identityOf, readyOf } from './binding.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ name: 'attach', operationMs: 300 });
  await world.allow();
});
afterAll(() => world.close());

describe.concurrent('a binding that is applied', () => {
  it('becomes ready with the principal and client ids that Azure has', async () => {
    const set = world.scaleSet('ids');
    const binding = await (await world.bind(set, { userAssigned: ['one'] })).ready();
    const { principalId, clientId } = world.control.identity(world.identityId('one'));
    expect(readyOf(binding)?.reason).toBe('Assigned');
    expect(identityOf(binding, 'one')).toMatchObject({ state: 'Assigned', principalId, clientId, attachedByUs: true });
    expect(set.state.userAssigned).toMatchObject([{ principalId, clientId }]);
  });

  it('tells of the scale set what Azure says of it', async () => {
    const set = world.scaleSet('told', { systemAssigned: true, foreign: ['theirs'] });
    const { status } = await (await world.bind(set, { userAssigned: ['one', 'two'] })).ready();
    expect(status).toMatchObject({
      summary: '2/2',
      foreignCount: 1,
      scaleSet: { name: 'told', orchestrationMode: 'Uniform', location: 'westeurope' },
      systemAssigned: { state: 'Enabled', principalId: set.systemAssigned },
    });
  });

  it('is on its way, and says so, while Azure works', async () => {
    const set = world.scaleSet('working', { operationMs: 60_000 });
    const binding = await world.bind(set, { userAssigned: ['one'] });
    const assigning = await binding.shows('Assigning');
    expect(companionOf(assigning)).toBe('Reconciling');
    expect(kstatus(assigning)).toBe('InProgress');
    set.setOperationLength(0);
    world.control.finishOperations(set.id);
    expect(kstatus(await binding.ready())).toBe('Current');
  });

  it('costs one PATCH, under If-Match, with what is missing and nothing else', async () => {
    const set = world.scaleSet('delta', { systemAssigned: true, foreign: ['theirs', 'one'] });
    await (await world.bind(set, { userAssigned: ['one', 'two', 'three'] })).ready();
    expect(set.writes).toEqual([
      { status: 200, ifMatch: '"1"', type: 'SystemAssigned, UserAssigned', attach: ['three', 'two'], detach: [] },
    ]);
  });

  it('is on record in the ledger, and has its finalizer, before Azure is asked for a change', async () => {
    const set = world.scaleSet('recorded');
    set.fault('PATCH', { kind: 'delay', ms: 1500 });
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await set.until('is asked for a change', ({ writes }) => writes.length === 1);
    const ledger = await world.ledgerOf(set);
    expect(set.writes[0]?.status).toBeUndefined();
    expect(ledger?.metadata.generation).toBe(1);
    expect(ledger?.spec.entries).toMatchObject([
      { resourceId: world.identityId('one'), phase: 'Attaching', for: [{ name: 'recorded' }] },
    ]);
    expect(await binding.isFinalized()).toBe(true);
    await binding.ready();
    expect((await world.ledgerOf(set))?.spec).toMatchObject({
      uniqueId: set.state.uniqueId,
      entries: [{ phase: 'Attached' }],
    });
  });

  it('owns nothing, and writes nothing, where others attached all that it declares', async () => {
    const set = world.scaleSet('theirs-already', { foreign: ['one'] });
    const binding = await world.bind(set, { userAssigned: ['one'] });
    expect(identityOf(await binding.ready(), 'one')).toMatchObject({ state: 'Assigned', attachedByUs: false });
    expect(set.writes).toEqual([]);
    expect(await world.ledgerOf(set)).toBeUndefined();
    expect(await binding.isFinalized()).toBe(false);
  });

  it('may spell ids in another case than Azure does', async () => {
    const set = world.scaleSet('spelled', { foreign: ['one'] });
    const binding = await world.bind(set, { userAssigned: [world.identityId('ONE'), world.identityId('Two')] });
    expect((await binding.ready()).status.summary).toBe('2/2');
    expect(set.writes).toMatchObject([{ attach: ['two'] }]);
  });

  it('takes as many identities as its schema allows, in one PATCH', async () => {
    const set = world.scaleSet('many');
    const names = Array.from({ length: 64 }, (_, index) => `many-${String(index).padStart(2, '0')}`);
    for (const name of names) world.control.createIdentity(world.identityId(name));
    const { status } = await (await world.bind(set, { userAssigned: names })).ready();
    expect(status.summary).toBe('64/64');
    expect(set.identities).toEqual(names);
    expect(set.writes).toHaveLength(1);
  });

  it('attaches what is added to its list later, and only that', async () => {
    const set = world.scaleSet('grown');
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await binding.ready();
    await binding.apply({ userAssigned: ['one', 'two'] });
    expect((await binding.ready()).status.summary).toBe('2/2');
    expect(set.writes).toMatchObject([{ attach: ['one'] }, { attach: ['two'], detach: [] }]);
  });
});

describe.concurrent('kubectl', () => {
  const kubectl = async (...args: readonly string[]): Promise<string> =>
    (await world.api.kubectl([...args, `--namespace=${world.namespace}`])).stdout;

  it('applies policy and binding from one file, and waits until it is ready', async () => {
    const set = world.scaleSet('applied');
    const namespace = await world.createNamespace('applied');
    const spec = { namespaces: [namespace], scaleSets: [set.id], userAssigned: [world.identityId('*')] };
    const policy = { apiVersion: API_VERSION, kind: 'VmssIdentityPolicy', metadata: { name: namespace }, spec };
    const binding = world.binding(set, { namespace });
    const file = [policy, binding.manifest({ userAssigned: ['one'] })].map((object) => stringify(object)).join('---\n');
    await world.api.kubectl(['apply', '--filename=-'], { stdin: file });
    const waiting = ['wait', '--for=condition=Ready', 'vib/applied', '--timeout=60s', `--namespace=${namespace}`];
    expect((await world.api.kubectl(waiting)).stdout).toMatch(/applied condition met/);
    expect(set.identities).toEqual(['one']);
    await binding.delete();
    await binding.untilGone();
    await world.disallow(namespace);
  });

  it('gets the columns that tell how a binding stands', async () => {
    const set = world.scaleSet('columns');
    await (await world.bind(set, { userAssigned: ['one', 'two'] })).ready();
    const lines = (await kubectl('get', 'vib', 'columns')).trimEnd().split('\n');
    const [head, row] = lines.map((line) => line.split(/ {2,}/));
    expect(head).toEqual(['NAME', 'READY', 'REASON', 'SCALE SET', 'IDENTITIES', 'AGE']);
    expect(row?.slice(0, 5)).toEqual(['columns', 'True', 'Assigned', 'columns', '2/2']);
  });

  it('explains a field with its choices', async () => {
    // The schema is published some time after a kind is served, and kubectl remembers for hours what it did not find.
    const explanation = await eventually('the schema to be published', async () => {
      const cache = await mkdtemp(join(tmpdir(), 'kubectl-cache-'));
      try {
        return await kubectl('explain', 'vib.spec.mode', `--cache-dir=${cache}`);
      } finally {
        await rm(cache, { recursive: true, force: true });
      }
    });
    expect(explanation).toMatch(/ENUM:\s+Additive\s+Exclusive/);
  });

  it('describes a binding with the events of its way to ready', async () => {
    const set = world.scaleSet('described');
    await (await world.bind(set, { userAssigned: ['one'] })).ready();
    const description = await kubectl('describe', 'vib', 'described');
    expect(description).toMatch(/Normal\s+Assigning/);
    expect(description).toMatch(/Normal\s+Assigned .*1 identity is assigned\./);
  });
});

describe('scale sets that are as they are declared', () => {
  it('cause no write to Azure or Kubernetes, and no read but lists, over three intervals', async () => {
    const set = world.scaleSet('rest', { systemAssigned: true, foreign: ['theirs'] });
    const binding = await world.bind(set, { userAssigned: ['one', 'two'] });
    const before = await binding.ready();
    await world.intervals(1);
    const sequence = world.control.requests().at(-1)?.sequence ?? 0;
    const [ledger, taken] = [await world.ledgerOf(set), await world.api.writesTaken()];
    await world.intervals(3);
    expect(await world.api.writesTaken()).toBe(taken);
    const paths = new Set(world.control.requests(sequence).map(({ method, path }) => `${method} ${path}`));
    paths.delete(`GET ${world.identityListPath}`);
    expect([...paths]).toEqual([`GET ${world.listPath}`]);
    expect(set.writes).toHaveLength(1);
    expect((await world.ledgerOf(set))?.metadata.resourceVersion).toBe(ledger?.metadata.resourceVersion);
    expect((await binding.read())?.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  });
});
