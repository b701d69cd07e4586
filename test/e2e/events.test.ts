import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../../dev/demo/wait.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ name: 'events' });
  await world.allow();
});
afterAll(() => world.close());

/** What kubectl prints once that fits: events are written after what they tell of. */
const shown = (what: string, args: readonly string[], fits: RegExp): Promise<string> =>
  eventually(what, async () => {
    const { stdout } = await world.api.kubectl(args);
    return fits.test(stdout) ? stdout : undefined;
  });

describe('kubectl describe', () => {
  it('shows what happened to a binding', async () => {
    const set = world.scaleSet('described');
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await binding.ready();
    const args = ['describe', 'vib', binding.name, `--namespace=${world.namespace}`];
    const text = await shown('the event', args, /Normal +Assigned/);
    expect(text).toMatch(/Type +Reason +Age +From +Message\n/);
    expect(text).toMatch(/\n +Normal +Assigned +\S+ +vmss-identity-operator +\S.*\n/);
  });

  it('shows what happened to a ledger', async () => {
    const set = world.scaleSet('orphaned');
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await binding.ready();
    const ledger = await world.ledgerOf(set);
    await world.tearOut(binding);
    const args = ['describe', 'vil', ledger?.metadata.name ?? ''];
    const text = await shown('the event', args, /Warning +Orphaned/);
    expect(text).toMatch(/\n +Warning +Orphaned +\S+ +vmss-identity-operator +\S*\/one was attached for a binding/);
    await (await world.bind(set, { userAssigned: ['one'] })).ready();
  });
});

describe('what happens in a namespace that is being deleted', () => {
  it('is told in the operator’s own, about the binding', async () => {
    const namespace = await world.createNamespace('dying');
    await world.allow({ namespaces: [namespace] }, 'dying');
    const set = world.scaleSet('kept');
    const binding = await world.bind(set, { userAssigned: ['one'], deletionPolicy: 'Retain' }, { namespace });
    await binding.ready();
    await world.api.delete(`/api/v1/namespaces/${namespace}`);
    await binding.delete();
    await binding.untilGone();
    const own = [`--namespace=${world.namespace}`, `--field-selector=involvedObject.namespace=${namespace}`];
    const text = await shown('the event', ['get', 'events', ...own], /Retained/);
    expect(text).toMatch(/Normal +Retained +vmssidentitybinding\/kept +\S+\/one stays on the scale set/);
    expect(set.identities).toEqual(['one']);
  });
});
