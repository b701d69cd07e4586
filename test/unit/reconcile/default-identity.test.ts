import { describe, expect, it } from 'vitest';

import { identity } from '../simulator/azure.ts';
import { binding, policy, scaleSet } from './objects.ts';
import { faults, HOUR, MINUTE, World, type WorldParts } from './world.ts';

/** One whose `app` is about to come to what others attached. */
function joining(parts: WorldParts = {}): World {
  return new World({ web: { identity: { userAssigned: ['bus'] } }, bindings: [binding('one')], ...parts });
}

/** `one: the text` for each warning since it was last asked. */
function warnings(world: World): readonly string[] {
  const prefix = 'Warning DefaultIdentityChanges ';
  return world.cluster
    .takeEvents()
    .filter((event) => event.startsWith(prefix))
    .map((event) => event.slice(prefix.length));
}

describe('a write that changes which identity a pod gets that names none', () => {
  it('is announced on the binding before it is sent', async () => {
    const world = joining();
    let before: readonly string[] = [];
    world.journal.before('PATCH', () => {
      before = warnings(world);
    });

    await world.pass();

    expect(before).toEqual([
      'one: A token request to IMDS that names no identity gets the only user-assigned identity now, and will fail ' +
        '(there will be 2 user-assigned identities): name the identity in such requests (client_id).',
    ]);
    expect(warnings(world)).toEqual([]);
  });

  it.each([
    ['the first identity', { web: {} }],
    ['one of many', { web: { identity: { userAssigned: ['bus', 'cdn'] } } }],
    ['one beside a system-assigned identity', { web: { identity: { systemAssigned: true, userAssigned: ['bus'] } } }],
  ])('is not %s', async (_what, parts) => {
    const world = joining(parts);

    await world.pass();

    expect(world.takeWrites()).toHaveLength(1);
    expect(warnings(world)).toEqual([]);
  });

  it('is announced once, however often Azure refuses it', async () => {
    const world = joining();
    world.fault(faults.patch, { kind: 'status', status: 409, code: 'ScopeLocked' }, { count: null });
    await world.pass();
    await world.run(3 * HOUR);
    expect(warnings(world)).toHaveLength(1);
    expect(world.takeWrites().length).toBeGreaterThan(2);
    world.control.clearFaults();

    await world.run(HOUR);

    expect(world.assigned()).toEqual(['app', 'bus']);
    expect(warnings(world)).toEqual([]);
  });

  it('is announced again when it is another', async () => {
    const world = joining();
    world.fault(faults.patch, { kind: 'status', status: 409, code: 'ScopeLocked' });
    await world.pass();
    warnings(world);
    world.control.drift(scaleSet(), { kind: 'EnableSystemAssigned' });
    world.cluster.edit('one', { systemAssigned: 'Disabled' });

    await world.run(HOUR);

    expect(warnings(world)).toEqual([expect.stringContaining('gets the system-assigned identity now, and will fail')]);
  });

  it('is announced again when others have undone it', async () => {
    const world = joining();
    await world.pass();
    warnings(world);
    world.control.drift(scaleSet(), { kind: 'Strip', identities: [identity('app')] });

    await world.pass();

    expect(warnings(world)).toHaveLength(1);
  });

  it('is told to those alone that it is for, each by its own names', async () => {
    const world = new World({
      policies: [policy()],
      web: { identity: { userAssigned: ['bus'] } },
      bindings: [
        binding('one'),
        binding('knows', { namespace: 'other', userAssigned: ['app', 'bus'] }),
        binding('bystander', { userAssigned: ['bus'] }),
        binding('observer', { managementPolicy: 'Observe' }),
      ],
    });

    await world.pass();

    expect(warnings(world).toSorted()).toEqual([
      expect.stringMatching(/^knows: .* gets identity bus now, and will fail/),
      expect.stringMatching(/^one: .* gets the only user-assigned identity now, and will fail/),
    ]);
  });

  it('is told to the binding from which an identity is taken back', async () => {
    const world = joining();
    await world.pass();
    warnings(world);
    world.cluster.delete('one');

    await world.pass();

    expect(warnings(world)).toEqual([expect.stringMatching(/^one: .* fails now .* the only user-assigned identity/)]);
  });

  it('is told to the binding that is Exclusive, and shown in its plan before', async () => {
    const world = new World({
      policies: [policy({ exclusive: 'Allow' })],
      web: { identity: { userAssigned: ['app', 'bus'] } },
      bindings: [binding('one', { mode: 'Exclusive' })],
    });
    await world.pass();
    const { plan } = world.cluster.binding('one').status;
    expect(plan?.warnings).toEqual([expect.stringContaining('and will get identity app')]);
    expect(warnings(world)).toEqual([]);

    await world.run(2 * MINUTE);

    expect(warnings(world)).toEqual([`one: ${plan!.warnings[0]!}`]);
  });

  it.each([
    ['on', 'Enabled', { userAssigned: ['bus'] }, 'will get the system-assigned identity'],
    ['off', 'Disabled', { systemAssigned: true, userAssigned: ['bus'] }, 'will get the only user-assigned identity'],
  ] as const)(
    'is told to the binding that has the system-assigned identity turned %s',
    async (_to, declared, web, text) => {
      const bindings = [
        binding('one', { userAssigned: [], systemAssigned: declared }),
        binding('two', { userAssigned: ['bus'] }),
      ];
      const world = new World({ web: { identity: web }, bindings });

      await world.pass();

      expect(warnings(world)).toEqual([expect.stringMatching(new RegExp(`^one: .*${text}`))]);
    },
  );

  it('is told to the binding for which it was turned on, when that goes', async () => {
    const bindings = [binding('one', { userAssigned: ['app'], systemAssigned: 'Enabled' })];
    const world = new World({ bindings });
    await world.pass();
    world.cluster.delete('one');

    await world.pass();

    expect(warnings(world)).toEqual([expect.stringContaining('one: A token request')]);
  });
});
