import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { identity, scaleSetPath, seedWith } from './azure.ts';
import { type CurledAzure, startCurledAzure } from './curl.ts';
import { array, dictionary, type Flow, flows, type Held, scaleSetOf, type Version } from './how-to.ts';
import { bodyOf, callsOf, callWith, pageOf, runCall } from './page-calls.ts';

const versions = [dictionary, array] as const;

let azure: CurledAzure;
beforeAll(async () => {
  const seeded = versions.flatMap((version) =>
    flows.flatMap((flow) =>
      flow.before === undefined ? [] : [{ name: scaleSetOf(flow, version), identity: flow.before }],
    ),
  );
  const looked = { name: 'myVMSS', identity: { systemAssigned: true, userAssigned: ['ID1'] } };
  azure = await startCurledAzure(seedWith([...seeded, looked]), 0);
});
afterAll(() => azure.stop());

interface ShownIdentity {
  readonly type: string;
  readonly principalId?: string;
  readonly identityIds?: readonly string[];
  readonly userAssignedIdentities?: Readonly<Record<string, unknown>>;
}

/** What GET shows, in the version's own shape; asked for as the page of flow 2 does. */
async function shown(name: string, version: Version): Promise<ShownIdentity | undefined> {
  const { status, body } = await runCall(azure, callWith(await pageOf(2), version), name);
  expect(status).toBe(200);
  return (body as { identity?: ShownIdentity }).identity;
}

function heldBy(shownIdentity: ShownIdentity | undefined, version: Version): Held {
  const ids = version === array ? shownIdentity?.identityIds : Object.keys(shownIdentity?.userAssignedIdentities ?? {});
  return {
    system: shownIdentity?.principalId !== undefined,
    user: (ids ?? []).map((id) => id.slice(identity('').length)),
  };
}

function typeOf({ system, user }: Held): string | undefined {
  if (user.length === 0) return system ? 'SystemAssigned' : undefined;
  return system ? 'SystemAssigned, UserAssigned' : 'UserAssigned';
}

const run = async (flow: Flow, version: Version) =>
  runCall(azure, callWith(await pageOf(flow.number), version), scaleSetOf(flow, version));

describe('the pages', () => {
  it('are as many as flows, and each has a call for each shape', async () => {
    const numbers = Array.from({ length: 12 }, (_, index) => index + 2);
    const calls = await Promise.all(numbers.map(async (number) => callsOf(await pageOf(number))));
    expect(calls.map(({ length }) => length)).toEqual(numbers.map(() => versions.length));
    expect(new Set([1, 2, ...flows.map(({ number }) => number)]).size).toBe(13);
  });
});

describe('flow 1', () => {
  it('get a bearer token', async () => {
    const token = await azure.token();

    const path = `${scaleSetPath('myVMSS')}?api-version=${dictionary}`;
    expect((await azure.curl(path)).status).toBe(401);
    expect((await azure.curl(path, '-H', `Authorization: Bearer ${token}`)).status).toBe(200);
  });
});

describe.each(versions)('with api-version %s, flow', (version) => {
  it("2: list a scale set's identities", async () => {
    const { principalId, clientId } = azure.simulator.control.identity(identity('ID1'));

    expect(await shown('myVMSS', version)).toEqual({
      type: 'SystemAssigned, UserAssigned',
      principalId: azure.simulator.control.scaleSet(scaleSetPath('myVMSS')).systemAssigned?.principalId,
      tenantId: azure.simulator.control.identity(identity('ID1')).tenantId,
      ...(version === array
        ? { identityIds: [identity('ID1')] }
        : { userAssignedIdentities: { [identity('ID1')]: { principalId, clientId } } }),
    });
  });

  it.each(flows.map((flow) => [flow.number, flow.title, flow] as const))('%s: %s', async (_number, _title, flow) => {
    const name = scaleSetOf(flow, version);
    const before = flow.before === undefined ? undefined : await shown(name, version);

    const { status } = await run(flow, version);

    expect(status).toBe(flow.before === undefined ? 201 : 200);
    const after = await shown(name, version);
    expect(heldBy(after, version)).toEqual(flow.after);
    expect(after?.type).toBe(typeOf(flow.after));
    // A system-assigned identity that stays is the very same principal.
    if (before?.principalId !== undefined && flow.after.system) expect(after?.principalId).toBe(before.principalId);
  });
});

describe('a scale set that was created as the how-to says', () => {
  it.each(versions)('has the model that was sent, without its password (%s)', async (version) => {
    const call = callWith(await pageOf(3), version);
    const sent = bodyOf(call) as Record<string, unknown>;

    const { body } = await runCall(azure, call, `model-${version}`);

    const properties = sent['properties'] as { virtualMachineProfile: { osProfile: Record<string, unknown> } };
    const { adminPassword: _password, ...osProfile } = properties.virtualMachineProfile.osProfile;
    expect(body).toMatchObject({
      name: `model-${version}`,
      location: 'eastus',
      sku: sent['sku'],
      properties: {
        ...properties,
        virtualMachineProfile: { ...properties.virtualMachineProfile, osProfile },
        provisioningState: 'Succeeded',
      },
    });
    expect(JSON.stringify(body)).not.toContain('myPassword12');
  });
});
