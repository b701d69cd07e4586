/** Tokens that end, are revoked or are for somebody else, and the file behind them as it changes. */
import { mkdir, rm, writeFile } from 'node:fs/promises';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { createCredential } from '../../../src/azure/credentials.ts';
import { createAzurePort } from '../../../src/azure/port.ts';
import type { AzurePort, Failure } from '../../../src/reconcile/azure-port.ts';
import { type Clock, realClock, realRandom } from '../../../src/runtime/clock.ts';
import { CLIENT, SCOPE, TENANT } from './names.ts';
import {
  FEDERATED,
  NEVER,
  scaleSet,
  serviceAccountToken,
  type SimulatedAzure,
  simulatedAzure,
  valueOf,
} from './simulated-azure.ts';

const HOUR = 3_600_000;

let azure: SimulatedAzure;
beforeAll(async () => {
  azure = await simulatedAzure();
});
afterAll(() => azure[Symbol.asyncDispose]());
beforeEach(async () => {
  await rm(azure.tokenFile, { recursive: true, force: true });
  await writeFile(azure.tokenFile, serviceAccountToken());
});
afterEach(() => {
  azure.simulator.state.settings.tokenSeconds = 86_399;
  trusted(FEDERATED.subject);
});

/** Whose tokens Entra trusts from now on. */
function trusted(subject: string): void {
  const principal = [...azure.simulator.state.principals.values()].find(({ clientId }) => clientId === CLIENT)!;
  Object.assign(principal, { federated: [{ ...FEDERATED, subject }] });
}

/** Azure takes no token any more that was issued before. */
function revokeAll(): void {
  Object.assign(azure.simulator.state, { signingKey: realRandom.uuid() });
}

interface Skewed {
  readonly port: AzurePort;
  /** Sets the operator's clock on, or back. */
  skew(ms: number): void;
}

/** A port whose clock can be set, with a workload identity. */
function skewed(scope = SCOPE): Skewed {
  let offset = 0;
  const clock: Clock = { ...realClock, now: () => realClock.now() + offset };
  const credential = {
    kind: 'workload-identity',
    tenantId: TENANT,
    clientId: CLIENT,
    tokenFile: azure.tokenFile,
  } as const;
  const authorityHost = azure.simulator.httpsUrl;
  const port = createAzurePort({
    endpoint: azure.simulator.httpsUrl,
    scope,
    apiVersion: '2024-11-01',
    credential: createCredential({ credential, authorityHost, disableInstanceDiscovery: true }),
    clock,
    random: realRandom,
  });
  return { port, skew: (ms) => (offset += ms) };
}

const read = (port: AzurePort) => port.getScaleSet(scaleSet('web'), NEVER);
/** How many tokens Entra has issued or refused. */
const tokensAsked = (): number => azure.simulator.requests().filter(({ path }) => path.endsWith('/token')).length;
const answers = (status: number): number =>
  azure.simulator
    .requests()
    .filter((entry) => entry.status === status && entry.path.includes('virtualMachineScaleSets')).length;

async function failure(port: AzurePort): Promise<Failure> {
  const result = await read(port);
  if (result.ok) throw new Error('it did not fail');
  return result.failure;
}

describe('a token that has come to its end', () => {
  it('by the clock of Azure alone is replaced by one forced refresh, and nobody notices', async () => {
    azure.simulator.state.settings.tokenSeconds = 1;
    const { port, skew } = skewed();
    skew(-2 * HOUR);
    const [refused, asked] = [answers(401), tokensAsked()];
    valueOf(await port.ownPrincipalId(NEVER));
    azure.simulator.state.settings.tokenSeconds = 86_399;
    await expect
      .poll(
        async () => {
          valueOf(await read(port));
          return answers(401);
        },
        { timeout: 60_000 },
      )
      .toBe(refused + 1);
    expect(tokensAsked()).toBe(asked + 2);
  });

  it('is replaced before it is sent', async () => {
    const { port, skew } = skewed();
    valueOf(await read(port));
    const [refused, asked] = [answers(401), tokensAsked()];
    skew(24 * HOUR);
    valueOf(await read(port));
    expect([answers(401), tokensAsked()]).toEqual([refused, asked + 1]);
  });

  it('before it can be used is used all the same', async () => {
    azure.simulator.state.settings.tokenSeconds = 30;
    valueOf(await read(skewed().port));
  });
});

describe('a token that is revoked', () => {
  it('is replaced by exactly one forced refresh, however many requests were sent with it', async () => {
    const { port } = skewed();
    valueOf(await read(port));
    const asked = tokensAsked();
    revokeAll();
    const results = await Promise.all(Array.from({ length: 20 }, () => read(port)));
    expect(results.every(({ ok }) => ok)).toBe(true);
    expect(tokensAsked()).toBe(asked + 1);
  });

  it('is not replaced again and again when each successor is revoked, too', async () => {
    const { port } = skewed();
    valueOf(await read(port));
    const asked = tokensAsked();
    const fault = { kind: 'status', status: 401, code: 'InvalidAuthenticationToken' } as const;
    azure.simulator.control.addFault({ match: { path: 'virtualMachineScaleSets' }, effect: fault, count: null });
    for (let request = 0; request < 10; request += 1) {
      expect(await failure(port)).toMatchObject({ kind: 'credential', hadNoEffect: true });
    }
    azure.simulator.control.clearFaults();
    expect(tokensAsked()).toBe(asked + 1);
    valueOf(await read(port));
  });
});

describe('a token for another audience', () => {
  it('is told as such, after one refresh that could have helped', async () => {
    const { port } = skewed('https://graph.microsoft.com/.default');
    const asked = tokensAsked();
    for (let request = 0; request < 5; request += 1) {
      const found = await failure(port);
      expect(found).toMatchObject({ kind: 'credential', code: 'InvalidAuthenticationTokenAudience' });
      expect(found.message).toContain('--arm-audience');
    }
    expect(tokensAsked()).toBe(asked + 2);
  });
});

describe("the file with the service account's token", () => {
  const other = 'system:serviceaccount:vmss-identity:successor';

  it('is read for each access token, so that what is rotated counts at once', async () => {
    const { port, skew } = skewed();
    valueOf(await read(port));
    await writeFile(azure.tokenFile, serviceAccountToken({ sub: other }));
    trusted(other);
    skew(24 * HOUR);
    valueOf(await read(port));
  });

  it('is read for a forced refresh, too', async () => {
    const { port } = skewed();
    valueOf(await read(port));
    await writeFile(azure.tokenFile, serviceAccountToken({ sub: other }));
    trusted(other);
    revokeAll();
    valueOf(await read(port));
  });

  it('may be anything while the access token in hand is good', async () => {
    const { port } = skewed();
    valueOf(await read(port));
    await rm(azure.tokenFile);
    valueOf(await read(port));
  });

  const secret = 'c2VjcmV0LW9mLXRoZS1maWxl';
  it.each<[string, () => Promise<unknown>]>([
    ['is missing', () => rm(azure.tokenFile)],
    ['is empty', () => writeFile(azure.tokenFile, '')],
    ['is blank', () => writeFile(azure.tokenFile, ' \n')],
    ['is a folder', () => rm(azure.tokenFile).then(() => mkdir(azure.tokenFile))],
    ['holds no token', () => writeFile(azure.tokenFile, `garbage ${secret}`)],
    ['holds half a token', () => writeFile(azure.tokenFile, serviceAccountToken().slice(0, 60))],
    ['holds bytes', () => writeFile(azure.tokenFile, Buffer.from([0, 255, 10, 13, 128]))],
    ['holds a megabyte', () => writeFile(azure.tokenFile, secret.repeat(50_000))],
  ])('that %s is told by its name, and read again', async (_, spoil) => {
    const { port, skew } = skewed();
    valueOf(await read(port));
    await spoil();
    skew(24 * HOUR);
    const found = await failure(port);
    expect(found).toMatchObject({ kind: 'credential', hadNoEffect: true });
    expect(found.message).toContain(azure.tokenFile);
    expect(found.message).not.toContain(secret);

    await rm(azure.tokenFile, { recursive: true, force: true });
    await writeFile(azure.tokenFile, serviceAccountToken());
    skew(5_000);
    valueOf(await read(port));
  });

  it('that holds the token of a stranger is told by what Entra compares', async () => {
    const { port, skew } = skewed();
    valueOf(await read(port));
    await writeFile(azure.tokenFile, serviceAccountToken({ sub: other }));
    skew(24 * HOUR);
    expect((await failure(port)).message).toContain(other);
  });
});
