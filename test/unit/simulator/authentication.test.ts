import { describe, expect, it } from 'vitest';

import { createControl } from '../../../dev/simulator/control/control.ts';
import { applySeed } from '../../../dev/simulator/seeding.ts';
import { createState } from '../../../dev/simulator/state.ts';
import {
  armError,
  clientId,
  otherSubscriptionId,
  otherTenantId,
  seedOf,
  simulatedAzure,
  subscriptionId,
  tenantId,
  webPath,
} from './azure.ts';

const challenge = (message: string): string =>
  `Bearer authorization_uri="https://azure.test/${tenantId}", error="invalid_token", error_description="${message}"`;

describe('ARM asks who is calling', () => {
  it('and refuses a request without a token', () => {
    const reply = simulatedAzure().get(webPath, { token: '' });

    expect(reply.status).toBe(401);
    expect(reply.headers['www-authenticate']).toBe(
      challenge("The authentication failed because of missing 'Authorization' header."),
    );
    expect(reply.body).toEqual(
      armError('AuthenticationFailed', "Authentication failed. The 'Authorization' header is missing."),
    );
  });

  it('and refuses another scheme', () => {
    const reply = simulatedAzure().get(webPath, { token: '', headers: { authorization: 'Basic eDp5' } });

    expect(reply.status).toBe(401);
    expect(reply.body.error.code).toBe('AuthenticationFailedInvalidHeader');
  });

  it('and refuses a token that it did not issue', () => {
    const azure = simulatedAzure();
    const [head, payload] = azure.control.token(clientId).split('.');

    for (const token of ['x', `${head!}.${payload!}.AAAA`]) {
      const reply = azure.get(webPath, { token });
      expect(reply.status).toBe(401);
      expect(reply.headers['www-authenticate']).toBe(challenge('The access token is invalid.'));
      expect(reply.body).toEqual(armError('InvalidAuthenticationToken', 'The access token is invalid.'));
    }
  });

  it('and refuses one that another authority signed', () => {
    const elsewhere = createState({ guidSeed: 2 });
    applySeed(elsewhere, seedOf(), 0);
    const azure = simulatedAzure();
    const token = createControl(elsewhere, () => azure.clock.nowMs).token(clientId);

    const reply = azure.get(webPath, { token });

    expect(reply.status).toBe(401);
    expect(reply.body.error.code).toBe('InvalidAuthenticationToken');
  });

  it('and refuses one that has expired', () => {
    const azure = simulatedAzure({ settings: { tokenSeconds: 3_600 } });
    const token = azure.control.token(clientId);
    azure.wait(3_600_000);

    const reply = azure.get(webPath, { token });

    expect(reply.status).toBe(401);
    expect(reply.body).toEqual(
      armError(
        'ExpiredAuthenticationToken',
        "The access token expiry UTC time '5/7/2026 8:32:41 AM' is earlier than current UTC time '5/7/2026 8:32:41 AM'.",
      ),
    );
  });

  it('and refuses one for another audience', () => {
    const azure = simulatedAzure();

    const reply = azure.get(webPath, { token: azure.control.token(clientId, 'https://graph.microsoft.com') });

    expect(reply.status).toBe(401);
    expect(reply.body).toEqual(
      armError(
        'InvalidAuthenticationTokenAudience',
        "The access token has been obtained for wrong audience or resource 'https://graph.microsoft.com'. It should exactly match with one of the allowed audiences 'https://management.azure.com/','https://management.azure.com','https://management.core.windows.net/','https://management.core.windows.net'.",
      ),
    );
  });

  it('and refuses one of another tenant', () => {
    const azure = simulatedAzure();

    const reply = azure.get(webPath.replace(subscriptionId, otherSubscriptionId));

    expect(reply.status).toBe(401);
    expect(reply.body.error.code).toBe('InvalidAuthenticationTokenTenant');
    expect(reply.body.error.message).toContain(
      `The access token is from the wrong issuer 'https://sts.windows.net/${tenantId}/'. It must match the tenant 'https://sts.windows.net/${otherTenantId}/' associated with this subscription.`,
    );
  });

  it('before it looks at anything else', () => {
    expect(simulatedAzure().get('/nothing/here', { token: '', version: '' }).status).toBe(401);
  });
});

describe('a path that is not simulated', () => {
  it('is 404', () => {
    expect(
      simulatedAzure().get(`/subscriptions/${subscriptionId}/providers/Microsoft.Network/virtualNetworks`).status,
    ).toBe(404);
  });

  it('is 405 for a method that a resource does not have', () => {
    expect(simulatedAzure().ask('POST', webPath).status).toBe(405);
  });
});
