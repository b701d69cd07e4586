import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { parse, stringify } from 'yaml';

import { KubeClient } from '../../../src/kube/client.ts';
import { loadKubeConnection } from '../../../src/kube/kubeconfig.ts';
import { realClock } from '../../../src/runtime/clock.ts';
import { clientFor, kindOf, sharedKubeconfig } from './widgets.ts';

/** What of a kubeconfig these tests change. */
interface Kubeconfig {
  readonly clusters: [{ cluster: Record<string, unknown> }];
  readonly users: [{ user: Record<string, unknown> }];
}

let directory: string;
let admin: KubeClient;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
  admin = clientFor(sharedKubeconfig());
});
afterAll(async () => {
  await admin.close();
  await rm(directory, { recursive: true });
});

/** A client with the shared kubeconfig, changed. */
const clientWith = async (change: (config: Kubeconfig) => void): Promise<KubeClient> => {
  const config = parse(await readFile(sharedKubeconfig(), 'utf8')) as Kubeconfig;
  change(config);
  const path = join(directory, `${realClock.monotonicMs()}.yaml`);
  await writeFile(path, stringify(config));
  const connection = loadKubeConnection({ kind: 'kubeconfig', path });
  const client = new KubeClient({ connection, clock: realClock });
  onTestFinished(() => client.close());
  return client;
};

const version = { method: 'GET', path: '/version' } as const;
const nodes = { method: 'GET', path: '/api/v1/nodes' } as const;

const tokenOf = async (serviceAccount: string): Promise<string> => {
  const path = '/api/v1/namespaces/default/serviceaccounts';
  await admin.call({ method: 'POST', path, body: { metadata: { name: serviceAccount } } });
  const answer = await admin.call({ method: 'POST', path: `${path}/${serviceAccount}/token`, body: { spec: {} } });
  return (answer as { status: { token: string } }).status.token;
};

describe('a kubeconfig', () => {
  it('with a client certificate lets in', async () => {
    expect(await admin.call(version)).toMatchObject({ major: '1' });
  });

  it('with a token lets in as whom the token is of, who may not do everything', async () => {
    const token = await tokenOf(`reader-${Math.round(realClock.monotonicMs())}`);
    const client = await clientWith(({ users }) => void (users[0].user = { token }));
    expect(await kindOf(client.call(version))).toBe('none');
    expect(await kindOf(client.call(nodes))).toBe('forbidden');
  });

  it('with a token file has it read anew after it was refused', async () => {
    const tokenFile = join(directory, 'token');
    await writeFile(tokenFile, 'expired\n');
    const client = await clientWith(({ users }) => {
      users[0].user = { 'auth-provider': { name: 'tokenFile', config: { tokenFile } } };
    });
    expect(await kindOf(client.call(nodes))).toBe('unauthorized');
    await writeFile(tokenFile, `${await tokenOf(`filed-${Math.round(realClock.monotonicMs())}`)}\n`);
    expect(await kindOf(client.call(nodes))).toBe('forbidden');
  });

  it('with a command for credentials has it run', async () => {
    const token = await tokenOf(`exec-${Math.round(realClock.monotonicMs())}`);
    const credential = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token } };
    const client = await clientWith(({ users }) => {
      const exec = { apiVersion: credential.apiVersion, command: 'echo', args: [JSON.stringify(credential)] };
      users[0].user = { exec };
    });
    expect(await kindOf(client.call(nodes))).toBe('forbidden');
  });

  it('with a command that fails says so, without the text of it', async () => {
    const client = await clientWith(({ users }) => {
      users[0].user = { exec: { command: 'sh', args: ['-c', 'echo a-secret >&2; exit 1'] } };
    });
    const call = client.call(nodes);
    expect(await kindOf(call)).toBe('credentials');
    await expect(call).rejects.not.toThrow('a-secret');
  });

  it('without credentials is answered as nobody', async () => {
    const client = await clientWith(({ users }) => void (users[0].user = {}));
    expect(['unauthorized', 'forbidden']).toContain(await kindOf(client.call(nodes)));
  });

  it('with another CA does not connect', async () => {
    const client = await clientWith(({ clusters }) => {
      delete clusters[0].cluster['certificate-authority-data'];
      delete clusters[0].cluster['certificate-authority'];
    });
    expect(await kindOf(client.call(version))).toBe('network');
  });
});
