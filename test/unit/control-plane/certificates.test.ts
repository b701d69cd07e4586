import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';

import { beforeAll, describe, expect, it } from 'vitest';

import { type ControlPlanePki, createPki } from '../../../dev/control-plane/certificates.ts';

const now = new Date('2026-03-01T12:00:00Z');
let pki: ControlPlanePki;
let authority: X509Certificate;

beforeAll(async () => {
  pki = await createPki(now);
  authority = new X509Certificate(pki.caPem);
});

describe('the authority', () => {
  it('may sign certificates', () => {
    expect(authority.ca).toBe(true);
  });

  it.each(['serving', 'admin', 'controllerManager'] as const)('signed the %s certificate', (name) => {
    const certificate = new X509Certificate(pki[name].certificatePem);
    expect(certificate.checkIssued(authority)).toBe(true);
    expect(certificate.verify(authority.publicKey)).toBe(true);
    expect(certificate.ca).toBe(false);
  });

  it('is another one each time', async () => {
    const other = new X509Certificate((await createPki(now)).caPem);
    expect(new X509Certificate(pki.serving.certificatePem).verify(other.publicKey)).toBe(false);
  });
});

describe('the serving certificate', () => {
  it('is for 127.0.0.1 and localhost', () => {
    const certificate = new X509Certificate(pki.serving.certificatePem);
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(certificate.checkHost('localhost')).toBe('localhost');
    expect(certificate.checkHost('example.com')).toBeUndefined();
  });

  it('proves a server and not a client', () => {
    expect(new X509Certificate(pki.serving.certificatePem).keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  });
});

describe('the client certificates', () => {
  it('put the admin into system:masters', () => {
    expect(new X509Certificate(pki.admin.certificatePem).subject.split('\n').toSorted()).toEqual([
      'CN=admin',
      'O=system:masters',
    ]);
  });

  it('name the controller manager as its built-in role does', () => {
    expect(new X509Certificate(pki.controllerManager.certificatePem).subject).toBe('CN=system:kube-controller-manager');
  });

  it.each(['admin', 'controllerManager'] as const)('prove a client and not a server: %s', (name) => {
    expect(new X509Certificate(pki[name].certificatePem).keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  });
});

describe('every certificate', () => {
  it.each(['serving', 'admin', 'controllerManager'] as const)('has its own private key: %s', (name) => {
    const { certificatePem, keyPem } = pki[name];
    expect(new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(keyPem))).toBe(true);
  });

  it.each(['serving', 'admin', 'controllerManager'] as const)('is valid from a day ago for 30 days: %s', (name) => {
    const certificate = new X509Certificate(pki[name].certificatePem);
    expect(certificate.validFromDate).toEqual(new Date('2026-02-28T12:00:00Z'));
    expect(certificate.validToDate).toEqual(new Date('2026-03-31T12:00:00Z'));
  });
});

it('gives the service account signer a pair of keys that belong together', () => {
  const derived = createPublicKey(createPrivateKey(pki.serviceAccountKeyPem)).export({ type: 'spki', format: 'der' });
  expect(createPublicKey(pki.serviceAccountPublicKeyPem).export({ type: 'spki', format: 'der' })).toEqual(derived);
});
