import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';

import { buildBundle } from '../../../dev/build/build.ts';

const source = join(import.meta.dirname, '../../../src');
/** Of a build, and of a process that starts, on a machine that does other heavy work. */
const BUILD_LIMIT_MS = 180_000;
let directory: string;
let bundle: string;

/** What the bundle makes of a kubeconfig: the headers that it signs in with, and its proxy; or what is wrong. */
const ENTRY = `
import { loadKubeConnection } from ${JSON.stringify(join(source, 'kube/kubeconfig.ts'))};
const connection = loadKubeConnection({ kind: 'kubeconfig', path: process.argv[2] });
const { headers, tls, proxyUrl } = await connection.authenticate().catch((error) => ({ headers: error.message, tls: {} }));
console.log(JSON.stringify({ headers, tls: Object.keys(tls), proxyUrl }));
`;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bundle-narrow-'));
  const entry = join(directory, 'entry.ts');
  await writeFile(entry, ENTRY);
  bundle = (await buildBundle(join(directory, 'out'), { entry })).path;
}, BUILD_LIMIT_MS);
afterAll(() => rm(directory, { recursive: true }));

async function signedIn(user: object, cluster: object = {}): Promise<unknown> {
  const path = join(await mkdtemp(join(directory, 'config-')), 'config');
  await writeFile(
    path,
    stringify({
      clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1', ...cluster } }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    }),
  );
  const child = spawn(process.execPath, [bundle, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  return JSON.parse(await text(child.stdout));
}

async function script(output: unknown): Promise<string> {
  const path = join(await mkdtemp(join(directory, 'script-')), 'plugin');
  await writeFile(path, `#!/bin/sh\necho '${JSON.stringify(output)}'\n`);
  await chmod(path, 0o700);
  return path;
}

const bearer = (token: string): object => ({ headers: { authorization: `Bearer ${token}` } });
const expired = `e30.${Buffer.from('{"exp":1}').toString('base64url')}.e30`;

describe.concurrent('the narrowed bundle signs in to Kubernetes', { timeout: BUILD_LIMIT_MS }, () => {
  it('with a token', async () => {
    expect(await signedIn({ token: 'abc' })).toMatchObject(bearer('abc'));
  });

  it('with an exec plugin', async () => {
    const apiVersion = 'client.authentication.k8s.io/v1';
    const command = await script({ apiVersion, kind: 'ExecCredential', status: { token: 'from-exec' } });
    expect(await signedIn({ exec: { apiVersion, command } })).toMatchObject(bearer('from-exec'));
  });

  it('with a command whose token is found by a JSON path', async () => {
    const command = await script({ credential: { access_token: 'from-path', token_expiry: '2999-01-01T00:00:00Z' } });
    const config = {
      'cmd-path': command,
      'token-key': '{.credential.access_token}',
      'expiry-key': '{.credential.token_expiry}',
    };
    expect(await signedIn({ 'auth-provider': { name: 'gcp', config } })).toMatchObject(bearer('from-path'));
  });

  it('with OpenID Connect, whose issuer it asks when the token has run out', async () => {
    const config = {
      'idp-issuer-url': 'https://127.0.0.1:1/',
      'client-id': 'c',
      'id-token': expired,
      'refresh-token': 'r',
    };
    expect(await signedIn({ 'auth-provider': { name: 'oidc', config } })).toMatchObject({
      headers: expect.stringMatching(
        /cannot read the Kubernetes credentials: .*(?:ECONNREFUSED|OAUTH_|ERR_|TypeError)/,
      ),
    });
  });

  it('with a client certificate', async () => {
    const data = Buffer.from('pem').toString('base64');
    expect(await signedIn({ 'client-certificate-data': data, 'client-key-data': data })).toMatchObject({
      tls: expect.arrayContaining(['cert', 'key']),
    });
  });

  it.each(['http://127.0.0.1:3128', 'socks5://127.0.0.1:1080'])('through the proxy %s', async (proxyUrl) => {
    expect(await signedIn({ token: 'abc' }, { 'proxy-url': proxyUrl })).toMatchObject({ ...bearer('abc'), proxyUrl });
  });
});

describe('the operator in one file', { timeout: BUILD_LIMIT_MS }, () => {
  it('is plain ASCII, for V8 keeps two bytes for each character of any other source', async () => {
    const { path } = await buildBundle(join(directory, 'operator'));
    const found = /[^\0-\x7f]/.exec(await readFile(path, 'utf8'));
    expect(found?.input.slice(Math.max(0, found.index - 60), found.index + 60)).toBeUndefined();
  });
});
