import { beforeEach, describe, expect, it } from 'vitest';

import { ARRAY_API_VERSION } from '../../../src/config/api-versions.ts';
import { identity } from '../simulator/azure.ts';
import { binding, identityIds, policy, scaleSet } from './objects.ts';
import { shape } from './shape.ts';
import { faults, HOUR, MINUTE, SECOND, World } from './world.ts';

beforeEach(() => {
  shape.apiVersion = ARRAY_API_VERSION;
});

const FOREIGN = { identity: { userAssigned: ['dns'] } } as const;

const othersAttach = (world: World, ...names: readonly string[]): void => {
  world.control.drift(scaleSet(), { kind: 'Attach', identities: names.map(identity) });
};
const othersStrip = (world: World, ...names: readonly string[]): void => {
  world.control.drift(scaleSet(), { kind: 'Strip', identities: names.map(identity) });
};

/** Others act between our next PATCH and the GET that tells what came of it. */
function besideOurWrite(world: World, act: () => void): void {
  world.journal.before('PATCH', () => {
    world.journal.before('GET web', act);
  });
}

const entries = (world: World): readonly string[] =>
  (world.cluster.ledgerOf(world.key())?.spec.entries ?? []).map(({ resourceId }) => resourceId.split('/').at(-1)!);

describe('a write that nothing guards', () => {
  it('follows right upon a read, and has another after it', async () => {
    const world = new World({ web: FOREIGN, bindings: [binding('one')] });

    await world.pass();

    expect(world.journal.take()).toEqual([
      'GET web',
      'GET app',
      'finalizer on one',
      'ledger: Attaching app for one; operation',
      'GET web',
      'PATCH web UserAssigned +app',
      'GET web',
      'ledger: Attached app for one',
      'status one: True Assigned 1/1',
    ]);
  });

  it('is planned again when others were faster, and takes nothing of theirs away', async () => {
    const world = new World({ web: FOREIGN, bindings: [binding('one')] });
    world.journal.before('ledger', () => {
      othersAttach(world, 'bus');
    });

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +app']);
    expect(world.assigned()).toEqual(['app', 'bus', 'dns']);
  });

  it('is planned again twice at once when others are faster again and again, and then after 15 seconds', async () => {
    const world = new World({ web: FOREIGN, bindings: [binding('one')], identities: ['app', 'dns', 'a', 'b', 'c'] });
    const beforeEachGuard = (act: () => void, times: number): void => {
      if (times === 0) return;
      world.journal.before('GET web', () => {
        world.journal.before('GET web', () => {
          act();
          beforeEachGuard(act, times - 1);
        });
      });
    };
    const names = ['a', 'b', 'c'];
    beforeEachGuard(() => {
      othersAttach(world, names.shift()!);
    }, 3);

    const { requeueAfterMs } = await world.pass();
    const during = [world.takeWrites(), world.ready('one')?.reason];
    await world.run(15 * SECOND);

    expect(requeueAfterMs).toBe(15 * SECOND);
    expect(during).toEqual([[], 'ScaleSetBusy']);
    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +app']);
    expect(world.assigned()).toEqual(['a', 'app', 'b', 'c', 'dns']);
  });

  it('waits while someone else is at work, and claims nothing meanwhile', async () => {
    const world = new World({ web: FOREIGN, bindings: [binding('one')] });
    world.journal.before('ledger', () => {
      world.control.drift(scaleSet(), { kind: 'ProvisioningState', state: 'Updating' });
    });

    const { requeueAfterMs } = await world.pass();
    const during = [world.takeWrites(), entries(world), world.ready('one')?.reason];
    world.control.drift(scaleSet(), { kind: 'ProvisioningState', state: 'Succeeded' });
    await world.run(10 * SECOND);

    expect(requeueAfterMs).toBe(5 * SECOND);
    expect(during).toEqual([[], [], 'ScaleSetBusy']);
    expect(world.ready('one')?.status).toBe('True');
  });

  it('leaves to others what they attached first', async () => {
    const world = new World({ web: FOREIGN, bindings: [binding('one')] });
    world.journal.before('ledger', () => {
      othersAttach(world, 'app');
    });

    await world.pass();

    expect(world.takeWrites()).toEqual([]);
    expect(world.identity('one', 'app')).toMatchObject({ state: 'Assigned', attachedByUs: false });
    expect(world.cluster.ledgerOf(world.key())).toBeUndefined();
    expect(world.cluster.takeEvents()).toContainEqual(expect.stringMatching(/^Normal AttachedByOthers one: /));
  });

  it('is not made for more identities than one write may name, and says what to do', async () => {
    const many = Array.from({ length: 150 }, (_, index) => `many-${String(index)}`);
    const world = new World({
      identities: ['app', ...many],
      web: { identity: { userAssigned: many } },
      bindings: [binding('one')],
    });

    await world.pass();

    expect(world.takeWrites()).toEqual([]);
    expect(world.ready('one')).toMatchObject({ status: 'False', reason: 'Rejected' });
    expect(world.ready('one')?.message).toContain('--arm-api-version');
    expect(world.cluster.ledgerOf(world.key())).toBeUndefined();
  });

  it('for which the list has to carry a dead identity of others is refused, and no loop', async () => {
    const world = new World({ web: FOREIGN, bindings: [binding('one')] });
    world.control.deleteIdentity(identity('dns'));

    await world.pass();
    const first = world.takeWrites();
    await world.run(HOUR);

    expect(first).toEqual(['PATCH web UserAssigned +app → 403']);
    expect(world.takeWrites().length).toBeLessThanOrEqual(4);
    expect(world.ready('one')?.reason).toBe('BlockedByForeignIdentity');
    expect(entries(world)).toEqual([]);
  });
});

describe('what a write of others takes away beside ours', () => {
  it('is attached again where it is ours', async () => {
    const world = new World({ web: FOREIGN, bindings: [binding('one')] });
    besideOurWrite(world, () => {
      othersStrip(world, 'app');
    });

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +app', 'PATCH web UserAssigned +app']);
    expect(world.ready('one')?.status).toBe('True');
    expect(world.lostInRace).toBe(1);
  });

  it('is put back where it is theirs, and stays theirs', async () => {
    const world = new World({ web: FOREIGN, bindings: [binding('one')] });
    besideOurWrite(world, () => {
      othersStrip(world, 'dns');
    });

    await world.pass();
    const written = world.takeWrites();
    world.cluster.delete('one');
    await world.pass();

    expect(written).toEqual(['PATCH web UserAssigned +app', 'PATCH web UserAssigned +dns']);
    expect(world.assigned()).toEqual(['dns']);
    expect(world.lostInRace).toBe(1);
  });

  it.each([0, 5 * SECOND])(
    'is put back once: who takes it off again means it (operations of %i ms)',
    async (operationMs) => {
      const world = new World({ web: FOREIGN, bindings: [binding('one')], operationMs });
      besideOurWrite(world, () => {
        othersStrip(world, 'dns');
        besideOurWrite(world, () => {
          othersStrip(world, 'dns');
        });
      });

      await world.pass();
      await world.run(HOUR);

      expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +app', 'PATCH web UserAssigned +dns']);
      expect(world.assigned()).toEqual(['app']);
    },
  );

  it('is put back after another write of ours, too', async () => {
    const world = new World({ web: FOREIGN, bindings: [binding('one')] });
    for (const userAssigned of [['app'], ['app', 'bus']]) {
      world.cluster.edit('one', { userAssigned: identityIds(userAssigned) });
      besideOurWrite(world, () => {
        othersStrip(world, 'dns');
      });
      await world.pass();
    }

    expect(world.assigned()).toEqual(['app', 'bus', 'dns']);
    expect(world.lostInRace).toBe(2);
  });

  it('stays theirs also where a binding declares it', async () => {
    const world = new World({ web: FOREIGN, bindings: [binding('one', { userAssigned: ['app', 'dns'] })] });
    besideOurWrite(world, () => {
      othersStrip(world, 'dns');
    });

    await world.pass();

    expect(world.identity('one', 'dns')).toMatchObject({ state: 'Assigned', attachedByUs: false });
    expect(entries(world)).toEqual(['app']);
  });

  it('is not put back when it does not exist any more', async () => {
    const world = new World({ web: FOREIGN, bindings: [binding('one')] });
    besideOurWrite(world, () => {
      othersStrip(world, 'dns');
      world.control.deleteIdentity(identity('dns'));
    });

    await world.pass();
    await world.run(2 * HOUR);

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +app']);
    expect(world.ready('one')?.status).toBe('True');
  });

  it('is not put back by another write when Azure does not take it', async () => {
    const world = new World({ web: FOREIGN, bindings: [binding('one')] });
    besideOurWrite(world, () => {
      othersStrip(world, 'dns');
      world.fault(faults.patch, {
        kind: 'status',
        status: 400,
        code: 'FailedIdentityOperation',
        message: `Resource '${identity('dns')}' was not found.`,
      });
    });

    await world.pass();
    await world.run(2 * HOUR);

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +app', 'PATCH web UserAssigned +dns → 400']);
    expect(world.ready('one')?.status).toBe('True');
  });

  it('is put back after a wait when Azure does not answer', async () => {
    const world = new World({ web: FOREIGN, bindings: [binding('one')] });
    besideOurWrite(world, () => {
      othersStrip(world, 'dns');
      world.fault(faults.patch, { kind: 'status', status: 409, code: 'Conflict' });
    });

    await world.pass();
    await world.run(MINUTE);

    expect(world.assigned()).toEqual(['app', 'dns']);
  });

  it('is not turned on again where it is the system-assigned identity: that would be another one', async () => {
    const world = new World({ web: { identity: { systemAssigned: true } }, bindings: [binding('one')] });
    besideOurWrite(world, () => {
      world.control.drift(scaleSet(), { kind: 'DisableSystemAssigned' });
    });

    await world.pass();

    expect(world.takeWrites()).toEqual(['PATCH web SystemAssigned+UserAssigned +app']);
    expect(world.lostInRace).toBe(1);
  });

  it('is named to the platform team, and counted to the others', async () => {
    const world = new World({ web: FOREIGN, bindings: [binding('one')] });
    besideOurWrite(world, () => {
      othersStrip(world, 'dns');
    });

    await world.pass();

    const events = world.cluster.takeEvents().filter((event) => event.includes('LostInRace'));
    const [onLedger, onBinding] = events;
    expect(events).toHaveLength(2);
    expect(onLedger).toMatch(/^Warning LostInRace ledger: .*userAssignedIdentities\/dns\.$/);
    expect(onBinding).toMatch(/^Warning LostInRace one: .* took 1 identity off/);
    expect(onBinding).not.toContain('dns');
    expect(world.logger.entries).toContainEqual(
      expect.objectContaining({ level: 'warn', message: 'identities were lost in a race' }),
    );
  });

  it('is left to a write of unknown outcome: nobody knows whether it was beside ours', async () => {
    const world = new World({ web: FOREIGN, bindings: [binding('one')] });
    world.fault(faults.patch, { kind: 'reset' });
    besideOurWrite(world, () => {
      othersStrip(world, 'dns');
    });

    await world.pass();
    await world.run(MINUTE);

    expect(world.assigned()).toEqual(['app']);
    expect(world.lostInRace).toBe(0);
  });

  it('is nothing when our own operation fails', async () => {
    const world = new World({ web: FOREIGN, bindings: [binding('one')], operationMs: SECOND });
    world.control.planOutcome({ kind: 'Fail', code: 'InternalExecutionError', message: 'no' });
    besideOurWrite(world, () => {
      othersStrip(world, 'app');
    });

    await world.pass();
    await world.run(3 * SECOND);

    expect(world.lostInRace).toBe(0);
  });
});

describe('a list that has to carry an identity of ours that is gone', () => {
  const deadOne = async (): Promise<World> => {
    const world = new World({ web: FOREIGN, bindings: [binding('one')] });
    await world.pass();
    world.control.deleteIdentity(identity('app'));
    world.cluster.apply(binding('two', { userAssigned: ['bus'] }));
    world.take();
    await world.pass();
    return world;
  };

  it('leaves it out, so that it holds up nobody else', async () => {
    const world = await deadOne();

    expect(world.takeWrites()).toEqual(['PATCH web UserAssigned +bus → 403', 'PATCH web UserAssigned +bus -app']);
    expect(world.ready('two')?.status).toBe('True');
    expect(world.identity('one', 'app')).toMatchObject({ state: 'Missing', attachedByUs: false });
    expect(world.lostInRace).toBe(0);
    expect(world.cluster.takeEvents()).toContainEqual(expect.stringMatching(/^Warning Released one: .*taken off/));
  });

  it('has it attached again when it comes back', async () => {
    const world = await deadOne();
    world.control.createIdentity(identity('app'));

    await world.run(2 * HOUR);

    expect(world.identity('one', 'app')).toMatchObject({ state: 'Assigned', attachedByUs: true });
    expect(world.ready('one')?.status).toBe('True');
  });

  it('keeps it where a policy protects it', async () => {
    const world = new World({
      web: FOREIGN,
      bindings: [binding('one')],
      policies: [policy({ protected: [identity('app')] })],
    });
    await world.pass();
    world.control.deleteIdentity(identity('app'));
    world.cluster.apply(binding('two', { userAssigned: ['bus'] }));

    await world.pass();
    await world.run(HOUR);

    expect(world.assigned()).toEqual(['app', 'dns']);
    expect(world.ready('two')?.reason).toBe('BlockedByForeignIdentity');
  });
});
