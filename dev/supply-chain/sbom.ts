/**
 * The bill of materials of the bundle, in CycloneDX 1.6. The same sources give the same bytes: it has no time, and its
 * serial number is made of what it says.
 */
import { createHash } from 'node:crypto';

import type { BundledPackage } from './bundled-packages.ts';

export interface Product {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
}

/** What is known of how a package was fetched. */
export interface Locked {
  /** As package-lock.json has it: `sha512-` and Base64. */
  readonly integrity?: string;
}

export interface SbomParts {
  readonly product: Product;
  readonly packages: readonly BundledPackage[];
  /** Folders of those that the product itself asks for. */
  readonly direct: readonly string[];
  readonly lockedOf: (bundled: BundledPackage) => Locked | undefined;
}

export function sbom({ product, packages, direct, lockedOf }: SbomParts): string {
  const refs = new Map(packages.map((each) => [each.folder, purlOf(each)]));
  const productRef = `pkg:generic/${product.name}@${product.version}`;
  const dependsOn = (ref: string, folders: readonly string[]): object => ({
    ref,
    dependsOn: [...new Set(folders.flatMap((folder) => refs.get(folder) ?? []))].toSorted(),
  });
  const content = {
    metadata: {
      component: {
        type: 'application',
        'bom-ref': productRef,
        name: product.name,
        version: product.version,
        description: product.description,
        licenses: licencesOf(product.license),
        purl: productRef,
      },
    },
    components: packages.map((each) => componentOf(each, lockedOf(each))),
    dependencies: [
      dependsOn(productRef, direct),
      ...packages.map((each) => dependsOn(purlOf(each), each.dependencies)),
    ],
  };
  const head = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: serialNumberOf(JSON.stringify(content)),
    version: 1,
  };
  return `${JSON.stringify({ ...head, ...content }, undefined, 2)}\n`;
}

function componentOf(bundled: BundledPackage, locked: Locked | undefined): object {
  const { name, version, licence } = bundled;
  const [, group, bare = name] = /^(@[^/]+)\/(.+)$/.exec(name) ?? [];
  const [, hash] = /^sha512-(\S+)$/.exec(locked?.integrity ?? '') ?? [];
  return {
    type: 'library',
    'bom-ref': purlOf(bundled),
    ...(group === undefined ? {} : { group }),
    name: bare,
    version,
    ...(hash === undefined
      ? {}
      : { hashes: [{ alg: 'SHA-512', content: Buffer.from(hash, 'base64').toString('hex') }] }),
    licenses: licencesOf(licence),
    purl: purlOf(bundled),
  };
}

/** One name, or an expression such as `(MIT OR Apache-2.0)`. */
function licencesOf(spdx: string): readonly object[] {
  return /^[\w.+-]+$/.test(spdx) ? [{ license: { id: spdx } }] : [{ expression: spdx }];
}

/** See the npm type of the package URL specification: the scope's `@` is escaped. */
function purlOf({ name, version }: BundledPackage): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

/** A UUID of version 8, whose bits are the maker's own (RFC 9562, 5.8). */
function serialNumberOf(content: string): string {
  const bytes = createHash('sha256').update(content).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const uuid = bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return `urn:uuid:${uuid}`;
}
