import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { buildBundle, type Bundle } from '../../../dev/build/build.ts';
import { type Accompaniment, accompany } from '../../../dev/supply-chain/accompany.ts';
import { ACCEPTED_LICENCES } from '../../../dev/supply-chain/licences.ts';
import { licencesPage } from '../../../dev/supply-chain/licences-page.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import lockfile from '../../../package-lock.json' with { type: 'json' };

const root = join(import.meta.dirname, '../../..');
/** Of two builds, on a machine that does other heavy work. */
const BUILD_LIMIT_MS = 180_000;

interface Component {
  readonly group?: string;
  readonly name: string;
  readonly version: string;
  readonly 'bom-ref': string;
  readonly purl: string;
  readonly hashes: readonly { readonly alg: string; readonly content: string }[];
}

interface Sbom {
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

let folder: string;
let bundle: Bundle;
let made: Accompaniment;
let bill: Sbom;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'supply-chain-'));
  bundle = await buildBundle(join(folder, 'one'));
  made = await accompany(bundle, root);
  bill = JSON.parse(await readFile(made.sbomPath, 'utf8')) as Sbom;
}, BUILD_LIMIT_MS);
afterAll(() => rm(folder, { recursive: true }));

const nameOf = ({ group, name }: Component): string => (group === undefined ? name : `${group}/${name}`);

describe('the bundle', () => {
  it(
    'is the same to the byte when it is built again, and so is what goes with it',
    { timeout: BUILD_LIMIT_MS },
    async () => {
      const again = await buildBundle(join(folder, 'two'));
      const accompaniment = await accompany(again, root);
      const pairs = [
        [bundle.path, again.path],
        [`${bundle.path}.map`, `${again.path}.map`],
        [made.sbomPath, accompaniment.sbomPath],
        [made.noticesPath, accompaniment.noticesPath],
      ] as const;
      for (const [one, two] of pairs) expect((await readFile(one)).equals(await readFile(two)), one).toBe(true);
    },
  );

  it('is for every platform: nothing native is in it, nor asked for', async () => {
    expect(bundle.inputs.filter((input) => !/\.(?:[cm]?[jt]s|json)$|^[\w-]+:/.test(input))).toEqual([]);
    expect(await readFile(bundle.path, 'utf8')).not.toMatch(
      /process\.dlopen|\.node["'`]\)|require\(["'`](?:node-gyp-build|bindings)["'`]\)/,
    );
  });

  it('has of the client of Kubernetes what signs in, and none of its APIs', () => {
    // One `import()` in src/ of what leads to it, and esbuild keeps it whole, with all that it needs.
    const client = bundle.inputs.filter((input) => input.includes('/@kubernetes/client-node/dist/'));
    expect(client.length).toBeGreaterThan(0);
    expect(client.filter((input) => /\/(?:gen\/(?:apis|models)\/|index\.js$)/.test(input))).toEqual([]);
  });

  it('has code only of packages whose licences are accepted', () => {
    const licences = made.packages.map(({ name, licence }) => ({ name, licence }));
    expect(licences.filter(({ licence }) => !ACCEPTED_LICENCES.has(licence))).toEqual([]);
    expect(new Set(licences.map(({ licence }) => licence))).toEqual(ACCEPTED_LICENCES);
  });

  it('has no package that only developing takes', () => {
    const onlyForDevelopers = Object.entries(lockfile.packages)
      .filter(([, locked]) => 'dev' in locked)
      .map(([path]) => path.replace(/^node_modules\//, ''));
    const bundled = made.packages.map((each) => each.folder.slice(each.folder.indexOf('/node_modules/') + 14));
    expect(bundled.filter((path) => onlyForDevelopers.includes(path))).toEqual([]);
  });
});

describe('the bill of materials', () => {
  it('lists what is in the bundle, each version once, and nothing else', () => {
    const listed = bill.components.map((each) => `${nameOf(each)}@${each.version}`);
    expect(listed).toEqual(made.packages.map(({ name, version }) => `${name}@${version}`));
    expect(new Set(listed).size).toBe(listed.length);
    expect(listed).toContain(`@azure/identity@${packageJson.dependencies['@azure/identity']}`);
    expect(listed.filter((each) => /^(?:vitest|esbuild|typescript)@/.test(each))).toEqual([]);
  });

  it('names the product by its version', () => {
    expect(bill.metadata.component).toMatchObject({ name: packageJson.name, version: packageJson.version });
  });

  it('has the hash by which npm verified each package', () => {
    const { integrity } = lockfile.packages['node_modules/winston'];
    const winston = bill.components.find(({ name }) => name === 'winston');
    expect(winston?.hashes).toEqual([
      { alg: 'SHA-512', content: Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex') },
    ]);
    expect(bill.components.filter(({ hashes }) => hashes.length !== 1)).toEqual([]);
  });

  it('says who asks for what, and each package is asked for by somebody', () => {
    const known = new Set(bill.components.map((each) => each['bom-ref']));
    const asked = new Set(bill.dependencies.flatMap(({ dependsOn }) => dependsOn));
    expect([...asked].filter((ref) => !known.has(ref))).toEqual([]);
    expect([...known].filter((ref) => !asked.has(ref))).toEqual([]);
    const [product] = bill.dependencies;
    expect(product?.dependsOn).toContain(
      `pkg:npm/%40kubernetes/client-node@${packageJson.dependencies['@kubernetes/client-node']}`,
    );
  });

  it('tells two versions of one package apart, and who uses which', () => {
    const versions = bill.components.filter(({ name }) => name === 'agent-base').map(({ version }) => version);
    expect(versions).toHaveLength(2);
    const users = bill.dependencies.filter(({ dependsOn }) => dependsOn.some((ref) => ref.includes('/agent-base@')));
    expect(users.flatMap(({ dependsOn }) => dependsOn.filter((ref) => ref.includes('/agent-base@')))).toEqual(
      expect.arrayContaining(versions.map((version) => `pkg:npm/agent-base@${version}`)),
    );
  });
});

describe('the notices', () => {
  it('name every package and have the text of its licence', async () => {
    const text = await readFile(made.noticesPath, 'utf8');
    const headings = made.packages.map(({ name, version, licence }) => `\n${name} ${version} (${licence})\n`);
    expect(headings.filter((heading) => !text.includes(heading))).toEqual([]);
    expect(text.match(/Permission is hereby granted/g)?.length).toBeGreaterThan(50);
    expect(text).toContain('TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION');
  });

  it('have the comments that esbuild took out of the sources', async () => {
    expect(bundle.legalComments).toContain('Bundled license information');
    expect(await readFile(made.noticesPath, 'utf8')).toContain(bundle.legalComments.trim());
  });
});

describe('docs/licences.md', () => {
  it('is what `npm run generate` writes', async () => {
    expect(await readFile(join(root, 'docs/licences.md'), 'utf8')).toBe(await licencesPage(made.packages));
  });
});
