import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

import * as der from './der.ts';

/** What an HTTPS server on 127.0.0.1 needs, and the authority that its clients have to trust. */
export interface Certificates {
  readonly caPem: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

const dayMs = 24 * 60 * 60 * 1000;

/** A new authority and a leaf for `localhost`, `127.0.0.1` and `::1`. The authority's key is thrown away. */
export function createCertificates(now: Date): Certificates {
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const leaf = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const validity = { from: new Date(now.getTime() - dayMs), to: new Date(now.getTime() + 30 * dayMs) };
  const authorityName = 'Simulated Azure CA';
  const authorityKeyId = keyId(authority.publicKey);
  const issue = (subject: string, publicKey: KeyObject, extensions: readonly Buffer[]): string =>
    certificate({ subject, issuer: authorityName, publicKey, signer: authority.privateKey, validity, extensions });
  return {
    caPem: issue(authorityName, authority.publicKey, [
      extension('2.5.29.19', der.sequence(der.boolean(true)), { critical: true }),
      extension('2.5.29.15', keyUsage(0b0000_0110, 1), { critical: true }),
      extension('2.5.29.14', der.octets(authorityKeyId)),
    ]),
    certificatePem: issue('Simulated Azure', leaf.publicKey, [
      extension('2.5.29.19', der.sequence(), { critical: true }),
      extension('2.5.29.15', keyUsage(0b1000_0000, 7), { critical: true }),
      extension('2.5.29.37', der.sequence(der.oid('1.3.6.1.5.5.7.3.1'))),
      extension('2.5.29.17', loopbackNames()),
      extension('2.5.29.14', der.octets(keyId(leaf.publicKey))),
      extension('2.5.29.35', der.sequence(der.implicit(0, authorityKeyId))),
    ]),
    privateKeyPem: leaf.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function certificate(part: {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly signer: KeyObject;
  readonly validity: { readonly from: Date; readonly to: Date };
  readonly extensions: readonly Buffer[];
}): string {
  const ecdsaWithSha256 = der.sequence(der.oid('1.2.840.10045.4.3.2'));
  const toBeSigned = der.sequence(
    der.explicit(0, der.integer(Buffer.from([2]))),
    der.integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ecdsaWithSha256,
    commonName(part.issuer),
    der.sequence(der.utcTime(part.validity.from), der.utcTime(part.validity.to)),
    commonName(part.subject),
    part.publicKey.export({ type: 'spki', format: 'der' }),
    der.explicit(3, der.sequence(...part.extensions)),
  );
  const signature = sign('sha256', toBeSigned, part.signer);
  return pem(der.sequence(toBeSigned, ecdsaWithSha256, der.bits(signature)));
}

function commonName(name: string): Buffer {
  return der.sequence(der.set(der.sequence(der.oid('2.5.4.3'), der.utf8(name))));
}

function extension(id: string, value: Buffer, options: { readonly critical?: boolean } = {}): Buffer {
  const critical = options.critical === true ? [der.boolean(true)] : [];
  return der.sequence(der.oid(id), ...critical, der.octets(value));
}

/** Bits from the left: digitalSignature first. */
function keyUsage(usage: number, unused: number): Buffer {
  return der.bits(Buffer.from([usage]), unused);
}

function loopbackNames(): Buffer {
  return der.sequence(
    der.implicit(2, Buffer.from('localhost', 'ascii')),
    der.implicit(7, Buffer.from([127, 0, 0, 1])),
    der.implicit(7, Buffer.from([...Array<number>(15).fill(0), 1])),
  );
}

/** RFC 5280 §4.2.1.2: the SHA-1 of the key's bits. Any unique value would do. */
function keyId(publicKey: KeyObject): Buffer {
  return createHash('sha1')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest();
}

function pem(content: Buffer): string {
  const lines = content.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
