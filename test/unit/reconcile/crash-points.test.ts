/** The process ends before every single thing that it does, one after another, and the next one finishes the work. */
import { describe, expect, it } from 'vitest';

import { identity } from '../simulator/azure.ts';
import { binding, identityIds, policy, scaleSet } from './objects.ts';
import { MINUTE, SECOND, World, type WorldParts } from './world.ts';

interface Scenario {
  readonly parts: WorldParts;
  /** What people do once the bindings of `parts` are served. */
  readonly change: (world: World) => void;
}

const FOREIGN: NonNullable<WorldParts['web']> = { identity: { userAssigned: ['dns'] } };
const ALLOWING = [policy({ exclusive: 'Allow', adopt: 'Allow' })];

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'an identity is replaced by another': {
    parts: { web: FOREIGN, bindings: [binding('one')] },
    change: ({ cluster }) => {
      cluster.edit('one', { userAssigned: identityIds(['bus']) });
    },
  },
  'an identity is handed over to another binding': {
    parts: { web: FOREIGN, bindings: [binding('one')] },
    change: ({ cluster }) => {
      cluster.apply(binding('two', { namespace: 'other' }));
      cluster.delete('one');
    },
  },
  'a binding is deleted that retains': {
    parts: { web: FOREIGN, bindings: [binding('one', { deletionPolicy: 'Retain' }), binding('two')] },
    change: ({ cluster }) => {
      cluster.delete('one');
    },
  },
  'the system-assigned identity is turned on': {
    parts: { web: FOREIGN, bindings: [binding('one')] },
    change: ({ cluster }) => {
      cluster.edit('one', { systemAssigned: 'Enabled' });
    },
  },
  'the system-assigned identity is turned off with its binding': {
    parts: { web: FOREIGN, bindings: [binding('one', { systemAssigned: 'Enabled' })] },
    change: ({ cluster }) => {
      cluster.delete('one');
    },
  },
  'what others attached is adopted, and taken back': {
    parts: { web: FOREIGN, bindings: [binding('one')], policies: ALLOWING },
    change: ({ cluster }) => {
      cluster.apply(binding('two', { userAssigned: ['dns'], adopt: true }));
      cluster.delete('one');
    },
  },
  'mode: Exclusive detaches what nobody declares': {
    parts: { web: FOREIGN, bindings: [binding('one')], policies: ALLOWING },
    change: ({ cluster }) => {
      cluster.edit('one', { mode: 'Exclusive' });
    },
  },
  'an identity is missing among others': {
    parts: { web: FOREIGN, bindings: [binding('one')] },
    change: ({ cluster, control }) => {
      control.deleteIdentity(identity('bus'));
      cluster.edit('one', { userAssigned: identityIds(['bus', 'cdn']) });
    },
  },
  'the scale set is created again': {
    parts: { web: FOREIGN, bindings: [binding('one')] },
    change: ({ control }) => {
      control.replaceScaleSet(scaleSet());
      control.drift(scaleSet(), { kind: 'Strip', identities: [identity('app')] });
    },
  },
  'two bindings go at once': {
    parts: { web: FOREIGN, bindings: [binding('one', { userAssigned: ['app', 'bus'] }), binding('two')] },
    change: ({ cluster }) => {
      cluster.delete('one');
      cluster.delete('two');
    },
  },
};

/** The bindings are served, the change has been made, and the journal begins there. */
async function staged({ parts, change }: Scenario, operationMs: number): Promise<World> {
  const world = new World({ ...parts, operationMs });
  await world.pass();
  await world.run(MINUTE);
  change(world);
  world.take();
  return world;
}

async function finish(world: World): Promise<void> {
  await world.pass();
  await world.run(5 * MINUTE);
}

/** What a later reader finds, without times. */
function endState(world: World): unknown {
  const { cluster } = world;
  const ledger = cluster.ledgerOf(world.key())?.spec;
  return {
    assigned: world.assigned(),
    system: world.isSystemAssigned(),
    entries: ledger?.entries.map(({ resourceId, phase, for: members }) => [resourceId, phase, members]),
    ledgerSystem: ledger?.systemAssigned?.phase,
    rest: [ledger?.operation, ledger?.exclusive, ledger?.foreign],
    bindings: ['one', 'two']
      .filter((name) => cluster.has(name))
      .map((name) => cluster.binding(name))
      .map(shown),
    writes: world.control.requests().filter(({ method, status }) => method === 'PATCH' && status !== 'hang').length,
  };
}

function shown({ metadata: { finalizers }, status }: ReturnType<World['cluster']['binding']>): unknown {
  const identities = status.userAssigned?.map(({ resourceId, state, attachedByUs }) => [
    resourceId,
    state,
    attachedByUs,
  ]);
  const conditions = status.conditions?.map(({ type, reason }) => [type, reason]);
  return { finalizers, conditions, identities, summary: status.summary, foreign: status.foreignCount };
}

/** The process ends before the n-th line of the journal from now on. */
function crashBeforeLine(world: World, n: number): void {
  if (n === 0) world.crashBefore('');
  else
    world.journal.before('', () => {
      crashBeforeLine(world, n - 1);
    });
}

async function untilCrashed(world: World): Promise<void> {
  await expect(finish(world)).rejects.toThrow('crash');
}

describe.each(Object.entries(SCENARIOS))('a process that ends while %s', (_what, scenario) => {
  it.each([
    ['at once', 0],
    ['in ten seconds', 10 * SECOND],
  ])('changes nothing of the end, wherever that is (Azure is done %s)', async (_when, operationMs) => {
    const whole = await staged(scenario, operationMs);
    await finish(whole);
    const expected = endState(whole);
    const lines = whole.take();
    expect(lines.length).toBeGreaterThan(2);

    for (const [index, line] of lines.entries()) {
      const world = await staged(scenario, operationMs);
      crashBeforeLine(world, index);
      await untilCrashed(world);
      world.journal.clear();
      world.restart();
      await finish(world);
      expect(endState(world), `before "${line}"`).toEqual(expected);
    }
  });
});
