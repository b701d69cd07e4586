/** The Azure CLI, as a program on the path that the SDK really runs. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { createCredential } from '../../../src/azure/credentials.ts';
import { createAzurePort } from '../../../src/azure/port.ts';
import type { AzurePort, Failure } from '../../../src/reconcile/azure-port.ts';
import { realClock, realRandom } from '../../../src/runtime/clock.ts';
import { CLIENT, SCOPE, TENANT } from './names.ts';
import { NEVER, scaleSet, type SimulatedAzure, simulatedAzure, valueOf } from './simulated-azure.ts';

let azure: SimulatedAzure;
let folder: string;
beforeAll(async () => {
  azure = await simulatedAzure();
});
afterAll(() => azure[Symbol.asyncDispose]());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmss-identity-cli-'));
  vi.stubEnv('PATH', folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

/** An `az` that notes its arguments, prints what it is told and ends so. */
async function az(output: {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly exit?: number;
}): Promise<void> {
  const { stdout = '', stderr = '', exit = 0 } = output;
  await Promise.all([writeFile(join(folder, 'stdout'), stdout), writeFile(join(folder, 'stderr'), stderr)]);
  const print = (name: string, to: string): string =>
    `while IFS= read -r line || [ -n "$line" ]; do printf '%s\\n' "$line" >&${to}; done < '${join(folder, name)}'`;
  const script = [
    '#!/bin/sh',
    `printf '%s\\n' "$*" >> '${join(folder, 'asked')}'`,
    print('stdout', '1'),
    print('stderr', '2'),
    `exit ${String(exit)}`,
  ];
  await writeFile(join(folder, 'az'), script.join('\n'));
  await chmod(join(folder, 'az'), 0o755);
}

/** What the CLI prints since 2.54: both spellings of the end, local time and seconds. */
function printed(accessToken: string): string {
  const ends = realClock.now() + 3_600_000;
  return JSON.stringify({
    accessToken,
    expiresOn: new Date(ends).toISOString().replace('T', ' ').slice(0, 23),
    expires_on: Math.floor(ends / 1000),
    subscription: 'x',
    tenant: TENANT,
    tokenType: 'Bearer',
  });
}

function port(scope = SCOPE, tenantId?: string): AzurePort {
  const credential = { kind: 'cli', tenantId } as const;
  return createAzurePort({
    endpoint: azure.simulator.httpsUrl,
    scope,
    apiVersion: '2024-11-01',
    credential: createCredential({
      credential,
      authorityHost: azure.simulator.httpsUrl,
      disableInstanceDiscovery: true,
    }),
    clock: realClock,
    random: realRandom,
  });
}

async function failure(): Promise<Failure> {
  const result = await port().ownPrincipalId(NEVER);
  if (result.ok) throw new Error('it did not fail');
  return result.failure;
}

describe('the Azure CLI', () => {
  it('is asked for a token for ARM, once', async () => {
    await az({ stdout: printed(azure.simulator.control.token(CLIENT)) });
    const ours = port();
    valueOf(await ours.getScaleSet(scaleSet('web'), NEVER));
    valueOf(await ours.getScaleSet(scaleSet('web'), NEVER));
    expect(await readFile(join(folder, 'asked'), 'utf8')).toBe(
      'account get-access-token --output json --resource https://management.azure.com\n',
    );
  });

  it('is asked for the directory that is configured, and for the audience of the cloud', async () => {
    await az({ stdout: printed(azure.simulator.control.token(CLIENT)) });
    await port('https://management.chinacloudapi.cn/.default', TENANT).ownPrincipalId(NEVER);
    expect(await readFile(join(folder, 'asked'), 'utf8')).toContain(
      `--resource https://management.chinacloudapi.cn --tenant ${TENANT}`,
    );
  });

  it('is asked again when its token is not accepted any more', async () => {
    await az({ stdout: printed(azure.simulator.control.token(CLIENT)) });
    const ours = port();
    valueOf(await ours.getScaleSet(scaleSet('web'), NEVER));
    await az({ stdout: printed(azure.simulator.control.token(CLIENT)) });
    const effect = { kind: 'status', status: 401, code: 'InvalidAuthenticationToken' } as const;
    azure.simulator.control.addFault({ match: { path: 'virtualMachineScaleSets' }, effect });
    valueOf(await ours.getScaleSet(scaleSet('web'), NEVER));
    expect((await readFile(join(folder, 'asked'), 'utf8')).trim().split('\n')).toHaveLength(2);
  });

  const secret = 'eyJ0eXAiOiJKV1QifQ.planted.secret';
  it.each<[string, Parameters<typeof az>[0]]>([
    ['is not signed in', { stderr: "ERROR: Please run 'az login' to setup account.", exit: 1 }],
    [
      'has been signed in for too long',
      {
        stderr:
          'ERROR: AADSTS700082: The refresh token has expired due to inactivity. To re-authenticate, please run:\naz login --scope https://management.core.windows.net//.default',
        exit: 1,
      },
    ],
    ['prints what is not JSON', { stdout: `token: ${secret}` }],
    ['prints half of it', { stdout: printed(secret).slice(0, 60) }],
    ['prints no end', { stdout: JSON.stringify({ accessToken: secret }) }],
    ['prints nothing', {}],
    ['fails', { stderr: `Traceback (most recent call last): ${secret}`, exit: 1 }],
  ])('that %s is told what to do', async (_, output) => {
    await az(output);
    const found = await failure();
    expect(found).toMatchObject({ kind: 'credential', hadNoEffect: true });
    expect(found.message).toMatch(/az login/);
    expect(JSON.stringify(found)).not.toMatch(/planted|Traceback/);
  });

  it('that is missing is told to be', async () => {
    expect((await failure()).message).toMatch(/Azure CLI.*az login/);
  });

  it('that has nothing to print is not taken to have signed in as nobody', async () => {
    await az({ stdout: printed('') });
    expect(await failure()).toMatchObject({ kind: 'credential', code: 'NoToken' });
  });
});
