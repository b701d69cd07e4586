import { statSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { type KubeconfigUser, renderKubeconfig, writeKubeconfig } from '../../../dev/control-plane/kubeconfig.ts';
import { temporaryFolder } from './temporary-folder.ts';

const server = { url: 'https://127.0.0.1:6443', caPem: 'the authority' };
const admin: KubeconfigUser = { type: 'certificate', credential: { certificatePem: 'certificate', keyPem: 'key' } };

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

describe('a kubeconfig', () => {
  it('verifies the server with the authority it holds', () => {
    expect(parse(renderKubeconfig({ ...server, user: admin }))).toMatchObject({
      clusters: [{ cluster: { server: server.url, 'certificate-authority-data': base64('the authority') } }],
    });
  });

  it('holds the certificate and key of its user', () => {
    expect(parse(renderKubeconfig({ ...server, user: admin }))).toMatchObject({
      users: [{ user: { 'client-certificate-data': base64('certificate'), 'client-key-data': base64('key') } }],
    });
  });

  it('holds the token of its user and no certificate', () => {
    const config = parse(renderKubeconfig({ ...server, user: { type: 'token', token: 'abc' } })) as {
      users: unknown[];
    };
    expect(config.users).toEqual([{ name: expect.any(String) as string, user: { token: 'abc' } }]);
  });

  it('uses the context it defines, in the namespace that was asked for', () => {
    const config = parse(renderKubeconfig({ ...server, user: admin, namespace: 'shop' })) as {
      contexts: { name: string; context: { namespace?: string } }[];
      'current-context': string;
    };
    expect(config.contexts[0]).toMatchObject({ name: config['current-context'], context: { namespace: 'shop' } });
  });

  it('can be read by its owner alone', async () => {
    const path = join(temporaryFolder(), 'kubeconfig');
    await writeKubeconfig(path, { ...server, user: admin });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});
