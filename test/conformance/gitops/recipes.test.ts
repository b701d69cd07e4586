import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { type ControlPlane, ensureBinaries, startControlPlane } from '../../../dev/control-plane/index.ts';
import { eventually } from '../../../dev/demo/wait.ts';
import { type Script, scriptsOf } from '../../../dev/docs/commands.ts';
import { allPages, ROOT } from '../../../dev/docs/pages.ts';
import { runScript } from '../../../dev/docs/run-script.ts';

/**
 * Every command of docs/gitops.md and docs/alerts.md, as it is printed. No operator is there: its manifests are, and a
 * binding with the status that each needs. The control plane is its own, for names are those of the pages.
 */
/** Admission lets nobody else write a status; kubectl reads it first, which the operator need not. */
const OPERATOR = 'system:serviceaccount:vmss-identity-system:vmss-identity-operator';
const TIME = '2026-03-01T10:00:00Z';

const condition = (type: string, status: string, reason: string): object => ({
  type,
  status,
  observedGeneration: 1,
  lastTransitionTime: TIME,
  reason,
  message: `It is ${reason}.`,
});
const READY = [condition('Ready', 'True', 'Assigned')];
const STALLED = [condition('Ready', 'False', 'Conflict'), condition('Stalled', 'True', 'Conflict')];

let controlPlane: ControlPlane;
let folder: string;
let binary: string;

const kubectl = async (...args: readonly string[]): Promise<string> => (await controlPlane.kubectl(args)).stdout;

const run = (script: string): Promise<string> =>
  runScript(script, { kubectl: binary, kubeconfig: controlPlane.kubeconfigPath, folder });

const pages = await allPages();
const scriptsIn = (page: string): readonly Script[] => pages.filter(({ path }) => path === page).flatMap(scriptsOf);

async function bindingIs(conditions: readonly object[]): Promise<void> {
  await kubectl(
    'apply',
    '--server-side',
    '--force-conflicts',
    '--filename',
    join(ROOT, 'examples/01-first-binding.yaml'),
  );
  const patch = JSON.stringify({ status: { observedGeneration: 1, conditions } });
  const status = ['patch', 'vib/web', '--namespace=shop', '--subresource=status', '--type=merge', '--patch', patch];
  await kubectl(...status, '--as', OPERATOR, '--as-group', 'system:masters');
}

beforeAll(async () => {
  controlPlane = await startControlPlane();
  folder = await mkdtemp(join(tmpdir(), 'recipes-'));
  ({ kubectl: binary } = await ensureBinaries(['kubectl']));
  await symlink(join(ROOT, 'deploy'), join(folder, 'deploy'));
  await kubectl('apply', '--server-side', '--filename', join(ROOT, 'crds'));
  await eventually('bindings to be served', async () => {
    await kubectl('get', 'vib');
    return true;
  });
  await kubectl('apply', '--server-side', '--kustomize', join(ROOT, 'deploy/base'));
  await kubectl('create', 'namespace', 'argocd');
  await kubectl('create', 'configmap', 'argocd-cm', '--namespace=argocd', '--from-literal=url=https://cd.example.com');
});
afterAll(async () => {
  await controlPlane.stop();
  await rm(folder, { recursive: true, force: true });
});

const ofAlerts = scriptsIn('docs/alerts.md').map(({ heading, text }) => [heading, text] as const);
const recipes = scriptsIn('docs/gitops.md');
const recipe = (heading: string): readonly string[] =>
  recipes.filter((each) => each.heading === heading).map(({ text }) => text);

describe('what docs/alerts.md tells to ask', () => {
  beforeAll(() => bindingIs(STALLED));

  it.each(ofAlerts)('is answered: %s', async (_, script) => {
    for (const command of script.trim().split('\n')) await expect(run(command), command).resolves.toBeDefined();
  });

  it('that is wrong is found', async () => {
    await expect(run('kubectl get vib --outptu wide')).rejects.toThrow('unknown flag');
    await expect(run('kubectl auth can-i delete nodes --as nobody')).rejects.toThrow();
  });
});

describe('the recipes of docs/gitops.md', () => {
  const tried = ['Until it is ready', 'Until it has failed', 'Until either is the case', 'Until it is gone', 'Argo CD'];
  beforeEach(() => bindingIs(READY));

  it('are all tried here', () => {
    expect([...new Set(recipes.map(({ heading }) => heading))].toSorted()).toEqual(tried.toSorted());
  });

  it('wait for a binding that is ready', async () => {
    for (const script of recipe('Until it is ready')) expect(await run(script)).toContain('condition met');
  });

  it('do not take a binding for ready that is so for an older spec', async () => {
    await kubectl('patch', 'vib/web', '--namespace=shop', '--type=merge', '--patch', '{"spec":{"mode":"Exclusive"}}');
    const [first = ''] = recipe('Until it is ready');
    await expect(run(first.replaceAll('10m', '2s'))).rejects.toThrow('timed out');
    await kubectl('delete', 'vib/web', '--namespace=shop');
  });

  it('wait for one that has failed, and tell why', async () => {
    await bindingIs(STALLED);
    const [script = ''] = recipe('Until it has failed');
    expect(await run(script)).toMatch(/condition met\nIt is Conflict\.$/);
  });

  it('end well with the first of both when it is ready, and badly when it has failed', async () => {
    const [script = ''] = recipe('Until either is the case');
    expect(await run(script)).toContain('condition met');
    await bindingIs(STALLED);
    await expect(run(script)).rejects.toThrow();
  });

  it('wait for bindings that go', async () => {
    for (const script of recipe('Until it is gone')) {
      await bindingIs(READY);
      expect(await run(script)).toContain('deleted');
      expect(await kubectl('get', 'vib', '--all-namespaces', '--output=name')).toBe('');
    }
  });

  it('install the health script into argocd-cm, beside what is there', async () => {
    const [script = ''] = recipe('Argo CD');
    await run(script);
    const data = await kubectl('get', 'configmap', 'argocd-cm', '--namespace=argocd', '--output=jsonpath={.data}');
    expect(Object.keys(JSON.parse(data) as object).toSorted()).toEqual([
      'resource.customizations.health.vmss-identity.dev_VmssIdentityBinding',
      'url',
    ]);
  });
});
