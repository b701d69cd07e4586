import { describe, expect, it } from 'vitest';

import { handleControl } from '../../../dev/simulator/control/routes.ts';
import { clientId, identity, simulatedAzure, tenantId, webPath } from './azure.ts';

function controlled(permissions?: readonly []) {
  const azure = simulatedAzure(permissions === undefined ? {} : { principal: { permissions } });
  const ask = (method: string, path: string, body?: unknown) =>
    handleControl(azure.control, {
      method,
      url: `http://127.0.0.1:80/_control/${path}`,
      headers: {},
      body: body === undefined ? '' : JSON.stringify(body),
    });
  return { azure, ask };
}

describe('the control API', () => {
  it('grants a role, and revokes it', () => {
    const { azure, ask } = controlled([]);
    const reader = { clientId, scope: webPath, role: 'Reader' };

    expect(ask('POST', 'rights/grant', reader)?.status).toBe(204);
    expect(azure.get(webPath).status).toBe(200);
    expect(ask('POST', 'rights/revoke', reader)?.status).toBe(204);
    expect(azure.get(webPath).status).toBe(403);
    expect(ask('POST', 'rights/revoke', reader)?.status).toBe(404);
  });

  it('sets restrictions, shows and clears them', () => {
    const { azure, ask } = controlled();
    const locks = [{ scope: webPath, level: 'ReadOnly' }];

    expect(ask('POST', 'restrictions', { locks })).toMatchObject({ status: 200, body: { locks, policies: [] } });
    expect(azure.del(webPath).status).toBe(409);
    expect(ask('GET', 'restrictions')?.body).toMatchObject({ locks });
    ask('DELETE', 'restrictions');

    expect(azure.get(webPath).status).toBe(200);
    expect(ask('GET', 'restrictions')?.body).toMatchObject({ locks: [] });
  });

  it('disables an application, and revokes tokens', () => {
    const { azure, ask } = controlled();
    const { accessToken: token } = ask('POST', 'token', { clientId, capabilities: ['cp1'] })?.body as {
      readonly accessToken: string;
    };

    ask('POST', 'application', { clientId, state: 'Disabled' });
    const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: 's3cret' };
    expect(azure.askToken({ ...form, scope: 'https://management.azure.com/.default' }).status).toBe(400);
    ask('POST', 'tokens/revoke', { clientId });
    expect(azure.get(webPath, { token }).headers['www-authenticate']).toContain('claims="');
  });

  it.each([
    ['rights/grant', { clientId, scope: '/', role: 'King' }, 'role: must be Owner or'],
    ['rights/grant', { clientId }, 'scope: is missing'],
    ['rights/revoke', { scope: '/', role: 'Reader' }, 'clientId must be a text'],
    ['restrictions', { locks: [{ scope: '/' }] }, 'locks[0].level: is missing'],
    ['restrictions', { doors: [] }, 'doors: is not known here'],
    ['application', { clientId, state: 'Gone' }, 'state must be one of Enabled, Disabled, Deleted'],
  ])('says what is wrong with what %s was sent', (path, body, message) => {
    const reply = controlled().ask('POST', path, body);

    expect(reply?.status).toBe(400);
    expect((reply?.body as { error: string }).error).toContain(message);
  });

  it.each(['application', 'tokens/revoke'])('%s needs a principal that is there', (path) => {
    expect(controlled().ask('POST', path, { clientId: tenantId, state: 'Deleted' })?.status).toBe(404);
  });

  it('replaces all rights with named roles too', () => {
    const { azure, ask } = controlled();

    ask('POST', 'rights', { clientId, permissions: [{ scope: identity('a'), role: 'Reader' }] });

    expect(azure.get(identity('a'), { version: '2023-01-31' }).status).toBe(200);
    expect(azure.get(identity('b'), { version: '2023-01-31' }).status).toBe(403);
  });
});
