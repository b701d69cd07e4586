import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { identityOf, readyOf } from './binding.ts';
import { nameOf } from './identity-writes.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ name: 'drift', operationMs: 300 });
  await world.allow();
});
afterAll(() => world.close());

describe.concurrent('an identity of ours that others strip', () => {
  it('comes back, and nothing else is sent', async () => {
    const set = world.scaleSet('stripped', { foreign: ['theirs'] });
    const binding = await world.bind(set, { userAssigned: ['one', 'two'] });
    await binding.ready();
    set.othersStrip('one');
    await set.until('has one again', ({ identities }) => identities.includes('one'));
    await binding.shows('Assigned');
    expect(set.writes.slice(1)).toMatchObject([{ status: 200, type: 'UserAssigned', attach: ['one'], detach: [] }]);
    expect(set.identities).toEqual(['one', 'theirs', 'two']);
  });

  it('is still ours when it is back', async () => {
    const set = world.scaleSet('owned');
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await binding.ready();
    set.othersStrip('one');
    await set.until('has one again', ({ identities }) => identities.includes('one'));
    const found = await binding.until('says so', (each) => readyOf(each)?.reason === 'Assigned');
    expect(identityOf(found, 'one').attachedByUs).toBe(true);
    expect((await world.ledgerOf(set))?.spec.entries).toMatchObject([{ phase: 'Attached' }]);
  });

  it('comes back without touching a system-assigned identity that others turned on meanwhile', async () => {
    const set = world.scaleSet('both');
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await binding.ready();
    set.othersEnableSystemAssigned();
    set.othersStrip('one');
    const principal = set.systemAssigned;
    await set.until('has one again', ({ identities }) => identities.includes('one'));
    await binding.until(
      'tells of the system-assigned identity',
      ({ status }) => status.systemAssigned?.principalId === principal,
    );
    expect(set.systemAssigned).toBe(principal);
    expect(set.writes.at(-1)).toMatchObject({ type: 'SystemAssigned, UserAssigned', attach: ['one'] });
  });

  it('comes back only when the update of another is over', async () => {
    const set = world.scaleSet('busy');
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await binding.ready();
    set.othersStrip('one');
    set.drift({ kind: 'ProvisioningState', state: 'Updating' });
    await world.intervals(2);
    expect(set.writes).toHaveLength(1);
    set.drift({ kind: 'ProvisioningState', state: 'Succeeded' });
    await set.until('has one again', ({ identities }) => identities.includes('one'));
    expect(set.writes.slice(1)).toMatchObject([{ status: 200, attach: ['one'] }]);
  });
});

describe.concurrent('an identity that others attach', () => {
  it('stays, is counted on the binding and named in the ledger', async () => {
    const set = world.scaleSet('visited');
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await binding.ready();
    set.othersAttach('theirs', 'more');
    await binding.until('counts two foreign ones', ({ status }) => status.foreignCount === 2);
    const { foreign = [] } = (await world.ledgerOf(set))?.spec ?? {};
    expect(foreign.map(nameOf)).toEqual(['more', 'theirs']);
    expect(set.identities).toEqual(['more', 'one', 'theirs']);
    expect(set.writes).toHaveLength(1);
  });

  it('stays theirs when a binding declares it afterwards', async () => {
    const set = world.scaleSet('declared-later');
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await binding.ready();
    set.othersAttach('two');
    await binding.until('counts a foreign one', ({ status }) => status.foreignCount === 1);
    await binding.apply({ userAssigned: ['one', 'two'] });
    const found = await binding.ready();
    expect(identityOf(found, 'two')).toMatchObject({ state: 'Assigned', attachedByUs: false });
    expect(found.status.foreignCount).toBe(0);
    expect(set.writes).toHaveLength(1);
  });

  it('is not put back when others take it off again', async () => {
    const set = world.scaleSet('left');
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await binding.ready();
    set.othersAttach('theirs');
    await binding.until('counts a foreign one', ({ status }) => status.foreignCount === 1);
    set.othersStrip('theirs');
    await binding.until('counts none', ({ status }) => status.foreignCount === 0);
    expect(set.writes).toHaveLength(1);
  });
});

describe.concurrent('a system-assigned identity', () => {
  it('that others turn on stays on', async () => {
    const set = world.scaleSet('turned-on');
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await binding.ready();
    set.othersEnableSystemAssigned();
    const { status } = await binding.until('tells of it', (each) => each.status.systemAssigned?.state === 'Enabled');
    expect(status.systemAssigned?.principalId).toBe(set.systemAssigned);
    await world.intervals(2);
    expect(set.writes).toHaveLength(1);
  });
});

describe.concurrent('what is no drift', () => {
  it.each(['lower', 'upper', 'resourcegroups'] as const)(
    'causes no write: keys in another spelling (%s)',
    async (to) => {
      const set = world.scaleSet(`recased-${to}`, { foreign: ['theirs'] });
      const binding = await world.bind(set, { userAssigned: ['one'] });
      await binding.ready();
      set.drift({ kind: 'Recase', to });
      set.drift({ kind: 'Scale', capacity: 5 });
      await world.intervals(2);
      expect(set.writes).toHaveLength(1);
      expect(readyOf((await binding.read())!)?.status).toBe('True');
    },
  );

  it('causes no write: an extension that failed', async () => {
    const set = world.scaleSet('extension');
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await binding.ready();
    set.drift({ kind: 'ProvisioningState', state: 'Failed' });
    await world.intervals(2);
    expect(readyOf((await binding.read())!)?.reason).toBe('Assigned');
    expect(set.writes).toHaveLength(1);
  });

  it('causes no write: a read without any identity that a second one does not bear out', async () => {
    const set = world.scaleSet('incomplete');
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await binding.ready();
    set.fault('GET', { kind: 'withoutIdentity' });
    await binding.askAgain();
    await binding.shows('Assigned');
    await world.intervals(2);
    expect(set.writes).toHaveLength(1);
  });
});
