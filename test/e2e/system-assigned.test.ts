import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { companionOf, readyOf } from './binding.ts';
import { startWorld, type World } from './world.ts';

let world: World;
let onOnly: string;
beforeAll(async () => {
  world = await startWorld({ name: 'system', operationMs: 300 });
  await world.allow({ systemAssigned: 'EnableAndDisable' });
  onOnly = await world.createNamespace('on-only');
  await world.allow({ namespaces: [onOnly], systemAssigned: 'Enable' }, 'on-only');
});
afterAll(() => world.close());

describe.concurrent('systemAssigned: Enabled', () => {
  it('turns it on, and tells its principal', async () => {
    const set = world.scaleSet('on');
    const { status } = await (await world.bind(set, { systemAssigned: 'Enabled' })).ready();
    expect(set.systemAssigned).toBeDefined();
    expect(status.systemAssigned).toMatchObject({ state: 'Enabled', principalId: set.systemAssigned });
    expect(set.writes).toMatchObject([{ type: 'SystemAssigned', attach: [], detach: [] }]);
  });

  it('keeps what is attached', async () => {
    const set = world.scaleSet('on-beside', { foreign: ['theirs'] });
    await (await world.bind(set, { systemAssigned: 'Enabled', userAssigned: ['one'] })).ready();
    expect(set.systemAssigned).toBeDefined();
    expect(set.identities).toEqual(['one', 'theirs']);
    expect(set.writes).toMatchObject([{ type: 'SystemAssigned, UserAssigned', attach: ['one'] }]);
  });

  it('turns it on again when others turn it off', async () => {
    const set = world.scaleSet('on-again', { foreign: ['theirs'] });
    await (await world.bind(set, { systemAssigned: 'Enabled' })).ready();
    world.control.drift(set.id, { kind: 'DisableSystemAssigned' });
    await set.until('has it again', ({ systemAssigned }) => systemAssigned !== undefined);
    expect(set.identities).toEqual(['theirs']);
  });

  it('leaves one that is on already to whoever turned it on', async () => {
    const set = world.scaleSet('on-before', { systemAssigned: true });
    const binding = await world.bind(set, { systemAssigned: 'Enabled' });
    await binding.ready();
    await binding.delete();
    await binding.untilGone();
    expect(set.writes).toEqual([]);
  });

  it('turns nothing off when it becomes Unmanaged', async () => {
    const set = world.scaleSet('renounced');
    const binding = await world.bind(set, { systemAssigned: 'Enabled' });
    await binding.ready();
    const principal = set.systemAssigned;
    await binding.apply({ systemAssigned: 'Unmanaged' });
    await binding.ready();
    await world.intervals(1);
    expect(set.systemAssigned).toBe(principal);
    expect(await world.ledgerOf(set)).toBeUndefined();
  });

  it('is turned off with the binding that turned it on, where a policy allows that', async () => {
    const set = world.scaleSet('off-with-binding', { foreign: ['theirs'] });
    const binding = await world.bind(set, { systemAssigned: 'Enabled' });
    await binding.ready();
    await binding.delete();
    await binding.untilGone();
    expect(set.systemAssigned).toBeUndefined();
    expect(set.identities).toEqual(['theirs']);
  });

  it('stays on when the binding goes and no policy allows to turn it off', async () => {
    const set = world.scaleSet('stays-on');
    const binding = await world.bind(set, { systemAssigned: 'Enabled', userAssigned: ['one'] }, { namespace: onOnly });
    await binding.ready();
    const principal = set.systemAssigned;
    await binding.delete();
    await binding.untilGone();
    expect(set.systemAssigned).toBe(principal);
    expect(set.identities).toEqual([]);
  });
});

describe.concurrent('systemAssigned: Unmanaged', () => {
  it('leaves one that is on as it is', async () => {
    const set = world.scaleSet('unmanaged-on', { systemAssigned: true });
    const principal = set.systemAssigned;
    await (await world.bind(set, { userAssigned: ['one'] })).ready();
    expect(set.systemAssigned).toBe(principal);
  });

  it('leaves one that is off as it is', async () => {
    const set = world.scaleSet('unmanaged-off');
    await (await world.bind(set, { userAssigned: ['one'] })).ready();
    expect(set.writes).toMatchObject([{ type: 'UserAssigned' }]);
    expect(set.systemAssigned).toBeUndefined();
  });
});

describe.concurrent('systemAssigned: Disabled', () => {
  it('turns it off where a policy allows it, and keeps what is attached', async () => {
    const set = world.scaleSet('off', { systemAssigned: true, foreign: ['theirs'] });
    set.mayLoseSystemAssigned();
    const { status } = await (await world.bind(set, { systemAssigned: 'Disabled', userAssigned: ['one'] })).ready();
    expect(status.systemAssigned?.state).toBe('Disabled');
    expect(set.systemAssigned).toBeUndefined();
    expect(set.identities).toEqual(['one', 'theirs']);
  });

  it('changes nothing where a policy allows only to turn it on, and says so', async () => {
    const set = world.scaleSet('off-denied', { systemAssigned: true });
    const binding = await world.bind(set, { systemAssigned: 'Disabled', userAssigned: ['one'] }, { namespace: onOnly });
    const found = await binding.until('serves the rest', ({ status }) => status.summary === '1/1');
    expect(readyOf(found)).toMatchObject({ status: 'False', reason: 'NotPermitted' });
    expect(readyOf(found)?.message).toContain('systemAssigned: EnableAndDisable');
    expect(set.systemAssigned).toBeDefined();
  });

  it('loses against an Enabled of another binding, is Stalled, and is served otherwise', async () => {
    const set = world.scaleSet('contrary');
    const winner = await world.bind(set, { systemAssigned: 'Enabled' }, { name: 'contrary-enabled' });
    await winner.ready();
    const principal = set.systemAssigned;
    const loser = await world.bind(
      set,
      { systemAssigned: 'Disabled', userAssigned: ['one'] },
      { name: 'contrary-disabled' },
    );
    const found = await loser.until('is served otherwise', ({ status }) => status.summary === '1/1');
    expect(readyOf(found)).toMatchObject({ status: 'False', reason: 'Conflict' });
    expect(companionOf(found)).toBe('Stalled');
    expect(readyOf((await winner.read())!)?.status).toBe('True');
    expect(set.systemAssigned).toBe(principal);
  });

  it('gets its way when the binding that wanted it on goes', async () => {
    const set = world.scaleSet('contrary-ended');
    const winner = await world.bind(set, { systemAssigned: 'Enabled' }, { name: 'ended-enabled' });
    await winner.ready();
    const loser = await world.bind(set, { systemAssigned: 'Disabled' }, { name: 'ended-disabled' });
    await loser.shows('Conflict');
    await winner.delete();
    await winner.untilGone();
    await loser.ready();
    expect(set.systemAssigned).toBeUndefined();
  });
});
