/** What passes write into the log, whether they succeed or fail. */
import { describe, expect, it } from 'vitest';

import type { FaultEffect, FaultMatch } from '../../../dev/simulator/faults.ts';
import type { ArmKey } from '../../../src/identity/arm-id.ts';
import { Controller } from '../../../src/runtime/controller.ts';
import { WorkQueue } from '../../../src/runtime/work-queue.ts';
import { seededRandom, settle } from '../runtime/virtual-clock.ts';
import type { Entry } from '../telemetry/recording-logger.ts';
import { binding } from './objects.ts';
import { tooMany } from './too-many.ts';
import { faults, HOUR, MINUTE, World, type WorldParts } from './world.ts';

/** Has the world's scale set worked on for a while, as the operator does it, and gives what was logged. */
async function workFor(world: World, ms: number): Promise<readonly Entry[]> {
  const before = world.logger.entries.length;
  const { clock, logger } = world;
  const random = seededRandom();
  const queue = new WorkQueue<ArmKey>({ clock, random });
  const controller = new Controller<ArmKey>({
    queue,
    reconcile: (scaleSet, signal, run) => world.reconcile(scaleSet, signal, run.logger),
    workers: 1,
    clock,
    random,
    logger,
  });
  controller.start();
  queue.add(world.key());
  await settle();
  await clock.advance(ms);
  const stopping = controller.stop(0);
  await clock.advance(MINUTE);
  await stopping;
  return world.logger.entries.slice(before);
}

const messagesOf = (entries: readonly Entry[]): readonly string[] => entries.map(({ message }) => message);
const idsOf = (entries: readonly Entry[]): readonly unknown[] => entries.map(({ fields }) => fields['reconcileID']);

function failing(match: FaultMatch, effect: FaultEffect, parts: WorldParts = {}): World {
  const world = new World({ bindings: [binding('one')], ...parts });
  world.fault(match, effect, { count: null });
  return world;
}

const status = (code: number, name: string, headers = {}): FaultEffect => {
  return { kind: 'status', status: code, code: name, headers };
};

const elsewhere = { 'azure-asyncoperation': 'https://elsewhere.example/operations/1' };

const failures: readonly (readonly [string, () => World, string])[] = [
  ['answers 500', () => failing(faults.getScaleSet, status(500, 'InternalServerError')), 'asked Azure'],
  ['does not answer', () => failing(faults.getScaleSet, { kind: 'hang' }), 'asked Azure'],
  ['breaks the connection', () => failing(faults.patch, { kind: 'reset' }), 'asked Azure'],
  ['refuses a write', () => failing(faults.patch, status(403, 'AuthorizationFailed')), 'asked Azure'],
  [
    'throttles a read, and then does not',
    () => {
      const world = new World({ bindings: [binding('one')], budgetShare: 0.5 });
      world.fault(faults.getScaleSet, tooMany('Microsoft.Compute/GetVMScaleSet3Min', 60));
      return world;
    },
    'Azure takes requests of this kind again',
  ],
  [
    'throttles writes',
    () => failing(faults.patch, tooMany('Microsoft.Compute/VmssUpdates3Min', 60)),
    'Azure throttles: nothing more of this kind is sent until it is over',
  ],
  [
    'leads elsewhere',
    () => failing(faults.patch, { kind: 'status', status: 202, headers: elsewhere, body: {} }),
    'a link to an operation does not lead to the ARM endpoint and is not followed',
  ],
];

describe('every line of a pass', () => {
  it.each(failures)('has its id when Azure %s', async (_what, build, message) => {
    const entries = await workFor(build(), 10 * MINUTE);
    expect(messagesOf(entries)).toContain(message);
    expect(idsOf(entries)).not.toContain(undefined);
  });

  it('has its id when Kubernetes refuses a write, as has the line that says so', async () => {
    const world = new World({ bindings: [binding('one')] });
    world.cluster.failNext('saveLedger', 'forbidden');
    const entries = await workFor(world, MINUTE);
    expect(messagesOf(entries)).toContain('pass failed');
    expect(idsOf(entries)).not.toContain(undefined);
  });

  it('has its id when there is something to tell', async () => {
    const world = new World({ bindings: [binding('one', { deletionPolicy: 'Retain' })] });
    await workFor(world, MINUTE);
    world.cluster.delete('one');
    const entries = await workFor(world, MINUTE);
    expect(messagesOf(entries)).toContain('left as it is');
    expect(idsOf(entries)).not.toContain(undefined);
  });

  it('has the same id as the others of that pass, and no other pass has it', async () => {
    const world = failing(faults.getScaleSet, status(500, 'InternalServerError'));
    const entries = await workFor(world, HOUR);
    const passes = new Set(idsOf(entries));
    expect(passes.size).toBeGreaterThan(5);
    // One read each.
    expect(entries).toHaveLength(passes.size);
  });

  it('names the scale set', async () => {
    const world = new World({ bindings: [binding('one')] });
    const entries = await workFor(world, MINUTE);
    expect(new Set(entries.map(({ fields }) => fields['key']))).toEqual(new Set([world.key()]));
  });
});

describe('a pass at rest', () => {
  it('writes no line but of what it asked, for those who debug', async () => {
    const world = new World({ bindings: [binding('one')] });
    await workFor(world, MINUTE);
    for (let time = 0; time < 3; time++) {
      const entries = await workFor(world, HOUR);
      expect(new Set(entries.map(({ level }) => level))).toEqual(new Set(['debug']));
    }
  });
});
