import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';

import type { KubeConnection } from '../../../src/kube/connection.ts';
import { loadKubeConnection } from '../../../src/kube/kubeconfig.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true });
});

interface Parts {
  readonly cluster?: Record<string, unknown>;
  readonly user?: Record<string, unknown>;
  readonly context?: Record<string, unknown>;
}

const write = async ({ cluster, user, context }: Parts): Promise<string> => {
  const path = join(directory, 'config');
  const config = {
    clusters: [{ name: 'c', cluster: { server: 'https://kube.test:6443/', ...cluster } }],
    users: [{ name: 'u', user: user ?? {} }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', ...context } }],
    'current-context': 'x',
  };
  await writeFile(path, stringify(config));
  return path;
};

const load = async (parts: Parts = {}): Promise<KubeConnection> =>
  loadKubeConnection({ kind: 'kubeconfig', path: await write(parts) });

describe('a kubeconfig', () => {
  it('tells the server, without a slash at its end, and the namespace', async () => {
    expect(await load({ context: { namespace: 'shop' } })).toMatchObject({
      server: 'https://kube.test:6443',
      namespace: 'shop',
    });
    expect(await load()).not.toHaveProperty('namespace');
  });

  it('tells certificates, the server’s name, and that it is not to be verified', async () => {
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    const connection = await load({
      cluster: {
        'certificate-authority-data': base64('CA'),
        'tls-server-name': 'other',
        'insecure-skip-tls-verify': true,
      },
      user: { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') },
    });
    expect((await connection.authenticate()).tls).toEqual({
      ca: Buffer.from('CA'),
      cert: Buffer.from('CERT'),
      key: Buffer.from('KEY'),
      servername: 'other',
      rejectUnauthorized: false,
    });
  });

  it('tells a token, a name and password, and whom to act as', async () => {
    expect((await (await load({ user: { token: 't\n' } })).authenticate()).headers).toEqual({
      authorization: 'Bearer t',
    });
    expect((await (await load({ user: { username: 'a', password: 'b' } })).authenticate()).headers).toEqual({
      authorization: `Basic ${Buffer.from('a:b').toString('base64')}`,
    });
    expect((await (await load({ user: { token: 't', as: 'jane' } })).authenticate()).headers).toMatchObject({
      'impersonate-user': 'jane',
    });
  });

  it('tells a proxy', async () => {
    const connection = await load({ cluster: { 'proxy-url': 'http://proxy.test:3128' } });
    expect(await connection.authenticate()).toMatchObject({ proxyUrl: 'http://proxy.test:3128' });
  });

  it('has its CA file read anew for each request', async () => {
    const ca = join(directory, 'ca.crt');
    await writeFile(ca, 'one');
    const connection = await load({ cluster: { 'certificate-authority': ca } });
    expect((await connection.authenticate()).tls.ca).toEqual(Buffer.from('one'));
    await writeFile(ca, 'two');
    expect((await connection.authenticate()).tls.ca).toEqual(Buffer.from('two'));
  });

  it('starts a command for credentials once for all who ask at the same time', async () => {
    const count = join(directory, 'count');
    const credential = JSON.stringify({ status: { token: 't' } });
    const connection = await load({
      user: { exec: { command: 'sh', args: ['-c', `echo run >> ${count}; echo '${credential}'`] } },
    });
    const all = await Promise.all([1, 2, 3].map(() => connection.authenticate()));
    expect(all.map(({ headers }) => headers['authorization'])).toEqual(['Bearer t', 'Bearer t', 'Bearer t']);
    expect(await readFile(count, 'utf8')).toBe('run\n');
    connection.forgetCredentials();
    await connection.authenticate();
    expect(await readFile(count, 'utf8')).toBe('run\nrun\n');
  });

  it('is found by its environment variable', async () => {
    vi.stubEnv('KUBECONFIG', await write({}));
    expect(loadKubeConnection({ kind: 'default' })).toMatchObject({ server: 'https://kube.test:6443' });
  });
});

describe('what cannot be used', () => {
  it('is a file that is not there', () => {
    const path = join(directory, 'none');
    expect(() => loadKubeConnection({ kind: 'kubeconfig', path })).toThrow(`cannot load ${path}: ENOENT`);
  });

  it.each<[string, Parts, string]>([
    ['a context without a cluster', { context: { cluster: 'none' } }, 'no current context'],
    ['an address that is no URL', { cluster: { server: 'kube.test' } }, 'not an http(s) URL'],
    ['plain HTTP that nobody asked for', { cluster: { server: 'http://kube.test' } }, 'plain HTTP'],
  ])('is %s', async (_what, parts, message) => {
    await expect(load(parts)).rejects.toMatchObject({
      kind: 'credentials',
      message: expect.stringContaining(message) as string,
    });
  });

  it('is a pod’s service account outside a pod', () => {
    vi.stubEnv('KUBERNETES_SERVICE_HOST', undefined);
    vi.stubEnv('KUBERNETES_SERVICE_PORT', undefined);
    expect(() => loadKubeConnection({ kind: 'in-cluster' })).toThrow('not an http(s) URL');
  });

  it('is a token file that is not there', async () => {
    const tokenFile = join(directory, 'none');
    const connection = await load({ user: { 'auth-provider': { name: 'tokenFile', config: { tokenFile } } } });
    await expect(connection.authenticate()).rejects.toMatchObject({
      kind: 'credentials',
      message: 'cannot read the Kubernetes credentials: ENOENT',
    });
  });
});
