import { randomBytes, webcrypto } from 'node:crypto';

import { x509 } from './x509.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 24 * 60 * 60 * 1000;
const VALID_DAYS = 30;

/** A certificate and its private key, both PEM (the key in PKCS #8). */
export interface Credential {
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** All keys and certificates of one control plane. The authority's private key is not kept. */
export interface ControlPlanePki {
  readonly caPem: string;
  readonly serving: Credential;
  /** In the group `system:masters`, which no RBAC rule can limit. */
  readonly admin: Credential;
  readonly controllerManager: Credential;
  /** Signs service account tokens. */
  readonly serviceAccountKeyPem: string;
  readonly serviceAccountPublicKeyPem: string;
}

interface Authority {
  readonly certificate: InstanceType<typeof x509.X509Certificate>;
  readonly privateKey: webcrypto.CryptoKey;
}

/** @param now the beginning of the certificates' 30 days, less a day for clocks that disagree. */
export async function createPki(now: Date): Promise<ControlPlanePki> {
  const authority = await createAuthority(now);
  const signer = await generateKeys();
  return {
    caPem: authority.certificate.toString('pem'),
    serving: await issueServing(authority, now, 'CN=kube-apiserver'),
    admin: await issueClient(authority, now, 'O=system:masters, CN=admin'),
    controllerManager: await issueClient(authority, now, 'CN=system:kube-controller-manager'),
    serviceAccountKeyPem: await exportPem('PRIVATE KEY', 'pkcs8', signer.privateKey),
    serviceAccountPublicKeyPem: await exportPem('PUBLIC KEY', 'spki', signer.publicKey),
  };
}

/** For a server on 127.0.0.1 that stands before a control plane: an authority of its own, whose private key is not kept. */
export async function createServingPki(now: Date): Promise<Pick<ControlPlanePki, 'caPem' | 'serving'>> {
  const authority = await createAuthority(now);
  return { caPem: authority.certificate.toString('pem'), serving: await issueServing(authority, now, 'CN=proxy') };
}

async function createAuthority(now: Date): Promise<Authority> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=control-plane-ca',
    serialNumber: serialNumber(),
    keys,
    signingAlgorithm: ALGORITHM,
    ...validity(now),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate, privateKey: keys.privateKey };
}

function issueServing(authority: Authority, now: Date, subject: string): Promise<Credential> {
  return issue(authority, now, subject, [
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    new x509.SubjectAlternativeNameExtension([
      { type: 'ip', value: '127.0.0.1' },
      { type: 'dns', value: 'localhost' },
      { type: 'dns', value: 'kubernetes.default.svc' },
    ]),
  ]);
}

function issueClient(authority: Authority, now: Date, subject: string): Promise<Credential> {
  return issue(authority, now, subject, [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])]);
}

async function issue(
  authority: Authority,
  now: Date,
  subject: string,
  extensions: readonly InstanceType<typeof x509.Extension>[],
): Promise<Credential> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    subject,
    issuer: authority.certificate.subject,
    serialNumber: serialNumber(),
    publicKey: keys.publicKey,
    signingKey: authority.privateKey,
    signingAlgorithm: ALGORITHM,
    ...validity(now),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      await x509.AuthorityKeyIdentifierExtension.create(authority.certificate),
      ...extensions,
    ],
  });
  return {
    certificatePem: certificate.toString('pem'),
    keyPem: await exportPem('PRIVATE KEY', 'pkcs8', keys.privateKey),
  };
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function exportPem(label: string, format: 'pkcs8' | 'spki', key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey(format, key), label);
}

function validity(now: Date): { readonly notBefore: Date; readonly notAfter: Date } {
  return {
    notBefore: new Date(now.getTime() - DAY_MS),
    notAfter: new Date(now.getTime() + VALID_DAYS * DAY_MS),
  };
}

/** Positive and in the shortest form, as DER wants it: the first byte is 0x40 to 0x7f. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}
