/** A simulated Azure over HTTPS, and the operator's own port on it with a real workload identity credential. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';

import type { Seed } from '../../../dev/simulator/seed.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../../dev/simulator/simulator.ts';
import { createCredential } from '../../../src/azure/credentials.ts';
import { createAzurePort } from '../../../src/azure/port.ts';
import {
  type IdentityId,
  type Parsed,
  parseIdentityId,
  parseScaleSetId,
  type ScaleSetId,
} from '../../../src/identity/arm-id.ts';
import type { AzurePort, ListPage, Result } from '../../../src/reconcile/azure-port.ts';
import { realClock, realRandom } from '../../../src/runtime/clock.ts';
import { CLIENT, SCOPE, SUBSCRIPTION, TENANT } from './names.ts';

/** The service account that Entra trusts. */
export const FEDERATED = {
  issuer: 'https://oidc.cluster.example/',
  subject: 'system:serviceaccount:vmss-identity:operator',
  audience: 'api://AzureADTokenExchange',
};

export interface SimulatedAzure extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly port: AzurePort;
  /** File with the service account's token. */
  readonly tokenFile: string;
  /** File with the CA that the simulated Azure's certificate is of. */
  readonly caFile: string;
}

/** @param claims of the service account's token, where they are not those that Entra expects */
export async function simulatedAzure(
  options: SimulatorOptions = {},
  claims: Readonly<Record<string, unknown>> = {},
): Promise<SimulatedAzure> {
  const folder = await mkdtemp(join(tmpdir(), 'vmss-identity-azure-'));
  const [caFile, tokenFile] = [join(folder, 'ca.pem'), join(folder, 'token')];
  const simulator = await startSimulator({ seed: SEED, operationMs: 0, caFile, ...options });
  await writeFile(tokenFile, serviceAccountToken(claims));
  trust(simulator.caPem);
  const credential = createCredential({
    credential: { kind: 'workload-identity', tenantId: TENANT, clientId: CLIENT, tokenFile },
    authorityHost: simulator.httpsUrl,
    disableInstanceDiscovery: true,
  });
  const port = createAzurePort({
    endpoint: simulator.httpsUrl,
    scope: SCOPE,
    apiVersion: '2024-11-01',
    credential,
    clock: realClock,
    random: realRandom,
  });
  return {
    simulator,
    port,
    tokenFile,
    caFile,
    [Symbol.asyncDispose]: async () => {
      await simulator.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** Trusts a CA in this process as NODE_EXTRA_CA_CERTS would have from its start. */
export function trust(caPem: string): void {
  setDefaultCACertificates([...getCACertificates('default'), caPem]);
}

export const SEED: Seed = {
  subscriptions: [
    {
      id: SUBSCRIPTION,
      tenant: TENANT,
      resourceGroups: [
        {
          name: 'shop',
          location: 'westeurope',
          identities: [{ name: 'one' }, { name: 'two' }, { name: 'three' }],
          scaleSets: [
            { name: 'web', identity: { systemAssigned: true, userAssigned: ['one'] }, tags: { team: 'shop' } },
            { name: 'bare' },
            { name: 'flexible', orchestrationMode: 'Flexible' },
          ],
        },
      ],
    },
  ],
  principals: [{ clientId: CLIENT, tenant: TENANT, federated: [FEDERATED] }],
};

/** A service account's token as the API server signs it, with these claims instead of the usual ones. */
export function serviceAccountToken(claims: Readonly<Record<string, unknown>> = {}): string {
  const now = Math.floor(realClock.now() / 1000);
  const { issuer: iss, subject: sub, audience } = FEDERATED;
  const payload = { iss, sub, aud: [audience], iat: now, nbf: now, exp: now + 3600, ...claims };
  return [{ alg: 'RS256', typ: 'JWT' }, payload, 'signature']
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
}

export function scaleSet(name: string, group = 'shop', subscription = SUBSCRIPTION): ScaleSetId {
  const id = `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Compute/virtualMachineScaleSets/${name}`;
  return valid(parseScaleSetId(id));
}

export function identity(name: string): IdentityId {
  const id = `/subscriptions/${SUBSCRIPTION}/resourceGroups/shop/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;
  return valid(parseIdentityId(id));
}

function valid<T>(parsed: Parsed<T>): T {
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.id;
}

/** The value of a result that is expected to be one. */
export function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.failure.kind} ${result.failure.code}: ${result.failure.message}`);
  return result.value;
}

/** The entries of a page that is expected to come. */
export function entriesOf<T>(result: Result<ListPage<T>>): readonly T[] {
  const page = valueOf(result);
  if (page.state !== 'page') throw new Error('the list has to begin anew');
  return page.entries;
}

export const NEVER = new AbortController().signal;
