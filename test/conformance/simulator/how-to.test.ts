import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ScaleSetIdentitySeed } from '../../../dev/simulator/seed.ts';
import { type Simulator, startSimulator } from '../../../dev/simulator/simulator.ts';
import { armScope, clientId, identity, scaleSetPath, secret, seedWith, subscriptionId, tenantId } from './azure.ts';

/**
 * The flows of Microsoft's how-to "Configure managed identities on a virtual machine scale set using REST", by curl, in both
 * shapes of the API: with a dictionary (2018-06-01) and with an array (2017-12-01). Where the how-to's own bodies are
 * not valid JSON, or do not do what its text says, they are corrected here.
 */
const dictionary = '2018-06-01';
const array = '2017-12-01';

let simulator: Simulator;
let folder: string;
let token: string;

const before: Readonly<Record<string, ScaleSetIdentitySeed>> = {
  none: {},
  system: { systemAssigned: true },
  one: { systemAssigned: true, userAssigned: ['ID1'] },
  two: { systemAssigned: true, userAssigned: ['ID1', 'ID2'] },
  users: { userAssigned: ['ID1', 'ID2'] },
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simulated-azure-'));
  const scaleSets = [dictionary, array].flatMap((version) =>
    Object.entries(before).map(([name, seeded]) => ({ name: `${name}-${version}`, identity: seeded })),
  );
  simulator = await startSimulator({ seed: seedWith(scaleSets), operationMs: 0, caFile: join(folder, 'ca.pem') });
  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: secret, scope: armScope };
  const { body } = await curl(`/${tenantId}/oauth2/v2.0/token`, ['-d', new URLSearchParams(form).toString()]);
  token = (body as { access_token: string }).access_token;
});
afterAll(async () => {
  await simulator.stop();
  await rm(folder, { recursive: true });
});

async function curl(
  path: string,
  args: readonly string[],
): Promise<{ readonly status: number; readonly body: unknown }> {
  const always = ['--silent', '--show-error', '--cacert', join(folder, 'ca.pem'), '--write-out', '\n%{http_code}'];
  const { stdout } = await promisify(execFile)('curl', [...always, ...args, `${simulator.httpsUrl}${path}`]);
  const [, text = '', status = ''] = /^(.*)\n(\d+)$/s.exec(stdout) ?? [];
  return { status: Number(status), body: text === '' ? undefined : JSON.parse(text) };
}

function send(method: 'PUT' | 'PATCH', name: string, version: string, body: unknown) {
  const headers = ['-H', 'Content-Type: application/json', '-H', `Authorization: Bearer ${token}`];
  const args = ['-X', method, '-d', JSON.stringify(body), ...headers];
  return curl(`${scaleSetPath(name)}?api-version=${version}`, args);
}

function patchIdentity(name: string, version: string, change: unknown) {
  return send('PATCH', `${name}-${version}`, version, { identity: change });
}

interface Held {
  readonly system: boolean;
  readonly user: readonly string[];
}

/** What the scale set has, whatever the shape. */
function held(name: string): Held {
  const { systemAssigned, userAssigned } = simulator.control.scaleSet(scaleSetPath(name));
  return { system: systemAssigned !== undefined, user: userAssigned.map(({ id }) => id.split('/').at(-1)!) };
}

/** The list of identities as a shape writes it: a whole list in an array; in a dictionary `null` for what goes. */
function listed(version: string, keep: readonly string[], drop: readonly string[] = []): object {
  if (version === array) return { identityIds: keep.map(identity) };
  const entries = [...keep.map((name) => [identity(name), {}]), ...drop.map((name) => [identity(name), null])];
  return { userAssignedIdentities: Object.fromEntries(entries) as object };
}

describe.each([dictionary, array])('the how-to, with api-version %s:', (version) => {
  it('lists the identities of a scale set', async () => {
    const path = `${scaleSetPath(`one-${version}`)}?api-version=${version}`;

    const { status, body } = await curl(path, ['-H', `Authorization: Bearer ${token}`]);

    expect(status).toBe(200);
    const { identity: shown } = body as { identity: Record<string, unknown> };
    expect(shown['type']).toBe('SystemAssigned, UserAssigned');
    expect(shown).toHaveProperty(version === array ? 'identityIds' : 'userAssignedIdentities');
  });

  it('creates a scale set with a system-assigned identity', async () => {
    const body = {
      sku: { tier: 'Standard', capacity: 3, name: 'Standard_D1_v2' },
      location: 'eastus',
      identity: { type: 'SystemAssigned' },
      properties: { overprovision: true, upgradePolicy: { mode: 'Manual' } },
    };

    const { status } = await send('PUT', `new-system-${version}`, version, body);

    expect(status).toBe(201);
    expect(held(`new-system-${version}`)).toEqual({ system: true, user: [] });
  });

  it('creates a scale set with a user-assigned identity', async () => {
    const body = {
      location: 'eastus',
      identity: { type: 'userAssigned', ...listed(version, ['ID1']) },
      properties: {},
    };

    const { status } = await send('PUT', `new-user-${version}`, version, body);

    expect(status).toBe(201);
    expect(held(`new-user-${version}`)).toEqual({ system: false, user: ['ID1'] });
  });

  it('enables the system-assigned identity and keeps ID1 and ID2', async () => {
    const type = 'SystemAssigned,UserAssigned';

    const { status } = await patchIdentity('users', version, { type, ...listed(version, ['ID1', 'ID2']) });

    expect(status).toBe(200);
    expect(held(`users-${version}`)).toEqual({ system: true, user: ['ID1', 'ID2'] });
  });

  it('assigns the first user-assigned identity', async () => {
    const { status } = await patchIdentity('none', version, { type: 'userAssigned', ...listed(version, ['ID1']) });

    expect(status).toBe(200);
    expect(held(`none-${version}`)).toEqual({ system: false, user: ['ID1'] });
  });

  it('adds ID2 and keeps the system-assigned identity and ID1', async () => {
    const type = 'SystemAssigned, UserAssigned';

    const { status } = await patchIdentity('one', version, { type, ...listed(version, ['ID1', 'ID2']) });

    expect(status).toBe(200);
    expect(held(`one-${version}`)).toEqual({ system: true, user: ['ID1', 'ID2'] });
  });

  it('removes ID2, then all user-assigned identities, then everything', async () => {
    const type = 'SystemAssigned, UserAssigned';
    const states: Held[] = [];

    for (const change of [
      { type, ...listed(version, ['ID1'], ['ID2']) },
      { type: 'SystemAssigned' },
      { type: 'None' },
    ]) {
      expect((await patchIdentity('two', version, change)).status).toBe(200);
      states.push(held(`two-${version}`));
    }

    expect(states).toEqual([
      { system: true, user: ['ID1'] },
      { system: true, user: [] },
      { system: false, user: [] },
    ]);
  });

  it('disables the system-assigned identity', async () => {
    const { status } = await patchIdentity('system', version, { type: 'None' });

    expect(status).toBe(200);
    expect(held(`system-${version}`)).toEqual({ system: false, user: [] });
  });
});

describe('what the how-to gets wrong', () => {
  it('a dictionary without null removes nothing', async () => {
    const type = 'SystemAssigned, UserAssigned';
    simulator.control.seed({
      subscriptions: [
        {
          id: subscriptionId,
          tenant: tenantId,
          resourceGroups: [
            { name: 'myResourceGroup', location: 'eastus', scaleSets: [{ name: 'wrong', identity: before['two']! }] },
          ],
        },
      ],
    });

    await send('PATCH', 'wrong', dictionary, { identity: { type, ...listed(dictionary, ['ID1']) } });

    expect(held('wrong')).toEqual({ system: true, user: ['ID1', 'ID2'] });
  });

  it('2018-12-01 is no api-version', async () => {
    const { status, body } = await send('PATCH', `one-${dictionary}`, '2018-12-01', { identity: { type: 'None' } });

    expect(status).toBe(400);
    expect(body).toHaveProperty('error.code', 'NoRegisteredProviderFound');
  });
});
