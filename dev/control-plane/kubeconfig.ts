import { readFile, writeFile } from 'node:fs/promises';

import { parse, stringify } from 'yaml';

import type { Credential } from './certificates.ts';

/** How the user of a kubeconfig proves who it is. */
export type KubeconfigUser =
  | { readonly type: 'certificate'; readonly credential: Credential }
  | { readonly type: 'token'; readonly token: string };

export interface KubeconfigOptions {
  readonly url: string;
  readonly caPem: string;
  readonly user: KubeconfigUser;
  readonly namespace?: string;
}

const NAME = 'vmss-identity-local';

/** A kubeconfig with everything inside it, so that the file can be moved and outlives no other file. */
export function renderKubeconfig({ url, caPem, user, namespace }: KubeconfigOptions): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: NAME, cluster: { server: url, 'certificate-authority-data': base64(caPem) } }],
    users: [{ name: NAME, user: renderUser(user) }],
    contexts: [
      { name: NAME, context: { cluster: NAME, user: NAME, ...(namespace === undefined ? {} : { namespace }) } },
    ],
    'current-context': NAME,
  });
}

/** Written for this user alone: whoever reads it has the rights of its user. */
export async function writeKubeconfig(path: string, options: KubeconfigOptions): Promise<void> {
  await writeFile(path, renderKubeconfig(options), { mode: 0o600 });
}

/** Where an API server is, and what a TLS connection to it takes. */
export interface CertificateAccess {
  readonly origin: string;
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string };
}

interface Rendered {
  readonly clusters: readonly [{ readonly cluster: Readonly<Record<string, string>> }];
  readonly users: readonly [{ readonly user: Readonly<Record<string, string>> }];
}

/** Reads a kubeconfig whose first user has a certificate, as {@link writeKubeconfig} writes it. */
export async function readCertificateAccess(path: string): Promise<CertificateAccess> {
  const { clusters, users } = parse(await readFile(path, 'utf8')) as Rendered;
  const [{ cluster }] = clusters;
  const [{ user }] = users;
  const pem = (data: string | undefined): string => Buffer.from(data ?? '', 'base64').toString();
  return {
    origin: cluster['server'] ?? '',
    tls: {
      ca: pem(cluster['certificate-authority-data']),
      cert: pem(user['client-certificate-data']),
      key: pem(user['client-key-data']),
    },
  };
}

function renderUser(user: KubeconfigUser): Readonly<Record<string, string>> {
  switch (user.type) {
    case 'certificate':
      return {
        'client-certificate-data': base64(user.credential.certificatePem),
        'client-key-data': base64(user.credential.keyPem),
      };
    case 'token':
      return { token: user.token };
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
