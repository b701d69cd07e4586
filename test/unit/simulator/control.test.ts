import { describe, expect, it } from 'vitest';

import { handleControl } from '../../../dev/simulator/control/routes.ts';
import { identity, lowerGroupIdentity, objectId, simulatedAzure, subscriptionId, webPath } from './azure.ts';

const both = { systemAssigned: true, userAssigned: ['a', 'b'] };
const names = (azure: ReturnType<typeof simulatedAzure>): readonly string[] =>
  azure.control.scaleSet(webPath).userAssigned.map(({ id }) => id);

describe('drift', () => {
  it('strips some identities, or all, and moves the etag on', () => {
    const azure = simulatedAzure({ web: { identity: both } });

    azure.control.drift(webPath, { kind: 'Strip', identities: [identity('A')] });
    expect(names(azure)).toEqual([lowerGroupIdentity('b')]);
    azure.control.drift(webPath, { kind: 'Strip' });

    expect(names(azure)).toEqual([]);
    expect(azure.control.scaleSet(webPath)).toMatchObject({ etag: 3, provisioningState: 'Succeeded' });
  });

  it('attaches identities by someone else', () => {
    const azure = simulatedAzure();

    azure.control.drift(webPath, { kind: 'Attach', identities: [identity('c')] });

    expect(azure.get(webPath).body.identity.userAssignedIdentities[identity('c')]).toHaveProperty('clientId');
  });

  it('turns the system-assigned identity off, and on with another principal', () => {
    const azure = simulatedAzure({ web: { identity: both } });
    const before = azure.control.scaleSet(webPath).systemAssigned;

    azure.control.drift(webPath, { kind: 'DisableSystemAssigned' });
    expect(azure.get(webPath).body.identity.type).toBe('UserAssigned');
    azure.control.drift(webPath, { kind: 'EnableSystemAssigned' });

    expect(azure.control.scaleSet(webPath).systemAssigned).not.toEqual(before);
  });

  it('respells the keys without a write', () => {
    const azure = simulatedAzure({ web: { identity: both } });

    azure.control.drift(webPath, { kind: 'Recase', to: 'lower' });

    expect(names(azure)).toEqual([identity('a').toLowerCase(), identity('b').toLowerCase()]);
    expect(azure.control.scaleSet(webPath).etag).toBe(1);
    azure.control.drift(webPath, { kind: 'Recase', to: 'upper' });
    expect(names(azure)[0]).toBe(identity('a').toUpperCase());
    azure.control.drift(webPath, { kind: 'Recase', to: 'resourcegroups' });
    expect(names(azure)[0]).toContain('/resourcegroups/');
  });

  it('respelled keys are still the same identities', () => {
    const azure = simulatedAzure({ web: { identity: both } });
    azure.control.drift(webPath, { kind: 'Recase', to: 'upper' });

    azure.patchIdentity({ type: 'UserAssigned', userAssignedIdentities: { [identity('a')]: null } });

    expect(names(azure)).toEqual([identity('b').toUpperCase()]);
  });

  it.each(['Failed', 'Canceled'] as const)('leaves a scale set %s, with no operation', (state) => {
    const azure = simulatedAzure();

    azure.control.drift(webPath, { kind: 'ProvisioningState', state });

    expect(azure.get(webPath).body.properties['provisioningState']).toBe(state);
    expect(azure.patchIdentity({ type: 'SystemAssigned' }).status).toBe(200);
  });

  it('removes a scale set', () => {
    const azure = simulatedAzure();

    azure.control.drift(webPath, { kind: 'Remove' });

    expect(azure.get(webPath).status).toBe(404);
  });

  it('replaces a scale set by another of the same name, with other principals', () => {
    const azure = simulatedAzure({ web: { identity: both } });
    const before = azure.control.scaleSet(webPath);

    azure.control.replaceScaleSet(webPath);

    const after = azure.control.scaleSet(webPath);
    expect(after.uniqueId).not.toBe(before.uniqueId);
    expect(after.systemAssigned).not.toEqual(before.systemAssigned);
    expect(after).toMatchObject({ id: before.id, etag: 1, userAssigned: before.userAssigned });
  });

  it('needs a scale set that is there', () => {
    const azure = simulatedAzure();

    expect(() => {
      azure.control.drift(`${webPath}x`, { kind: 'Remove' });
    }).toThrow(`there is no scale set ${webPath}x`);
  });
});

describe('identities', () => {
  it('are created, deleted and recreated', () => {
    const azure = simulatedAzure();

    const created = azure.control.createIdentity(identity('new'));
    const recreated = azure.control.recreateIdentity(identity('new'));
    azure.control.deleteIdentity(identity('new'));

    expect(recreated.clientId).not.toBe(created.clientId);
    expect(() => azure.control.identity(identity('new'))).toThrow('there is no user-assigned identity');
  });

  it('are not created twice, nor where there is no group', () => {
    const { control } = simulatedAzure();

    expect(() => control.createIdentity(identity('a'))).toThrow('is there already');
    expect(() => control.createIdentity(identity('a').replace('shop', 'none'))).toThrow('no resource group');
    expect(() => control.createIdentity(webPath)).toThrow('is not the id of a user-assigned identity');
  });
});

describe('settings', () => {
  it('change while it runs, and are checked', () => {
    const { control } = simulatedAzure();

    expect(control.settings({ operationMs: 0 }).operationMs).toBe(0);
    expect(() => control.settings({ pageSize: 0 })).toThrow('pageSize: must be a whole number, 1 or more, not 0');
  });
});

describe('over HTTP', () => {
  function controlled(azure = simulatedAzure()) {
    return (method: string, path: string, body?: unknown) =>
      handleControl(azure.control, {
        method,
        url: `http://127.0.0.1:80${path}`,
        headers: {},
        body: body === undefined ? '' : JSON.stringify(body),
      });
  }

  it('only takes what is under /_control', () => {
    expect(controlled()('GET', webPath)).toBeUndefined();
  });

  it('lists what there is', () => {
    const reply = controlled()('GET', '/_control');

    expect(reply?.status).toBe(200);
    expect(reply?.body).toContainEqual({ method: 'DELETE', path: '/_control/faults', takes: '' });
  });

  it('shows everything, a scale set or an identity', () => {
    const azure = simulatedAzure({ web: { identity: both } });
    const ask = controlled(azure);

    expect(ask('GET', '/_control/state')?.body).toMatchObject({
      scaleSets: [{ id: webPath }],
      identities: [{ id: lowerGroupIdentity('a') }, { id: lowerGroupIdentity('b') }, { id: lowerGroupIdentity('c') }],
      principals: [{ objectId }],
    });
    expect(ask('GET', `/_control/state?scaleSet=${webPath}`)?.body).toEqual(azure.control.scaleSet(webPath));
    expect(ask('GET', `/_control/state?identity=${identity('a')}`)?.body).toEqual(
      azure.control.identity(identity('a')),
    );
  });

  it.each([
    ['Strip', {}],
    ['Attach', { identities: [identity('c')] }],
    ['EnableSystemAssigned', {}],
    ['DisableSystemAssigned', {}],
    ['Recase', { to: 'lower' }],
    ['ProvisioningState', { state: 'Failed' }],
    ['Scale', { capacity: 3 }],
    ['Remove', {}],
    ['Replace', {}],
  ])('drifts: %s', (kind, more) => {
    const azure = simulatedAzure({ web: { identity: both } });
    const before = azure.control.snapshot().scaleSets;

    expect(controlled(azure)('POST', '/_control/drift', { scaleSet: webPath, kind, ...more })?.status).toBe(204);

    if (kind !== 'EnableSystemAssigned') expect(azure.control.snapshot().scaleSets).not.toEqual(before);
  });

  it('seeds more', () => {
    const azure = simulatedAzure();
    const more = {
      subscriptions: [
        {
          id: subscriptionId,
          tenant: '22222222-2222-4222-8222-222222222222',
          resourceGroups: [{ name: 'shop', location: 'westeurope', scaleSets: [{ name: 'late' }] }],
        },
      ],
    };

    expect(controlled(azure)('POST', '/_control/seed', more)?.status).toBe(204);
    expect(azure.get(webPath.replace(/web$/, 'late')).status).toBe(200);
    expect(controlled(azure)('POST', '/_control/seed', more)).toMatchObject({
      status: 400,
      body: { problems: ['subscriptions[0].resourceGroups[0].scaleSets[0]: is there already'] },
    });
  });

  it('plans, lengthens and ends operations', () => {
    const azure = simulatedAzure();
    const ask = controlled(azure);

    ask('POST', '/_control/operations/plan', { outcome: { kind: 'Stuck' }, scaleSet: webPath });
    ask('POST', '/_control/operations/length', { scaleSet: webPath, ms: 1 });
    azure.patchIdentity({ type: 'SystemAssigned' });
    azure.wait(60_000);
    expect(azure.control.scaleSet(webPath).provisioningState).toBe('Updating');
    ask('POST', '/_control/operations/finish', {});

    expect(azure.control.scaleSet(webPath).provisioningState).toBe('Succeeded');
  });

  it('injects faults, lists and clears them', () => {
    const azure = simulatedAzure();
    const ask = controlled(azure);
    const fault = { match: { path: 'web$' }, nth: 1, count: null, effect: { kind: 'status', status: 500 } };

    expect(ask('POST', '/_control/faults', fault)).toMatchObject({
      status: 200,
      body: { id: expect.any(String) as string },
    });
    expect(azure.get(webPath).status).toBe(500);
    expect(ask('GET', '/_control/faults')?.body).toMatchObject([{ matched: 1, struck: 1 }]);
    ask('DELETE', '/_control/faults');

    expect(azure.get(webPath).status).toBe(200);
  });

  it('creates, deletes and recreates identities', () => {
    const azure = simulatedAzure();
    const ask = controlled(azure);

    expect(ask('POST', '/_control/identities', { id: identity('new'), action: 'Create' })?.status).toBe(200);
    expect(ask('POST', '/_control/identities', { id: identity('new'), action: 'Recreate' })?.status).toBe(200);
    expect(ask('POST', '/_control/identities', { id: identity('new'), action: 'Delete' })?.status).toBe(204);
    expect(ask('POST', '/_control/identities', { id: identity('new'), action: 'Delete' })?.status).toBe(404);
  });

  it('changes rights and settings, and hands out tokens', () => {
    const azure = simulatedAzure();
    const ask = controlled(azure);
    const clientId = '33333333-3333-4333-8333-333333333333';

    ask('POST', '/_control/rights', { clientId, permissions: [] });
    expect(azure.get(webPath).status).toBe(403);
    ask('POST', '/_control/rights', { clientId, permissions: [{ scope: '/', actions: ['*'] }] });
    ask('POST', '/_control/settings', { pageSize: 1 });
    expect(ask('GET', '/_control/settings')?.body).toMatchObject({ pageSize: 1 });

    const token = (ask('POST', '/_control/token', { clientId })?.body as { accessToken: string }).accessToken;
    expect(azure.get(webPath, { token }).status).toBe(200);
  });

  it('shows and empties the log', () => {
    const azure = simulatedAzure();
    const ask = controlled(azure);
    azure.get(webPath);

    expect(ask('GET', '/_control/requests?since=0')?.body).toHaveLength(1);
    ask('DELETE', '/_control/requests');
    expect(ask('GET', '/_control/requests')?.body).toEqual([]);
  });

  it.each([
    ['/_control/drift', { scaleSet: webPath, kind: 'Explode' }, 'kind must be one of Strip, Attach, '],
    ['/_control/drift', { kind: 'Strip' }, 'scaleSet must be a text'],
    ['/_control/faults', { effect: { kind: 'delay', ms: -1 } }, 'ms must be a number, 0 or more'],
    ['/_control/faults', { match: { path: '(' }, effect: { kind: 'reset' } }, 'path must be a regular expression'],
    ['/_control/faults', { match: 'x', effect: { kind: 'reset' } }, 'match must be an object'],
    ['/_control/settings', { operationMs: 'x' }, 'operationMs: must be a whole number, 0 or more, not "x"'],
    ['/_control/rights', { clientId: '33333333-3333-4333-8333-333333333333', denials: [{}] }, '[0].scope: is missing'],
  ])('says what is wrong with what %s was sent', (path, body, message) => {
    const reply = controlled()('POST', path, body);

    expect(reply?.status).toBe(400);
    expect((reply?.body as { error: string }).error).toContain(message);
  });

  it('is 404 for what there is not', () => {
    expect(controlled()('PUT', '/_control/state')?.status).toBe(404);
  });
});
