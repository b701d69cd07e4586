/** Runs the flows of the how-to as bindings, from the very files that the documentation shows. */
import { beforeAll, describe, expect, it } from 'vitest';

import { flowPage } from '../../dev/docs/pages.ts';
import { printedTable, rowsOf } from '../../dev/docs/printed-table.ts';
import type { Binding } from './binding.ts';
import { EXAMPLE_BINDING, readExample } from './examples.ts';
import { BOTH, DELETED, type Flow, FLOWS, type Held } from './flow-table.ts';
import type { ScaleSet } from './scale-set.ts';
import type { WholeIdentity } from './whole-identity.ts';
import type { World } from './world.ts';

/** A scale set, and the namespace that an example binds it from. */
interface Subject {
  readonly set: ScaleSet;
  readonly namespace: string;
}

const hasSystem = ({ type }: Held): boolean => type.startsWith('SystemAssigned');
const ANY_GUID = expect.stringMatching(/^[\da-f-]{36}$/) as string;

/** Runs every flow against the world's operator. */
export function describeFlows(world: () => World): void {
  const sets: ScaleSet[] = [];

  beforeAll(() => {
    for (const name of BOTH) world().control.createIdentity(world().identityId(name));
  });

  describe.concurrent('each step of the how-to, as a binding', () => {
    it('1: get a bearer token', async () => {
      const subject = await begin(
        world(),
        'flow-1',
        FLOWS.find(({ number }) => number === 9)!,
      );
      await apply(world(), subject, '09-assign-first-user-assigned');
      await bindingOf(world(), subject).ready();
      const tokens = world()
        .control.requests()
        .filter(({ path, status }) => path.endsWith('/oauth2/v2.0/token') && status === 200);
      expect(tokens.length).toBeGreaterThan(0);
      expect(new Set(subject.set.requests.map(({ principal }) => principal))).toEqual(new Set([world().clientId]));
    });

    it.each(FLOWS.map((flow, index) => ({ ...flow, flow, name: `flow-${String(flow.number)}-${String(index)}` })))(
      '$number: $does',
      async ({ flow, name }) => {
        const subject = await begin(world(), name, flow);
        const { set } = subject;
        const before = flow.before && world().wholeIdentity(set);
        expect(before).toEqual(flow.before && whole(world(), flow.before));
        for (const step of flow.applied) await take(world(), subject, flow, step);
        expect(world().wholeIdentity(set)).toEqual(whole(world(), flow.after, before));
        expect(set.writes.filter(({ status }) => Number(status) < 400)).toHaveLength(flow.writes);
        if (!flow.applied.includes(DELETED)) await expectAsPrinted(world(), subject, flow);
        sets.push(set);
      },
    );
  });

  it('leads to a state that is kept without another write', async () => {
    const writes = (): readonly number[] => sets.map((set) => set.writes.length);
    const before = writes();
    await world().intervals(2);
    expect(sets).toHaveLength(FLOWS.length);
    expect(writes()).toEqual(before);
  });
}

/** The scale set as the flow finds it. What is declared to go may go, and nothing else. */
async function begin(world: World, name: string, { before, after }: Flow): Promise<Subject> {
  const namespace = await world.createNamespace(name);
  if (before === undefined) return { set: world.scaleSetToCome(name), namespace };
  const set = world.scaleSet(name, { systemAssigned: hasSystem(before), foreign: before.userAssigned });
  if (!hasSystem(after)) set.mayLoseSystemAssigned();
  set.mayLose(...before.userAssigned.filter((identity) => !after.userAssigned.includes(identity)));
  return { set, namespace };
}

async function take(world: World, subject: Subject, { before }: Flow, step: string): Promise<void> {
  const binding = bindingOf(world, subject);
  if (step === DELETED) {
    await binding.delete();
    await binding.untilGone();
    return;
  }
  await apply(world, subject, step);
  if (before === undefined) {
    await binding.shows('ScaleSetNotFound');
    world.scaleSet(subject.set.name);
  }
  await binding.ready();
}

async function apply(world: World, { set, namespace }: Subject, example: string): Promise<void> {
  const place = { scaleSetId: set.id, identityId: (name: string) => world.identityId(name), namespace };
  await world.applyAll(await readExample(example, place));
}

const bindingOf = (world: World, { set, namespace }: Subject): Binding =>
  world.binding(set, { name: EXAMPLE_BINDING, namespace });

/** What Azure has to show; a system-assigned identity that was there before is the very same principal. */
function whole(world: World, { type, userAssigned }: Held, before?: WholeIdentity): WholeIdentity | undefined {
  if (type === 'None') return undefined;
  const principalId = before?.principalId ?? ANY_GUID;
  const { tenantId } = world.control.identity(world.identityId('ID1'));
  const assigned = userAssigned.map((name) => {
    const id = world.identityId(name);
    const { principalId, clientId } = world.control.identity(id);
    return [id, { principalId, clientId }] as const;
  });
  return {
    type,
    ...(hasSystem({ type, userAssigned }) ? { principalId, tenantId } : {}),
    ...(assigned.length > 0 ? { userAssignedIdentities: Object.fromEntries(assigned) } : {}),
  };
}

/** What `kubectl get` shows of the binding is what the page of the flow prints, and the status has Azure's own ids. */
async function expectAsPrinted(world: World, { set, namespace }: Subject, { number }: Flow): Promise<void> {
  const args = ['get', 'vib', EXAMPLE_BINDING, `--namespace=${namespace}`, '--output=wide'];
  const [shown] = rowsOf((await world.api.kubectl(args)).stdout);
  const varying = { AGE: expect.any(String) as string, 'SCALE SET': set.name };
  expect(shown).toEqual({ ...printedTable(await flowPage(number))[0], ...varying });
  const { systemAssigned, userAssigned = [] } = (await bindingOf(world, { set, namespace }).ready()).status;
  expect(systemAssigned?.principalId).toBe(set.systemAssigned);
  for (const { resourceId, clientId } of userAssigned) {
    expect(clientId).toBe(world.control.identity(resourceId).clientId);
  }
}
