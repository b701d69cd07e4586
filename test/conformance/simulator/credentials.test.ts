import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { ManagedIdentityCredential, type TokenCredential, WorkloadIdentityCredential } from '@azure/identity';
import { UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { type Simulator, startSimulator } from '../../../dev/simulator/simulator.ts';
import {
  armScope,
  authorityOf,
  clientId,
  credentialFor,
  federated,
  scaleSetPath,
  seedWith,
  tenantId,
} from './azure.ts';

let simulator: Simulator;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simulated-azure-'));
  simulator = await startSimulator({ seed: seedWith([{ name: 'myVMSS' }]), caFile: join(folder, 'ca.pem') });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await simulator.stop();
  await rm(folder, { recursive: true });
});

/** The status that ARM answers to the credential's token. */
async function armStatus(credential: TokenCredential): Promise<number> {
  const token = await credential.getToken(armScope);
  const response = await fetch(`${simulator.httpUrl}${scaleSetPath('myVMSS')}?api-version=2026-04-01`, {
    headers: { authorization: `Bearer ${token?.token ?? ''}` },
  });
  return response.status;
}

describe('ClientSecretCredential', () => {
  it('gets a token that ARM accepts', async () => {
    expect(await armStatus(credentialFor(simulator))).toBe(200);
  });

  it('is told of a wrong secret', async () => {
    const token = credentialFor(simulator, 'wrong').getToken(armScope);

    await expect(token).rejects.toThrow(/AADSTS7000215: Invalid client secret provided\./);
  });
});

describe('WorkloadIdentityCredential', () => {
  async function credential(subject: string): Promise<WorkloadIdentityCredential> {
    const tokenFilePath = join(folder, `${subject.replaceAll(':', '-')}.jwt`);
    const assertion = new UnsecuredJWT({})
      .setIssuer(federated.issuer)
      .setSubject(subject)
      .setAudience(federated.audience)
      .setIssuedAt()
      .setExpirationTime('1h')
      .encode();
    await writeFile(tokenFilePath, assertion);
    return new WorkloadIdentityCredential({ tenantId, clientId, tokenFilePath, ...authorityOf(simulator) });
  }

  it('gets a token for the token of a service account', async () => {
    expect(await armStatus(await credential(federated.subject))).toBe(200);
  });

  it('is told when no federated credential matches', async () => {
    const stranger = await credential('system:serviceaccount:default:stranger');

    await expect(stranger.getToken(armScope)).rejects.toThrow(
      /AADSTS700213: No matching federated identity record found for presented assertion subject 'system:serviceaccount:default:stranger'/,
    );
  });
});

describe('ManagedIdentityCredential', () => {
  it('gets a token from IMDS', async () => {
    // Its source of tokens is chosen once in a process: no other test here may use another.
    vi.stubEnv('AZURE_POD_IDENTITY_AUTHORITY_HOST', simulator.httpUrl);

    expect(await armStatus(new ManagedIdentityCredential({ clientId }))).toBe(200);
  });
});

describe('a process that trusts the CA by NODE_EXTRA_CA_CERTS', () => {
  it('reaches the simulated Azure over HTTPS', async () => {
    const url = `${simulator.httpsUrl}/${tenantId}/v2.0/.well-known/openid-configuration`;
    const script = `fetch(${JSON.stringify(url)}).then((response) => response.json()).then(({ issuer }) => console.log(issuer))`;

    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: simulator.caPath },
    });

    expect(stdout.trim()).toBe(`${simulator.httpsUrl}/${tenantId}/v2.0`);
  });
});
