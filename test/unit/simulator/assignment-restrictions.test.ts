import { describe, expect, it } from 'vitest';

import type { IdentitySeed } from '../../../dev/simulator/seed.ts';
import { identity, lowerGroupIdentity, simulatedAzure, subscriptionId, tenantId, webPath } from './azure.ts';

const attachX = { type: 'UserAssigned', userAssignedIdentities: { [identity('x')]: {} } };

/** With the identity `x`, which the scale set `web` in West Europe may be refused. */
function azureWith(x: Omit<IdentitySeed, 'name'>) {
  const azure = simulatedAzure({ settings: { operationMs: 0 } });
  azure.control.seed({
    subscriptions: [
      {
        id: subscriptionId,
        tenant: tenantId,
        resourceGroups: [{ name: 'shop', location: 'westeurope', identities: [{ name: 'x', ...x }] }],
      },
    ],
  });
  return azure;
}

describe('where an identity may be put', () => {
  const x = { isolationScope: 'Regional', assignmentRestrictions: { providers: ['Microsoft.Web'] } } as const;

  it.each([
    ['2023-01-31', {}],
    ['2024-11-30', { isolationScope: 'Regional' }],
    ['2025-05-31-preview', x],
    ['2026-05-31', x],
  ])('is shown by the api-version %s as far as it knows of it', (version, shown) => {
    const azure = azureWith(x);
    const { principalId, clientId } = azure.control.identity(identity('x'));

    expect(azure.get(identity('x'), { version }).body.properties).toEqual({
      tenantId,
      principalId,
      clientId,
      ...shown,
    });
  });

  it('is anywhere, unless told otherwise', () => {
    const { properties } = simulatedAzure().get(identity('a'), { version: '2026-05-31' }).body;

    expect(properties).toMatchObject({ isolationScope: 'None', assignmentRestrictions: { providers: [] } });
  });

  it('is written by a PUT, and kept by a PUT that does not mention it', () => {
    const azure = azureWith({});
    const version = '2026-04-30';

    azure.put(identity('x'), { location: 'westeurope', properties: x }, { version });
    azure.put(identity('x'), { location: 'westeurope', tags: { a: '1' } }, { version });

    expect(azure.get(identity('x'), { version }).body.properties).toMatchObject(x);
  });
});

describe('attaching an identity whose restrictions leave out Microsoft.Compute', () => {
  const x = { assignmentRestrictions: { providers: ['Microsoft.Web', 'Microsoft.Compute/virtualMachines'] } };

  it('is refused by the identity service, which names it', () => {
    const azure = azureWith(x);

    const reply = azure.patchIdentity({
      type: 'UserAssigned',
      userAssignedIdentities: { [identity('a')]: {}, [identity('x')]: {} },
    });

    expect(reply.status).toBe(400);
    expect(reply.body.error.code).toBe('FailedIdentityOperation');
    expect(reply.body.error.message).toContain(
      `Resource '${identity('x')}' cannot be assigned to a resource of type 'Microsoft.Compute/virtualMachineScaleSets'.`,
    );
    expect(azure.control.scaleSet(webPath)).toMatchObject({ etag: 1, userAssigned: [] });
  });

  it('is refused in the array shape too', () => {
    const reply = azureWith(x).patchIdentity(
      { type: 'UserAssigned', identityIds: [identity('x')] },
      { version: '2017-12-01' },
    );

    expect(reply.body.error.code).toBe('FailedIdentityOperation');
  });

  it.each(['microsoft.compute', 'Microsoft.Compute/virtualMachineScaleSets'])('is not, where they have %s', (name) => {
    const azure = azureWith({ assignmentRestrictions: { providers: ['Microsoft.Web', name] } });

    expect(azure.patchIdentity(attachX).status).toBe(200);
  });

  it('is not looked at again while it stays', () => {
    const azure = azureWith({});
    azure.patchIdentity(attachX);

    azure.put(identity('x'), { location: 'westeurope', properties: x }, { version: '2026-04-30' });

    expect(azure.patchIdentity(attachX).status).toBe(200);
    expect(azure.get(webPath).body.identity.userAssignedIdentities[identity('x')]).toHaveProperty('clientId');
  });
});

describe('attaching an identity with the isolation scope Regional', () => {
  it('is refused in another location, with its name', () => {
    const azure = azureWith({ isolationScope: 'Regional', location: 'eastus' });

    const reply = azure.patchIdentity(attachX);

    expect(reply.status).toBe(400);
    expect(reply.body.error.code).toBe('FailedIdentityOperation');
    expect(reply.body.error.message).toContain(
      `Resource '${identity('x')}' cannot be assigned to a resource in location 'westeurope'.`,
    );
  });

  it('is fine in its own, however that is spelled', () => {
    expect(azureWith({ isolationScope: 'Regional', location: 'West Europe' }).patchIdentity(attachX).status).toBe(200);
  });

  it('is fine anywhere without that scope', () => {
    const azure = azureWith({ location: 'eastus' });

    azure.patchIdentity(attachX);

    expect(azure.control.scaleSet(webPath).userAssigned).toMatchObject([{ id: identity('x') }]);
    expect(azure.control.identity(identity('x')).id).toBe(lowerGroupIdentity('x'));
  });
});
