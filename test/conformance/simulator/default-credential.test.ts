import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ComputeManagementClient } from '@azure/arm-compute';
import { DefaultAzureCredential } from '@azure/identity';
import { UnsecuredJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { type Simulator, startSimulator } from '../../../dev/simulator/simulator.ts';
import {
  authorityOf,
  clientId,
  federated,
  resourceGroup,
  scaleSetPath,
  secret,
  seedWith,
  subscriptionId,
  tenantId,
} from './azure.ts';

/** Identities of the node. The SDK keeps their tokens for the whole process: what is revoked is nobody else's. */
const node = '77777777-7777-4777-8777-777777777777';
const revokedNode = '88888888-8888-4888-8888-888888888888';

let simulator: Simulator;
let folder: string;
let tokenFile: string;

beforeAll(async () => {
  simulator = await startSimulator({ seed: seedWith([{ name: 'myVMSS' }]) });
  simulator.control.seed({
    principals: [node, revokedNode].map((id) => ({ clientId: id, tenant: tenantId, managedIdentity: true })),
  });
  folder = await mkdtemp(join(tmpdir(), 'simulated-azure-'));
  tokenFile = join(folder, 'token.jwt');
  const { issuer, subject, audience } = federated;
  const assertion = new UnsecuredJWT({ iss: issuer, sub: subject, aud: audience }).setExpirationTime('1h').encode();
  await writeFile(tokenFile, assertion);
});
afterEach(() => vi.unstubAllEnvs());
afterAll(async () => {
  await simulator.stop();
  await rm(folder, { recursive: true });
});

/** What each way to sign in reads from the environment. */
const ways = {
  environment: () => ({ AZURE_TENANT_ID: tenantId, AZURE_CLIENT_ID: clientId, AZURE_CLIENT_SECRET: secret }),
  workload: () => ({ AZURE_TENANT_ID: tenantId, AZURE_CLIENT_ID: clientId, AZURE_FEDERATED_TOKEN_FILE: tokenFile }),
  managed: () => ({ AZURE_POD_IDENTITY_AUTHORITY_HOST: simulator.httpUrl, AZURE_CLIENT_ID: node }),
};
type Way = keyof typeof ways;

/** The ordinary client over HTTPS, signed in as the environment says. */
function clientFor(way: Way, changes: Readonly<Record<string, string>> = {}): ComputeManagementClient {
  for (const [name, value] of Object.entries({ ...ways[way](), ...changes })) vi.stubEnv(name, value);
  vi.stubEnv('AZURE_TOKEN_CREDENTIALS', 'prod');
  const credential = new DefaultAzureCredential(authorityOf(simulator));
  return new ComputeManagementClient(credential, subscriptionId, {
    endpoint: simulator.httpsUrl,
    tlsOptions: { ca: simulator.caPem },
    retryOptions: { maxRetries: 0 },
  });
}

const readSet = async (client: ComputeManagementClient): Promise<string | undefined> =>
  (await client.virtualMachineScaleSets.get(resourceGroup, 'myVMSS')).id;

/** What was asked since, and how it was answered, without discovery. */
function traceSince(sequence: number): readonly string[] {
  return simulator
    .requests(sequence)
    .map(({ method, path, status }) => `${method} ${path.split('/').at(-1) ?? ''} ${String(status)}`)
    .filter((line) => !line.includes('openid-configuration') && !line.includes('instance'));
}

describe('DefaultAzureCredential', () => {
  it.each<[Way, string]>([
    ['environment', 'POST token 200'],
    ['workload', 'POST token 200'],
    ['managed', 'GET token 200'],
  ])('signs in by its %s way, and a scale set is read', async (way, signIn) => {
    const client = clientFor(way);
    const before = simulator.requests().length;

    expect(await readSet(client)).toBe(scaleSetPath('myVMSS'));
    expect(traceSince(before)).toContain(signIn);
    expect(traceSince(before).at(-1)).toBe('GET myVMSS 200');
  });

  it.each<Way>(['environment', 'workload'])(
    'renews a revoked token by its %s way, as the challenge asks',
    async (way) => {
      const client = clientFor(way);
      await readSet(client);
      const before = simulator.requests().length;
      simulator.control.revokeTokens(clientId);

      expect(await readSet(client)).toBe(scaleSetPath('myVMSS'));
      expect(traceSince(before)).toEqual(['GET myVMSS 401', 'POST token 200', 'GET myVMSS 200']);
    },
  );

  it('does not renew that of a managed identity, which takes no claims challenges', async () => {
    const client = clientFor('managed', { AZURE_CLIENT_ID: revokedNode });
    await readSet(client);
    simulator.control.revokeTokens(revokedNode);

    await expect(readSet(client)).rejects.toMatchObject({ statusCode: 401, code: 'InvalidAuthenticationToken' });
  });

  it('does not understand the challenge that ARM has been seen to word otherwise', async () => {
    simulator.control.settings({ revokedChallenge: 'SessionRevoked' });
    const client = clientFor('environment');
    await readSet(client);
    simulator.control.revokeTokens(clientId);

    await expect(readSet(client)).rejects.toMatchObject({ statusCode: 401 });
  });
});
