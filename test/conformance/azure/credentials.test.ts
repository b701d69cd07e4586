import { writeFile } from 'node:fs/promises';

import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { createCredential } from '../../../src/azure/credentials.ts';
import { createAzurePort } from '../../../src/azure/port.ts';
import type { AzureCredential } from '../../../src/config/azure-environment.ts';
import type { AzurePort } from '../../../src/reconcile/azure-port.ts';
import { realClock, realRandom } from '../../../src/runtime/clock.ts';
import { CLIENT, SCOPE, TENANT } from './names.ts';
import { NEVER, scaleSet, type SimulatedAzure, simulatedAzure, valueOf } from './simulated-azure.ts';

const NODE_CLIENT = 'c11e0000-0000-4000-8000-000000000002';
const NODE_PRINCIPAL = '0b1ec700-0000-4000-8000-000000000002';

let azure: SimulatedAzure;
beforeAll(async () => {
  azure = await simulatedAzure();
  azure.simulator.control.seed({
    principals: [
      { clientId: NODE_CLIENT, tenant: TENANT, objectId: NODE_PRINCIPAL, managedIdentity: true, secret: 's3cret' },
    ],
  });
});
afterAll(() => azure[Symbol.asyncDispose]());

function portWith(credential: AzureCredential, scope = SCOPE, authorityHost = azure.simulator.httpsUrl): AzurePort {
  return createAzurePort({
    endpoint: azure.simulator.httpsUrl,
    scope,
    apiVersion: '2024-11-01',
    credential: createCredential({ credential, authorityHost, disableInstanceDiscovery: true }),
    clock: realClock,
    random: realRandom,
  });
}

function workload(changes: Partial<Extract<AzureCredential, { kind: 'workload-identity' }>> = {}): AzureCredential {
  return { kind: 'workload-identity', tenantId: TENANT, clientId: CLIENT, tokenFile: azure.tokenFile, ...changes };
}

/** Sets variables that the SDK reads by itself, until the test is over. */
function setEnvironment(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
}
afterEach(() => vi.unstubAllEnvs());

describe('a workload identity', () => {
  it('signs in, and knows its own principal', async () => {
    const principal = azure.simulator.control.snapshot().principals.find(({ clientId }) => clientId === CLIENT);
    expect(valueOf(await azure.port.ownPrincipalId(NEVER))).toBe(principal?.objectId);
    valueOf(await azure.port.getScaleSet(scaleSet('web'), NEVER));
  });

  it.each([
    ['issuer', { iss: 'https://other.example/' }, 'AADSTS700211', 'issuer https://other.example/'],
    ['subject', { sub: 'system:serviceaccount:shop:web' }, 'AADSTS700213', 'subject system:serviceaccount:shop:web'],
    ['audience', { aud: ['api://other'] }, 'AADSTS700212', 'audience api://other'],
  ])('is told the %s that Entra does not know, and what to compare', async (_, claims, code, shown) => {
    await using other = await simulatedAzure({}, claims);
    const result = await other.port.getScaleSet(scaleSet('web'), NEVER);
    expect(result).toMatchObject({ ok: false, failure: { kind: 'credential', code, hadNoEffect: true } });
    expect(!result.ok && result.failure.message).toContain(shown);
    expect(JSON.stringify(result)).not.toMatch(/Trace ID|eyJ/);
  });

  it('is told of a token that is out of time', async () => {
    await using other = await simulatedAzure({}, { exp: 1_000_000 });
    expect(await other.port.ownPrincipalId(NEVER)).toMatchObject({
      failure: { kind: 'credential', code: 'AADSTS700024' },
    });
  });

  it.each([
    [
      'a client that is not there',
      { clientId: 'ffffffff-0000-4000-8000-000000000000' },
      'AADSTS700016',
      'AZURE_CLIENT_ID',
    ],
    ['a file that is not there', { tokenFile: '/nonexistent/token' }, 'ENOENT', '/nonexistent/token'],
    [
      'a tenant that is not there',
      { tenantId: 'ffffffff-0000-4000-8000-000000000000' },
      'AuthorityUnreachable',
      'AZURE_TENANT_ID',
    ],
  ])('is told of %s', async (_, changes, code, shown) => {
    const result = await portWith(workload(changes)).ownPrincipalId(NEVER);
    expect(result).toMatchObject({ ok: false, failure: { kind: 'credential', code } });
    expect(!result.ok && result.failure.message).toContain(shown);
  });

  it('is told of an audience that the tenant does not know', async () => {
    const result = await portWith(workload(), 'https://management.example/.default').ownPrincipalId(NEVER);
    expect(result).toMatchObject({ failure: { kind: 'credential', code: 'AADSTS500011' } });
  });

  it('is told of an authority that does not answer', async () => {
    const result = await portWith(workload(), SCOPE, 'https://127.0.0.1:9').ownPrincipalId(NEVER);
    expect(result).toMatchObject({ ok: false, failure: { kind: 'credential' } });
    expect(!result.ok && result.failure.message).toContain('https://127.0.0.1:9');
  });

  it('signs in anew when Azure does not accept its token', async () => {
    const port = portWith(workload());
    valueOf(await port.getScaleSet(scaleSet('web'), NEVER));
    const asked = azure.simulator.requests().length;
    const code = 'InvalidAuthenticationToken';
    azure.simulator.control.addFault({
      match: { path: 'virtualMachineScaleSets' },
      effect: { kind: 'status', status: 401, code },
    });
    valueOf(await port.getScaleSet(scaleSet('web'), NEVER));
    const paths = azure.simulator
      .requests()
      .slice(asked)
      .map(({ method, path, status }) => `${method} ${path.split('/').at(-1) ?? ''} ${String(status)}`);
    expect(paths).toEqual(['GET web 401', 'GET openid-configuration 200', 'POST token 200', 'GET web 200']);
  });

  it('reads its token file anew when it signs in anew', async () => {
    await using other = await simulatedAzure({}, { sub: 'wrong' });
    expect(await other.port.ownPrincipalId(NEVER)).toMatchObject({ failure: { code: 'AADSTS700213' } });
    await writeFile(other.tokenFile, 'not a token');
    const result = await portWith(workload({ tokenFile: other.tokenFile })).ownPrincipalId(NEVER);
    expect(result).toMatchObject({ failure: { kind: 'credential' } });
    expect(!result.ok && result.failure.code).not.toBe('AADSTS700213');
  });
});

describe('a managed identity of the node', () => {
  it('signs in through the metadata service', async () => {
    setEnvironment({ AZURE_POD_IDENTITY_AUTHORITY_HOST: azure.simulator.httpUrl });
    const port = portWith({ kind: 'managed-identity', clientId: NODE_CLIENT });
    expect(valueOf(await port.ownPrincipalId(NEVER))).toBe(NODE_PRINCIPAL);
    valueOf(await port.getScaleSet(scaleSet('web'), NEVER));
  });

  it('is that of the node itself when none is named', async () => {
    setEnvironment({ AZURE_POD_IDENTITY_AUTHORITY_HOST: azure.simulator.httpUrl });
    const port = portWith({ kind: 'managed-identity', clientId: undefined });
    expect(valueOf(await port.ownPrincipalId(NEVER))).toBe(NODE_PRINCIPAL);
  });

  it.each(['https://management.usgovcloudapi.net', 'https://management.chinacloudapi.cn'])(
    'signs in for the audience of its cloud: %s',
    async (audience) => {
      setEnvironment({ AZURE_POD_IDENTITY_AUTHORITY_HOST: azure.simulator.httpUrl });
      const { settings } = azure.simulator.state;
      const before = settings.armAudiences;
      settings.armAudiences = [audience];
      const port = portWith({ kind: 'managed-identity', clientId: NODE_CLIENT }, `${audience}/.default`);
      const result = await port.getScaleSet(scaleSet('web'), NEVER);
      settings.armAudiences = before;
      valueOf(result);
    },
  );

  it('is told that the node has no such identity', async () => {
    setEnvironment({ AZURE_POD_IDENTITY_AUTHORITY_HOST: azure.simulator.httpUrl });
    const clientId = 'ffffffff-0000-4000-8000-000000000000';
    const result = await portWith({ kind: 'managed-identity', clientId }).ownPrincipalId(NEVER);
    expect(result).toMatchObject({ ok: false, failure: { kind: 'credential' } });
    expect(!result.ok && result.failure.message).toContain(clientId);
  });
});

describe('an application with a secret in the environment', () => {
  const variables = { AZURE_TENANT_ID: TENANT, AZURE_CLIENT_ID: NODE_CLIENT, AZURE_CLIENT_SECRET: 's3cret' };
  const credential = { kind: 'environment', tenantId: TENANT, clientId: NODE_CLIENT } as const;

  it('signs in', async () => {
    setEnvironment(variables);
    expect(valueOf(await portWith(credential).ownPrincipalId(NEVER))).toBe(NODE_PRINCIPAL);
  });

  it('is told of a wrong secret, which is not repeated', async () => {
    setEnvironment({ ...variables, AZURE_CLIENT_SECRET: 'wr0ng' });
    const result = await portWith(credential).ownPrincipalId(NEVER);
    expect(result).toMatchObject({ ok: false, failure: { kind: 'credential', code: 'AADSTS7000215' } });
    expect(JSON.stringify(result)).not.toContain('wr0ng');
  });

  it('is told what is missing', async () => {
    const result = await portWith(credential).ownPrincipalId(NEVER);
    expect(result).toMatchObject({ ok: false, failure: { kind: 'credential', code: 'CredentialUnavailable' } });
    expect(!result.ok && result.failure.message).toContain('AZURE_CLIENT_SECRET');
  });
});

describe('the Azure CLI', () => {
  it('is told to be missing where it is', async () => {
    setEnvironment({ PATH: '/nonexistent' });
    const result = await portWith({ kind: 'cli', tenantId: undefined }).ownPrincipalId(NEVER);
    expect(result).toMatchObject({ ok: false, failure: { kind: 'credential' } });
    expect(!result.ok && result.failure.message).toContain('az login');
  });
});
