import { describe, expect, it } from 'vitest';

import { readScaleSetArray } from '../../../src/azure/wire-array.ts';
import type { IdentityPatch } from '../../../src/identity/scale-set.ts';
import type { Result, WriteReply } from '../../../src/reconcile/azure-port.ts';
import { type Answer, ENDPOINT, type FakeAzure, fakeAzure, NEVER, type Script } from './fake-azure.ts';
import { errorBody, identityPath, scaleSetBody, scaleSetId, scaleSetPath, SUBSCRIPTION } from './samples.ts';

const [one, two, theirs] = [identityPath('one'), identityPath('two'), identityPath('theirs')];
const ATTACH: IdentityPatch = { type: 'UserAssigned', userAssignedIdentities: { [two]: {} } };

function body(ids: readonly string[], properties: object = {}): object {
  const identity = ids.length === 0 ? undefined : { type: 'UserAssigned', identityIds: ids };
  return scaleSetBody({ etag: undefined, identity }, { orchestrationMode: undefined, ...properties });
}

function versionOf(wire: object): string {
  const read = readScaleSetArray(wire);
  return read.readable ? (read.value.etag ?? '') : '';
}

const arrayAzure = (answers: Script | readonly Answer[]): FakeAzure => fakeAzure(answers, { apiVersion: '2017-12-01' });

/** A write that was planned from what `before` shows. */
const patch = (azure: FakeAzure, change = ATTACH, before = body([one])): Promise<Result<WriteReply>> =>
  azure.port.patchIdentity(scaleSetId(), change, versionOf(before), NEVER);

describe('a write in the array shape', () => {
  it('reads the scale set, and replaces its whole list under no etag', async () => {
    const azure = arrayAzure([{ body: body([one, theirs]) }, { body: body([one, theirs, two]) }]);
    await patch(azure, ATTACH, body([one, theirs]));
    const url = `${ENDPOINT}${scaleSetPath()}?api-version=2017-12-01`;
    expect(azure.sent.map((each) => [each.method, each.url])).toEqual([
      ['GET', url],
      ['PATCH', url],
    ]);
    expect(azure.sent[1]?.headers).not.toHaveProperty('if-match');
    expect(azure.sent[1]?.body).toEqual({ identity: { type: 'UserAssigned', identityIds: [one, theirs, two] } });
  });

  it('names the others as they are spelled now, not as they were when it was planned', async () => {
    const azure = arrayAzure([{ body: body([one.toUpperCase()]) }, { body: body([one, two]) }]);
    await patch(azure);
    expect(azure.sent[1]?.body).toMatchObject({ identity: { identityIds: [one.toUpperCase(), two] } });
  });

  it('has no list when nothing user-assigned is left', async () => {
    const azure = arrayAzure([{ body: body([one]) }, { body: body([]) }]);
    await patch(azure, { type: 'None' });
    expect(azure.sent[1]?.body).toEqual({ identity: { type: 'None' } });
  });

  it('is done, with nothing to go by, when the reply says Succeeded', async () => {
    const azure = arrayAzure([{ body: body([one]) }, { body: body([one, two]) }]);
    expect(await patch(azure)).toEqual({ ok: true, value: { state: 'done' } });
  });

  it('is accepted with the operation to look at', async () => {
    const link = `${ENDPOINT}/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Compute/locations/westeurope/operations/1?s=x`;
    const accepted = {
      body: body([one, two], { provisioningState: 'Updating' }),
      headers: { 'azure-asyncoperation': link },
    };
    const azure = arrayAzure([{ body: body([one]) }, accepted]);
    expect(await patch(azure)).toEqual({
      ok: true,
      value: { state: 'accepted', operation: { link, via: 'azureAsyncOperation' } },
    });
  });

  it.each([
    ['something else is attached', body([one, theirs])],
    ['something is gone', body([])],
    ['it is another scale set of the same name', body([one], { uniqueId: 'another' })],
    [
      'the system-assigned identity is on',
      scaleSetBody({ identity: { type: 'SystemAssigned, UserAssigned', identityIds: [one] } }),
    ],
  ])('is not sent when meanwhile %s', async (_, now) => {
    const azure = arrayAzure([{ body: now }]);
    expect(await patch(azure)).toMatchObject({ failure: { kind: 'changedUnderneath', hadNoEffect: true } });
    expect(azure.sent.map(({ method }) => method)).toEqual(['GET']);
  });

  it.each(['Updating', 'Deleting', 'Creating'])('is not sent while the scale set is %s', async (provisioningState) => {
    const azure = arrayAzure([{ body: body([one], { provisioningState }) }]);
    expect(await patch(azure)).toMatchObject({ failure: { kind: 'busy', hadNoEffect: true } });
    expect(azure.sent).toHaveLength(1);
  });

  it.each([
    ['Azure does not answer', { status: 500 }, 'transient'],
    ['the scale set is gone', { status: 404, body: errorBody('ResourceNotFound', 'x') }, 'notFound'],
    ['the operator is throttled', { status: 429, headers: { 'retry-after': '7' } }, 'throttled'],
    ['half an identity is shown', { body: scaleSetBody({ identity: { type: 'UserAssigned' } }) }, 'transient'],
  ])('is certainly not sent when %s before it', async (_, answer, kind) => {
    const azure = arrayAzure([answer]);
    expect(await patch(azure)).toMatchObject({ ok: false, failure: { kind, hadNoEffect: true } });
    expect(azure.sent).toHaveLength(1);
  });

  it('is of unknown outcome when it is not answered itself', async () => {
    const azure = arrayAzure([{ body: body([one]) }, { status: 500 }]);
    expect(await patch(azure)).toMatchObject({ failure: { kind: 'transient', hadNoEffect: false } });
  });

  it('is not made without the version of a read', async () => {
    const azure = arrayAzure([{ body: body([one]) }]);
    await expect(azure.port.patchIdentity(scaleSetId(), ATTACH, '', NEVER)).rejects.toThrow(TypeError);
    expect(azure.sent).toEqual([]);
  });

  it('is refused here when it would name more identities than Azure takes', async () => {
    const many = Array.from({ length: 150 }, (_, index) => identityPath(`many-${String(index)}`));
    const azure = arrayAzure([{ body: body(many) }]);
    const reply = await patch(azure, ATTACH, body(many));
    expect(reply).toMatchObject({ failure: { kind: 'rejected', code: 'TooManyIdentities', hadNoEffect: true } });
    expect(reply.ok || reply.failure.message).toMatch(/151 user-assigned identities.*--arm-api-version/);
    expect(azure.sent).toHaveLength(1);
  });

  it('may bring a scale set of more identities than Azure takes back to fewer', async () => {
    const many = [two, ...Array.from({ length: 150 }, (_, index) => identityPath(`many-${String(index)}`))];
    const azure = arrayAzure([{ body: body(many) }, { body: body(many.slice(1)) }]);
    const reply = await patch(azure, { type: 'UserAssigned', userAssignedIdentities: { [two]: null } }, body(many));
    expect(reply.ok).toBe(true);
  });
});

describe('a refusal in the array shape', () => {
  const linked = (id: string): Answer => ({
    status: 403,
    body: errorBody(
      'LinkedAuthorizationFailed',
      `it does not have permission to perform action 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action' on the linked scope(s) '${id}' or the linked scope(s) are invalid.`,
    ),
  });

  it('of an identity that was to be attached is about that identity', async () => {
    const azure = arrayAzure([{ body: body([one]) }, linked(two)]);
    expect(await patch(azure)).toMatchObject({ failure: { kind: 'identityRefused', identityIds: [two] } });
  });

  it('of one that the list has to carry is not about the write', async () => {
    const azure = arrayAzure([{ body: body([one]) }, linked(one)]);
    const reply = await patch(azure);
    expect(reply).toMatchObject({
      failure: { kind: 'blockedByForeignIdentity', identityIds: [one], hadNoEffect: true },
    });
    expect(reply.ok || reply.failure.message).toMatch(/because of 1 identity on it.*no right to assign/);
  });
});

describe('a list in the array shape', () => {
  it('has its entries read as a scale set itself is', async () => {
    const azure = arrayAzure([{ body: { value: [body([one, theirs])] } }]);
    const list = await azure.port.listScaleSets({ subscriptionId: SUBSCRIPTION }, undefined, NEVER);
    const entries = [{ namesOnly: true, etag: versionOf(body([theirs, one])) }];
    expect(list).toMatchObject({ ok: true, value: { entries } });
    expect(azure.sent[0]?.url).toMatch(/api-version=2017-12-01$/);
  });

  it('leaves out one that shows half an identity', async () => {
    const azure = arrayAzure([{ body: { value: [scaleSetBody({ identity: { type: 'UserAssigned' } })] } }]);
    const list = await azure.port.listScaleSets({ subscriptionId: SUBSCRIPTION }, undefined, NEVER);
    expect(list).toMatchObject({ ok: true, value: { entries: [] } });
  });
});
