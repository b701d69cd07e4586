/** Each cloud from its flag to its list of scale sets: endpoint, audience, authority, and what of them can be overridden. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { applySeed } from '../../../dev/simulator/seeding.ts';
import { createState, type State } from '../../../dev/simulator/state.ts';
import { createCredential } from '../../../src/azure/credentials.ts';
import { createAzurePort } from '../../../src/azure/port.ts';
import { parseConfig } from '../../../src/config.ts';
import type { AzurePort } from '../../../src/reconcile/azure-port.ts';
import { realClock, realRandom } from '../../../src/runtime/clock.ts';
import { type CloudHosts, startCloudHosts } from './cloud-hosts.ts';
import { CLIENT, SUBSCRIPTION, TENANT } from './names.ts';
import { entriesOf, FEDERATED, NEVER, SEED, serviceAccountToken } from './simulated-azure.ts';

interface Cloud {
  readonly arm: string;
  readonly login: string;
  /** Of the service account's token, where that differs from cloud to cloud. */
  readonly exchange: string;
}

/** As Microsoft documents them: https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud */
const CLOUDS: Readonly<Record<'public' | 'usgov' | 'china', Cloud>> = {
  public: { arm: 'management.azure.com', login: 'login.microsoftonline.com', exchange: 'api://AzureADTokenExchange' },
  usgov: {
    arm: 'management.usgovcloudapi.net',
    login: 'login.microsoftonline.us',
    exchange: 'api://AzureADTokenExchangeUSGov',
  },
  china: {
    arm: 'management.chinacloudapi.cn',
    // The name by which MSAL itself goes on from login.chinacloudapi.cn.
    login: 'login.partner.microsoftonline.cn',
    exchange: 'api://AzureADTokenExchangeChina',
  },
};
const PRIVATE = { arm: 'arm.private.example', login: 'login.private.example' };

let hosts: CloudHosts;
let folder: string;
let state: State;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmss-identity-clouds-'));
  const all = [...Object.values(CLOUDS).flatMap(({ arm, login }) => [arm, login]), ...Object.values(PRIVATE)];
  hosts = await startCloudHosts(all, () => state);
  vi.stubEnv('HTTPS_PROXY', hosts.proxyUrl);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await hosts[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});
let before: number;

/** The operator's port as the process would make it, and hosts that are the cloud's. */
async function portOf(
  cloud: Cloud,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<AzurePort> {
  state = createState({});
  applySeed(state, SEED, realClock.now());
  state.settings.armAudiences = [`https://${cloud.arm}`];
  const principal = [...state.principals.values()].find(({ clientId }) => clientId === CLIENT)!;
  Object.assign(principal, { federated: [{ ...FEDERATED, audience: cloud.exchange }] });
  const tokenFile = join(folder, 'token');
  await writeFile(tokenFile, serviceAccountToken({ aud: [cloud.exchange] }));
  before = hosts.requests.length;
  const variables = { AZURE_TENANT_ID: TENANT, AZURE_CLIENT_ID: CLIENT, AZURE_FEDERATED_TOKEN_FILE: tokenFile, ...env };
  const parse = parseConfig(argv, variables);
  if (parse.kind !== 'config') throw new Error(JSON.stringify(parse));
  const { azure } = parse.config;
  return createAzurePort({
    endpoint: azure.armEndpoint,
    scope: azure.armScope,
    apiVersion: azure.armApiVersion,
    credential: createCredential(azure),
    clock: realClock,
    random: realRandom,
  });
}

const askedHosts = (): readonly string[] => [
  ...new Set(hosts.requests.slice(before).map((line) => line.split(' ')[1]?.split('/')[0] ?? '')),
];
const names = async (port: AzurePort): Promise<readonly string[]> =>
  entriesOf(await port.listScaleSets({ subscriptionId: SUBSCRIPTION }, undefined, NEVER)).map(({ name }) => name);

describe.each(Object.entries(CLOUDS))('the cloud %s', (name, cloud) => {
  it('is signed in to and listed at its own hosts, for its own audience', async () => {
    expect(await names(await portOf(cloud, ['--cloud', name]))).toContain('web');
    expect(askedHosts()).toEqual([cloud.login, cloud.arm]);
  });

  it('wins nothing over an authority that is injected', async () => {
    const port = await portOf(cloud, ['--cloud', name, '--disable-instance-discovery'], {
      AZURE_AUTHORITY_HOST: `https://${PRIVATE.login}/`,
    });
    expect(await names(port)).toContain('web');
    expect(askedHosts()).toEqual([PRIVATE.login, cloud.arm]);
  });

  it('keeps its audience behind another endpoint and another authority', async () => {
    const argv = [
      '--cloud',
      name,
      '--arm-endpoint',
      `https://${PRIVATE.arm}`,
      '--authority-host',
      `https://${PRIVATE.login}`,
    ];
    const port = await portOf(cloud, [...argv, '--disable-instance-discovery'], {
      AZURE_AUTHORITY_HOST: 'https://login.injected.example',
    });
    expect(await names(port)).toContain('web');
    expect(askedHosts()).toEqual([PRIVATE.login, PRIVATE.arm]);
  });

  it('has no token for the audience of another', async () => {
    const other = name === 'public' ? CLOUDS.usgov : CLOUDS.public;
    const port = await portOf(cloud, ['--cloud', name, '--arm-audience', `https://${other.arm}`]);
    const result = await port.listScaleSets({ subscriptionId: SUBSCRIPTION }, undefined, NEVER);
    expect(result).toMatchObject({ ok: false, failure: { kind: 'credential', code: 'AADSTS500011' } });
    expect(!result.ok && result.failure.message).toMatch(/--arm-audience.*--cloud/);
  });

  it('takes no token for another audience', async () => {
    const port = await portOf(cloud, ['--cloud', name, '--arm-audience', 'https://graph.microsoft.com']);
    const result = await port.listScaleSets({ subscriptionId: SUBSCRIPTION }, undefined, NEVER);
    expect(result).toMatchObject({ failure: { kind: 'credential', code: 'InvalidAuthenticationTokenAudience' } });
    expect(!result.ok && result.failure.message).toMatch(/--arm-audience.*--cloud/);
  });

  it("says what is wrong when the service account's token is for another cloud", async () => {
    const port = await portOf(cloud, ['--cloud', name]);
    const other = 'api://AzureADTokenExchangeElsewhere';
    await writeFile(join(folder, 'token'), serviceAccountToken({ aud: [other] }));
    const result = await port.listScaleSets({ subscriptionId: SUBSCRIPTION }, undefined, NEVER);
    expect(result).toMatchObject({ ok: false, failure: { kind: 'credential', code: 'AADSTS700212' } });
    expect(!result.ok && result.failure.message).toContain(other);
  });
});
