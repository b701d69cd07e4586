import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';

import type { BundledPackage } from '../../../dev/supply-chain/bundled-packages.ts';
import { sbom } from '../../../dev/supply-chain/sbom.ts';

const require = createRequire(import.meta.url);
/** Where OWASP's library has the schemas of CycloneDX. */
const SCHEMAS = join(dirname(require.resolve('@cyclonedx/cyclonedx-library/package.json')), 'res/schema');
const schema = (name: string): object =>
  JSON.parse(readFileSync(join(SCHEMAS, `${name}.SNAPSHOT.schema.json`), 'utf8')) as object;

const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
for (const name of ['spdx', 'jsf-0.82']) {
  ajv.addSchema(schema(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
}
const validate = ajv.compile(schema('bom-1.6'));

const scoped: BundledPackage = {
  name: '@scope/a',
  version: '1.0.0',
  licence: 'MIT',
  folder: '/node_modules/@scope/a',
  dependencies: ['/node_modules/b'],
};
const either: BundledPackage = {
  name: 'b',
  version: '2.0.0-beta.1',
  licence: '(MIT OR Apache-2.0)',
  folder: '/node_modules/b',
  dependencies: [],
};

function billOf(packages: readonly BundledPackage[], integrity = `sha512-${Buffer.alloc(64, 7).toString('base64')}`) {
  const product = { name: 'product', version: '1.2.3', description: 'What it is', license: 'MIT' };
  return JSON.parse(
    sbom({ product, packages, direct: packages.map(({ folder }) => folder), lockedOf: () => ({ integrity }) }),
  ) as Record<string, unknown>;
}

/** What the schema has against a bill of materials. */
function against(bill: Record<string, unknown>): readonly string[] {
  return validate(bill)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message = '' }) => `${instancePath} ${message}`);
}

describe('a bill of materials', () => {
  it('is valid CycloneDX 1.6: with scopes, with a choice of licences, and with nothing in it', () => {
    expect(against(billOf([scoped, either]))).toEqual([]);
    expect(against(billOf([]))).toEqual([]);
  });

  it('is valid where a hash is not known, or another one than SHA-512', () => {
    expect(against(billOf([scoped], ''))).toEqual([]);
    expect(against(billOf([scoped], 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk='))).toEqual([]);
  });

  it('has another serial number when it says something else', () => {
    const serial = (...packages: readonly BundledPackage[]): unknown => billOf(packages)['serialNumber'];
    expect(serial(scoped)).toBe(serial(scoped));
    expect(serial(scoped)).not.toBe(serial(either));
    expect(serial(scoped)).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('that is not valid is found', () => {
    expect(against({ ...billOf([scoped]), serialNumber: 'none' })).not.toEqual([]);
    expect(against(billOf([{ ...scoped, licence: 'Unheard-Of' }]))).not.toEqual([]);
    expect(against({ ...billOf([scoped]), components: [{ type: 'library' }] })).not.toEqual([]);
  });
});
