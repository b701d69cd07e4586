import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { FaultEffect } from '../../../dev/simulator/faults.ts';
import { identity } from '../simulator/azure.ts';
import { binding, identityIds, policy, scaleSet } from './objects.ts';
import { faults, HOUR, SECOND, World } from './world.ts';

const BINDINGS = ['one', 'two', 'three'] as const;
/** `dns` is somebody else's from the start; `ext` is, and nobody ever declares it. */
const DECLARABLE = ['app', 'bus', 'cdn', 'dns'] as const;

const name = fc.constantFrom(...BINDINGS);
const someIdentities = fc.subarray([...DECLARABLE]);
const refusal = (status: number, code: string): FaultEffect => ({ kind: 'status', status, code });
const writeFault = fc.constantFrom<FaultEffect>(
  { kind: 'reset' },
  { kind: 'reset', applied: true },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 500, applied: true },
  { kind: 'status', status: 429, code: 'TooManyRequests', headers: { 'retry-after': '60' } },
  { kind: 'status', status: 202, applied: true },
  refusal(409, 'Conflict'),
  refusal(412, 'PreconditionFailed'),
  refusal(403, 'AuthorizationFailed'),
  refusal(400, 'InvalidParameter'),
  refusal(400, 'FailedIdentityOperation'),
);
const readFault = fc.constantFrom<FaultEffect>(
  { kind: 'reset' },
  { kind: 'withoutIdentity' },
  { kind: 'status', status: 503 },
  refusal(403, 'AuthorizationFailed'),
);
const crashAt = fc.constantFrom('finalizer', 'ledger', 'PATCH', 'status', 'GET web');

/** What happens in the world around the operator. */
const event = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('apply' as const),
      name,
      userAssigned: someIdentities,
      enabled: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('edit' as const), name, userAssigned: someIdentities }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), name }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('suspend' as const), name, suspend: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('failWrite' as const), effect: writeFault }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('failRead' as const), effect: readFault }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'failOperation' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('strip' as const), which: fc.constantFrom('app', 'bus') }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'scale' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('busy' as const), busy: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('missing' as const), which: fc.constantFrom('bus', 'cdn') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('permit' as const), permitted: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'list' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), at: crashAt }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), seconds: fc.constantFrom(1, 5, 20, 61, 400) }),
  },
);

type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

async function happen(world: World, one: Event): Promise<void> {
  const { cluster, control } = world;
  switch (one.kind) {
    case 'apply': {
      const systemAssigned = one.enabled ? 'Enabled' : 'Unmanaged';
      if (!cluster.has(one.name)) cluster.apply(binding(one.name, { userAssigned: one.userAssigned, systemAssigned }));
      return;
    }
    case 'edit':
      if (cluster.has(one.name)) cluster.edit(one.name, { userAssigned: identityIds(one.userAssigned) });
      return;
    case 'delete':
      if (cluster.has(one.name) && !cluster.binding(one.name).spec.suspend) cluster.delete(one.name);
      return;
    case 'suspend':
      // What is suspended when it is deleted leaves everything behind, as it should.
      if (cluster.has(one.name) && !isBeingDeleted(world, one.name)) cluster.edit(one.name, { suspend: one.suspend });
      return;
    case 'failWrite': {
      world.fault(faults.patch, one.effect);
      return;
    }
    case 'failRead':
      // Two reads that agree on what is not so are believed: that is as far as anybody can see.
      if (one.effect.kind !== 'withoutIdentity' || !isPending(world)) world.fault(faults.getScaleSet, one.effect);
      return;
    case 'failOperation': {
      control.planOutcome({ kind: 'Fail', code: 'InternalExecutionError', message: 'no' });
      return;
    }
    case 'strip': {
      control.drift(scaleSet(), { kind: 'Strip', identities: [identity(one.which)] });
      return;
    }
    case 'scale': {
      control.drift(scaleSet(), { kind: 'Scale', capacity: 5 });
      return;
    }
    case 'busy': {
      control.drift(scaleSet(), { kind: 'ProvisioningState', state: one.busy ? 'Updating' : 'Succeeded' });
      return;
    }
    case 'missing':
      // One that is deleted while it is assigned stays broken when it is created again: that is for people to mend.
      if (exists(world, one.which) && !world.assigned().includes(one.which))
        control.deleteIdentity(identity(one.which));
      return;
    case 'permit': {
      cluster.setPolicies(...(one.permitted ? [policy()] : []));
      return;
    }
    case 'list':
      return world.list();
    case 'restart': {
      world.restart();
      return;
    }
    case 'crash': {
      world.crashBefore(one.at);
      return;
    }
    case 'wait':
      return world.run(one.seconds * SECOND);
  }
}

function isBeingDeleted({ cluster }: World, which: string): boolean {
  return cluster.binding(which).metadata.deletionTimestamp !== undefined;
}

function exists({ control }: World, which: string): boolean {
  return control.snapshot().identities.some(({ id }) => id.endsWith(`/${which}`));
}

function isPending({ control }: World): boolean {
  return control.faults().some(({ effect, struck }) => effect.kind === 'withoutIdentity' && struck === 0);
}

/** A crash is followed by a new process; whatever Kubernetes refused, by another pass. */
async function survive(world: World, act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    expect(error).toMatchObject({ message: 'crash' });
    world.restart();
  }
}

/** All troubles end, every binding is touched once more, and time passes. */
async function calm(world: World): Promise<void> {
  const { cluster, control } = world;
  control.clearFaults();
  world.journal.clear();
  control.finishOperations();
  for (const which of ['bus', 'cdn']) {
    if (!exists(world, which)) control.createIdentity(identity(which));
  }
  if (control.scaleSet(scaleSet()).operationId === undefined) {
    control.drift(scaleSet(), { kind: 'ProvisioningState', state: 'Succeeded' });
  }
  cluster.setPolicies(policy());
  for (const each of BINDINGS) if (cluster.has(each)) cluster.edit(each, { suspend: false });
  for (let round = 0; round < 4; round += 1) {
    await survive(world, () => world.pass());
    await survive(world, () => world.run(2 * HOUR));
  }
}

function problems(world: World): readonly string[] {
  const { cluster } = world;
  const alive = BINDINGS.filter((each) => cluster.has(each));
  const live = new Set(world.assigned());
  const spec = cluster.ledgerOf(world.key())?.spec;
  const wanted = new Set(
    alive.flatMap((each) =>
      cluster.binding(each).spec.userAssigned.map(({ resourceId }) => resourceId.split('/').at(-1)!),
    ),
  );
  return [
    ...alive
      .filter((each) => world.ready(each)?.status !== 'True')
      .map((each) => `${each} is ${world.ready(each)?.reason ?? ''}`),
    ...alive
      .filter((each) => cluster.binding(each).metadata.deletionTimestamp !== undefined)
      .map((each) => `${each} is still there`),
    ...[...wanted].filter((each) => !live.has(each)).map((each) => `${each} is not assigned`),
    ...[...live]
      .filter((each) => !wanted.has(each) && !['dns', 'ext'].includes(each))
      .map((each) => `${each} is left behind`),
    ...['dns', 'ext'].filter((each) => !live.has(each)).map((each) => `${each} was somebody else's and is gone`),
    ...(spec?.entries ?? [])
      .filter(({ phase }) => phase !== 'Attached')
      .map(({ resourceId, phase }) => `${resourceId} is ${phase}`),
    ...(spec?.entries ?? [])
      .filter(({ resourceId }) => /\/(dns|ext)$/.test(resourceId))
      .map(({ resourceId }) => `${resourceId} is claimed`),
    ...(spec?.operation === undefined ? [] : ['an operation is remembered']),
    ...(alive.some((each) => cluster.binding(each).spec.systemAssigned === 'Enabled') && !world.isSystemAssigned()
      ? ['system-assigned is off']
      : []),
  ];
}

/** With CONVERGENCE_RUNS in the environment as many runs as it says: thousands find what forty do not. */
describe('whatever happens', () => {
  it('ends as if nothing had happened: what is declared is assigned, what was ours and is not wanted is gone, what is theirs stays', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { maxLength: 25, size: 'max' }),
        fc.constantFrom(0, 7 * SECOND),
        async (events, operationMs) => {
          const world = new World({
            identities: [...DECLARABLE, 'ext'],
            web: { identity: { userAssigned: ['dns', 'ext'] } },
            operationMs,
            budgetShare: 0.5,
          });
          for (const one of events) {
            await survive(world, () => happen(world, one));
            await survive(world, () => world.pass());
          }
          await calm(world);
          const found = problems(world);
          world.take();
          await world.pass();

          expect(found).toEqual([]);
          expect(world.take().filter((line) => !line.startsWith('GET'))).toEqual([]);
        },
      ),
      { numRuns: Number(process.env['CONVERGENCE_RUNS'] ?? 40) },
    );
  });
});
