import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { importRules } from '../../../dev/checks/import-rules.ts';
import { checkImports } from '../../../dev/checks/imports.ts';

type Tree = Readonly<Record<string, string>>;

/** A tree that keeps every rule, with one file in each place that a planted import points at. */
const cleanTree: Tree = {
  'package.json': '{ "type": "module" }',
  'node_modules/@azure/identity/package.json': '{ "name": "@azure/identity", "main": "index.js" }',
  'node_modules/@azure/identity/index.js': '',
  'node_modules/@kubernetes/client-node/package.json': '{ "name": "@kubernetes/client-node", "main": "index.js" }',
  'node_modules/@kubernetes/client-node/index.js': '',
  'node_modules/yaml/package.json': '{ "name": "yaml", "main": "index.js" }',
  'node_modules/yaml/index.js': '',
  'src/api/types.ts': 'export interface Binding { readonly name: string }',
  'src/identity/plan.ts': "import type { Binding } from '../api/types.ts';\nexport type Plan = Binding;",
  'src/azure/client.ts': "import '@azure/identity';\nexport const client = 1;",
  'src/kube/client.ts': "import '@kubernetes/client-node';\nexport const client = 1;",
  'src/telemetry/logger.ts': 'export interface Logger { readonly name: string }\nexport const logger = 1;',
  'src/runtime/queue.ts': "import type { Logger } from '../telemetry/logger.ts';\nexport type Queue = Logger;",
  'src/main.ts': "import { client } from './azure/client.ts';\nexport const main = client;",
  'dev/demo/main.ts': "import { main } from '../../src/main.ts';\nexport const demo = main;",
  'test/unit/main.test.ts': "import { demo } from '../../dev/demo/main.ts';\nexport const test = demo;",
};

interface Plant {
  readonly name: string;
  readonly rule: string;
  readonly files: Tree;
}

const plants: readonly Plant[] = [
  {
    name: 'a Node module in the domain',
    rule: 'domain-is-pure',
    files: { 'src/identity/bad.ts': "import 'node:fs';" },
  },
  {
    name: 'a package in the domain',
    rule: 'domain-is-pure',
    files: { 'src/api/bad.ts': "import 'yaml';" },
  },
  {
    name: "another layer's type in the domain",
    rule: 'domain-is-pure',
    files: { 'src/identity/bad.ts': "import type { Logger } from '../telemetry/logger.ts';\nexport type L = Logger;" },
  },
  {
    name: 'an Azure SDK outside azure/',
    rule: 'only-azure-knows-azure',
    files: { 'src/reconcile/bad.ts': "import '@azure/identity';" },
  },
  {
    name: "an Azure SDK's type outside azure/",
    rule: 'only-azure-knows-azure',
    files: { 'src/main-bad.ts': "import type { X } from '@azure/identity';\nexport type Y = X;" },
  },
  {
    name: 'an Azure SDK that is not installed',
    rule: 'only-azure-knows-azure',
    files: { 'src/kube/bad.ts': "export * from '@azure/absent';" },
  },
  {
    name: 'azure/ in reconcile/',
    rule: 'azure-behind-its-port',
    files: { 'src/reconcile/bad.ts': "import { client } from '../azure/client.ts';\nexport const bad = client;" },
  },
  {
    name: "a type of azure/'s in telemetry/",
    rule: 'azure-behind-its-port',
    files: {
      'src/telemetry/bad.ts': "import type { client } from '../azure/client.ts';\nexport type B = typeof client;",
    },
  },
  {
    name: 'the names of HTTP statuses in reconcile/',
    rule: 'reconcile-speaks-no-http',
    files: { 'src/reconcile/bad.ts': "import { STATUS_CODES } from 'node:http';\nexport const bad = STATUS_CODES;" },
  },
  {
    name: 'kube/ in check/',
    rule: 'check-asks-by-ports',
    files: { 'src/check/bad.ts': "import { client } from '../kube/client.ts';\nexport const bad = client;" },
  },
  {
    name: 'the Kubernetes client outside kube/',
    rule: 'only-kube-knows-kubernetes',
    files: { 'src/azure/bad.ts': "export const bad = import('@kubernetes/client-node');" },
  },
  {
    name: 'a kind in runtime/',
    rule: 'runtime-knows-no-kind',
    files: { 'src/runtime/bad.ts': "import type { Binding } from '../api/types.ts';\nexport type B = Binding;" },
  },
  {
    name: 'a file at the top of src/ in runtime/',
    rule: 'runtime-knows-no-kind',
    files: {
      'src/config.ts': 'export interface Config { readonly name: string }',
      'src/runtime/bad.ts': "import type { Config } from '../config.ts';\nexport type C = Config;",
    },
  },
  {
    name: "telemetry's code in runtime/",
    rule: 'runtime-knows-telemetry-by-type',
    files: { 'src/runtime/bad.ts': "import { logger } from '../telemetry/logger.ts';\nexport const bad = logger;" },
  },
  {
    name: 'dev/ in src/',
    rule: 'product-stands-alone',
    files: { 'src/bad.ts': "import { demo } from '../dev/demo/main.ts';\nexport const bad = demo;" },
  },
  {
    name: 'test/ in src/',
    rule: 'product-stands-alone',
    files: { 'src/bad.ts': "export { test } from '../test/unit/main.test.ts';" },
  },
  {
    name: 'a circle of two files',
    rule: 'no-cycle',
    files: {
      'src/kube/one.ts': "import { two } from './two.ts';\nexport const one = (): unknown => two;",
      'src/kube/two.ts': "import { one } from './one.ts';\nexport const two = (): unknown => one;",
    },
  },
  {
    name: 'an import of nothing',
    rule: 'resolvable',
    files: { 'test/unit/bad.test.ts': "import './absent.ts';" },
  },
];

describe('the import rules', () => {
  let baseDir: string;

  const write = async (tree: Tree): Promise<void> => {
    for (const [path, text] of Object.entries(tree)) {
      await mkdir(dirname(join(baseDir, path)), { recursive: true });
      await writeFile(join(baseDir, path), text);
    }
  };

  beforeEach(async () => {
    baseDir = await mkdtemp(join(tmpdir(), 'imports-'));
    await write(cleanTree);
  });

  afterEach(async () => {
    await rm(baseDir, { recursive: true });
  });

  it('find nothing in a tree that keeps them', async () => {
    expect(await checkImports(baseDir)).toEqual({ fileCount: 9, violations: [] });
  });

  it.each(plants)('find $name ($rule)', async ({ rule, files }) => {
    await write(files);
    const { violations } = await checkImports(baseDir);
    expect(violations.map((violation) => violation.rule)).toContain(rule);
    expect(Object.keys(files)).toContain(violations[0]?.from);
  });

  it('have a planted violation each', () => {
    expect(new Set(plants.map(({ rule }) => rule))).toEqual(new Set(importRules.map(({ name }) => name)));
  });

  it('look at the files of this repository', async () => {
    const { fileCount } = await checkImports(join(import.meta.dirname, '../../..'));
    expect(fileCount).toBeGreaterThan(0);
  });

  it('report no file for an empty tree, so that an idle check cannot pass for a clean one', async () => {
    await rm(baseDir, { recursive: true });
    await mkdir(join(baseDir, 'src'), { recursive: true });
    expect((await checkImports(baseDir)).fileCount).toBe(0);
  });
});
