import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { flowPage } from '../../../dev/docs/pages.ts';
import { identity, scaleSetPath, seedWith } from './azure.ts';
import { type Curled, type CurledAzure, startCurledAzure } from './curl.ts';
import { array, dictionary, type Held, unbalancedModel } from './how-to.ts';
import { callWith, runCall } from './page-calls.ts';

/** What the how-to gets wrong, word for word: this Azure does with it what the real one does. */
let azure: CurledAzure;
beforeAll(async () => {
  const names = ['null', 'json', 'version', 'foreign', 'none-a', 'none-b', 'first-a', 'first-b', 'slow'];
  const full = { systemAssigned: true, userAssigned: ['ID1', 'ID2'] };
  azure = await startCurledAzure(
    seedWith(names.map((name) => ({ name, identity: full, ...(name === 'slow' ? { operationMs: 3_600_000 } : {}) }))),
    0,
  );
});
afterAll(() => azure.stop());

const full: Held = { system: true, user: ['ID1', 'ID2'] };

function held(name: string): Held {
  const { systemAssigned, userAssigned } = azure.simulator.control.scaleSet(scaleSetPath(name));
  return { system: systemAssigned !== undefined, user: userAssigned.map(({ id }) => id.split('/').at(-1)!) };
}

function code({ body }: Curled): unknown {
  return (body as { error: { code: unknown } }).error.code;
}

const id1 = `"${identity('ID1')}"`;

describe("the how-to's removal of ID2 without null", () => {
  it('removes nothing from a dictionary', async () => {
    const body = `{"identity":{"type":"SystemAssigned, UserAssigned", "userAssignedIdentities":{${id1}:{}}}}`;

    expect((await azure.send('PATCH', 'null', dictionary, body)).status).toBe(200);

    expect(held('null')).toEqual(full);
  });
});

describe("the how-to's two types in a row", () => {
  it.each([
    ['enabling the system-assigned identity', `[${id1},"${identity('ID2')}"]`],
    ['removing ID2', `[${id1}]`],
  ])('are no JSON: %s', async (_flow, ids) => {
    const body = `{"identity":{"type":"SystemAssigned","UserAssigned", "identityIds":${ids}}}`;

    const refused = await azure.send('PATCH', 'json', array, body);

    expect(refused.status).toBe(400);
    expect(code(refused)).toBe('InvalidRequestContent');
    expect(held('json')).toEqual(full);
  });
});

describe("the how-to's brace before identity", () => {
  it.each([
    [dictionary, `{"type":"UserAssigned", "userAssignedIdentities":{${id1}:{}}}`],
    [array, `{"type":"UserAssigned", "identityIds":[${id1}]}`],
  ])('makes a body that creates nothing (%s)', async (version, value) => {
    const refused = await azure.send('PUT', `brace-${version}`, version, unbalancedModel(value));

    expect(refused.status).toBe(400);
    expect(code(refused)).toBe('InvalidRequestContent');
    expect((await azure.read(`brace-${version}`, version)).status).toBe(404);
  });
});

describe("the how-to's api-version 2018-12-01", () => {
  it('was never one of Compute', async () => {
    const body = `{"identity":{"type":"userAssigned", "userAssignedIdentities":{${id1}:{}}}}`;

    const refused = await azure.send('PATCH', 'version', '2018-12-01', body);

    expect(refused.status).toBe(400);
    expect(code(refused)).toBe('NoRegisteredProviderFound');
    expect(held('version')).toEqual(full);
  });
});

describe("the how-to's way to disable the system-assigned identity", () => {
  it.each([
    ['none-a', dictionary],
    ['none-b', array],
  ])('drops the user-assigned ones as well (%s, %s)', async (name, version) => {
    expect((await azure.send('PATCH', name, version, '{"identity":{"type":"None"}}')).status).toBe(200);

    expect(held(name)).toEqual({ system: false, user: [] });
  });
});

describe("the how-to's first user-assigned identity, where it is not the first", () => {
  it.each([
    ['first-a', dictionary, { system: false, user: ['ID1', 'ID2'] }],
    ['first-b', array, { system: false, user: ['ID1'] }],
  ] as const)('costs the system-assigned one, and in an array the others (%s, %s)', async (name, version, left) => {
    expect((await runCall(azure, callWith(await flowPage(9), version), name)).status).toBe(200);

    expect(held(name)).toEqual(left);
  });
});

describe("the how-to's author's own subscription", () => {
  it("is refused in the place of the reader's", async () => {
    const foreign =
      '"/subscriptions/80c696ff-5efa-4909-a64d-f1b616f423ca/resourcegroups/TestRG/providers/Microsoft.ManagedIdentity/userAssignedIdentities/ID1"';
    const body = `{"identity":{"type":"SystemAssigned,UserAssigned", "identityIds":[${foreign}]}}`;

    const refused = await azure.send('PATCH', 'foreign', array, body);

    expect(refused.status).toBe(403);
    expect(code(refused)).toBe('LinkedAuthorizationFailed');
    expect(held('foreign')).toEqual(full);
  });
});

describe('what the how-to does not speak of', () => {
  it('takes time: the answer names a link that tells when it is done', async () => {
    const accepted = await azure.send('PATCH', 'slow', dictionary, '{"identity":{"type":"SystemAssigned"}}');
    const link = accepted.headers['azure-asyncoperation']!;
    const poll = async (): Promise<unknown> => {
      const { body } = await azure.curl(link, '-H', `Authorization: Bearer ${await azure.token()}`);
      return (body as { status: unknown }).status;
    };

    expect(accepted.status).toBe(200);
    expect(accepted.body).toMatchObject({ properties: { provisioningState: 'Updating' } });
    expect(await poll()).toBe('InProgress');
    azure.simulator.control.finishOperations();
    expect(await poll()).toBe('Succeeded');
  });
});
