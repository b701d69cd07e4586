import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { companionOf, identityOf, readyOf } from './binding.ts';
import { startWorld, type World } from './world.ts';

const AUDIENCE = 'api://AzureADTokenExchange';

let world: World;
beforeAll(async () => {
  world = await startWorld({ name: 'credentials' });
  await world.allow();
});
afterAll(() => world.close());

/** A good token of the same cluster, for another service account than the one that Entra trusts. */
async function strangersToken(): Promise<{ readonly token: string; readonly subject: string }> {
  const name = `stranger-${randomUUID().slice(0, 8)}`;
  const namespace = `--namespace=${world.namespace}`;
  await world.api.kubectl(['create', 'serviceaccount', name, namespace]);
  const { stdout } = await world.api.kubectl(['create', 'token', name, namespace, `--audience=${AUDIENCE}`]);
  return { token: stdout.trim(), subject: `system:serviceaccount:${world.namespace}:${name}` };
}

describe('a service account that Entra does not trust', () => {
  it('is told with issuer, subject and audience, and nothing is judged by it until it is trusted', async () => {
    const ready = await world.bind(world.scaleSet('ready-before'), { userAssigned: ['one'] });
    const before = await ready.ready();
    const { token, subject } = await strangersToken();
    await world.restartOperator({ token });

    const set = world.scaleSet('unjudged', { foreign: ['theirs'] });
    const binding = await world.bind(set, { userAssigned: ['one', 'theirs', 'nowhere'] });
    const found = await binding.shows('CredentialUnavailable');
    const { stdout } = await world.api.kubectl(['get', '--raw=/.well-known/openid-configuration']);
    const { issuer } = JSON.parse(stdout) as { readonly issuer: string };
    expect(readyOf(found)?.message).toContain(issuer);
    expect(readyOf(found)?.message).toContain(subject);
    expect(readyOf(found)?.message).toContain(AUDIENCE);
    expect(companionOf(found)).toBe('Reconciling');
    const states = ['one', 'theirs', 'nowhere'].map((name) => identityOf(found, name).state);
    expect(states).toEqual(['Pending', 'Pending', 'Pending']);
    expect(found.status.scaleSet).toBeUndefined();
    expect(set.requests).toEqual([]);
    const { status } = (await ready.read())!;
    expect(status.userAssigned).toEqual(before.status.userAssigned);

    await writeFile(world.tokenFile, world.trustedToken);
    const healed = await binding.shows('IdentityMissing');
    expect(healed.status.summary).toBe('2/3');
    expect(set.identities).toEqual(['one', 'theirs']);
  });
});

describe('a token file that holds no token', () => {
  it('is told as such, and read again', async () => {
    await world.restartOperator({ token: 'this is no token' });
    const set = world.scaleSet('no-token');
    const binding = await world.bind(set, { userAssigned: ['one'] });
    expect(readyOf(await binding.shows('CredentialUnavailable'))?.message).toContain(world.tokenFile);
    expect(set.requests).toEqual([]);
    await writeFile(world.tokenFile, world.trustedToken);
    await binding.ready();
  });
});

describe('an access token that Azure does not take', () => {
  it('is replaced once, and nobody notices', async () => {
    const set = world.scaleSet('renewed');
    const tokens = (): number => world.control.requests().filter(({ path }) => path.endsWith('/token')).length;
    const before = tokens();
    const headers = { 'www-authenticate': 'Bearer error="invalid_token"' };
    set.fault('GET', { kind: 'status', status: 401, code: 'ExpiredAuthenticationToken', message: 'Expired.', headers });
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await binding.ready();
    expect(tokens()).toBe(before + 1);
    expect(set.writes).toHaveLength(1);
  });

  it('and neither its successor is told as such, without a storm on Entra', async () => {
    const set = world.scaleSet('rejected');
    set.fault('GET', { kind: 'status', status: 401, code: 'InvalidAuthenticationToken', message: 'No.' }, null);
    const tokens = (): number => world.control.requests().filter(({ path }) => path.endsWith('/token')).length;
    const before = tokens();
    const binding = await world.bind(set, { userAssigned: ['one'] });
    await binding.shows('CredentialUnavailable');
    await world.intervals(2);
    expect(tokens() - before).toBeLessThanOrEqual(1);
    expect(set.writes).toEqual([]);
    world.control.clearFaults();
    await binding.ready();
  });
});
