import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { isAboutObjects, scriptsOf } from '../../../dev/docs/commands.ts';
import { fencesOf } from '../../../dev/docs/markdown.ts';
import { allPages, ROOT } from '../../../dev/docs/pages.ts';
import { printedTable, rowsOf } from '../../../dev/docs/printed-table.ts';
import { runScript } from '../../../dev/docs/run-script.ts';
import { API_VERSION } from '../../../src/api/types.ts';
import { type Cluster, openCluster } from '../crds/cluster.ts';

/** Every kubectl command of the documentation, as it is printed, on what the pages speak of. No operator is there. */
let cluster: Cluster;
let folder: string;

const READY = {
  type: 'Ready',
  status: 'True',
  lastTransitionTime: '2026-03-01T10:00:00Z',
  reason: 'Assigned',
  message: '',
};
const EXAMPLES = ['01-first-binding.yaml', 'flows/10-assign-another-user-assigned.yaml'];
const PAGES = ['vmssidentitypolicies.md', 'vmssidentityledgers.md'].map((page) => `docs/spec/v1alpha1/${page}`);
/** What is left in the end; namespaces stay, for nobody is there to finish their deletion. */
const APPLIED = [
  'vib/web --namespace=shop',
  'vib/myvmss --namespace=my-team',
  'vip/shop vip/my-team vip/shop-teams',
  'vil/web-6b9f2c1d4e8a7053',
];

beforeAll(async () => {
  cluster = await openCluster();
  folder = await mkdtemp(join(tmpdir(), 'printed-commands-'));
  const pages = new Map((await allPages()).map(({ path, text }) => [path, text]));
  const examples = await Promise.all(EXAMPLES.map((file) => readFile(join(ROOT, 'examples', file), 'utf8')));
  const first = PAGES.map((path) => fencesOf(pages.get(path) ?? '').find(({ language }) => language === 'yaml')!.text);
  // The first page tells to apply it by this name.
  await writeFile(join(folder, 'web.yaml'), examples[0]!);
  await writeFile(join(folder, 'all.yaml'), [...examples, ...first].join('---\n'));
});

beforeEach(async () => {
  await cluster.kubectl('apply', '--server-side', '--force-conflicts', '--filename', join(folder, 'all.yaml'));
  for (const name of ['shop/vmssidentitybindings/web', 'my-team/vmssidentitybindings/myvmss']) {
    // Of whatever spec the commands before have made: kubectl waits for the present one.
    const status = { observedGeneration: 1000, conditions: [READY] };
    await cluster.send('PATCH', `/apis/${API_VERSION}/namespaces/${name}/status`, { status });
  }
});

afterAll(async () => {
  for (const each of APPLIED) await cluster.kubectl('delete', ...each.split(' '), '--ignore-not-found');
  await rm(folder, { recursive: true });
  await cluster.close();
});

const run = (script: string): Promise<string> =>
  runScript(script, {
    kubectl: process.env['VMSS_TEST_KUBECTL'] ?? '',
    kubeconfig: process.env['VMSS_TEST_KUBECONFIG'] ?? '',
    folder,
  });

/** Each script once, with where it stands first. */
const printed = new Map(
  (await allPages())
    .flatMap(scriptsOf)
    .filter((script) => isAboutObjects(script) && script.text.includes('kubectl'))
    .toReversed()
    .map(({ text, where }) => [text, where]),
);

describe('a command of kubectl in the documentation', () => {
  it.each([...printed].map(([script, where]) => [where, script]))('does what it says: %s', async (_, script) => {
    await expect(run(script)).resolves.not.toBe('');
  });

  it('that is wrong is found', async () => {
    await expect(run('kubectl --namespace shop get vib web --outptu wide')).rejects.toThrow('unknown flag');
    await expect(run('kubectl --namespace shop get vib nobody')).rejects.toThrow('not found');
  });
});

describe('what kubectl prints of a policy', () => {
  it('is what its page shows', async () => {
    const page = (await allPages()).find(({ path }) => path === PAGES[0])!;
    const [shown] = printedTable(page);
    const rows = rowsOf(await run('kubectl get vip'));
    expect(rows).toContainEqual({ ...shown, AGE: expect.any(String) as string });
  });
});
