/** The installation, an upgrade and the way back, as the pages print them, word by word. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { needsOperator, scriptsOf } from '../../../dev/docs/commands.ts';
import { allPages } from '../../../dev/docs/pages.ts';
import { API_VERSION, type VmssIdentityBinding } from '../../../src/api/types.ts';
import { wholeIdentityOf } from '../whole-identity.ts';
import { type DocumentationPlace, openDocumentationPlace } from './place.ts';

const SUBSCRIPTION = '/subscriptions/6f6a8c1e-2b7d-4c53-9a10-0d6f5e3b7a21';
const WEB = `${SUBSCRIPTION}/resourceGroups/shop/providers/Microsoft.Compute/virtualMachineScaleSets/web`;
/** What comes and goes by itself: nobody installed it. */
const PASSING = /^(?:events|events\.events\.k8s\.io|leases\.coordination\.k8s\.io|nodes|componentstatuses)$/;
/** What a user of the cluster made, and keeps. */
const SHOP = 'namespace/shop';
const pages = await allPages();

let place: DocumentationPlace;
let before: ReadonlySet<string>;
let ownersIdentity: unknown;
beforeAll(async () => {
  place = await openDocumentationPlace();
  before = await inventory();
  ownersIdentity = wholeIdentityOf(place.azure.state, WEB);
}, 600_000);
afterAll(() => place.close());

/** Every object that the cluster has, by kind and name. */
async function inventory(): Promise<ReadonlySet<string>> {
  const kinds = (await place.run('kubectl api-resources --verbs=list --output=name')).split('\n');
  const asked = kinds.filter((kind) => kind !== '' && !PASSING.test(kind)).join(',');
  const found = await place.run(`kubectl get ${asked} --all-namespaces --output=name --ignore-not-found`);
  return new Set(found.split('\n').filter((line) => line !== ''));
}

const scriptsIn = (path: string, heading?: string): readonly string[] =>
  pages
    .filter((page) => page.path === path)
    .flatMap((page) => scriptsOf(page))
    .filter((script) => heading === undefined || script.heading === heading)
    .filter(
      (script) => needsOperator(script) || script.runBy?.startsWith('test/e2e/documentation/installation') === true,
    )
    .map(({ text }) => text);

async function follow(scripts: readonly string[]): Promise<void> {
  expect(scripts).not.toEqual([]);
  for (const script of scripts) await place.run(script);
}

async function readyOfWeb(): Promise<string | undefined> {
  const web = await place.api.get<VmssIdentityBinding>(`/apis/${API_VERSION}/namespaces/shop/vmssidentitybindings/web`);
  return web?.status.conditions?.find(({ type }) => type === 'Ready')?.status;
}

async function expectNothingLeft(): Promise<void> {
  const left = [...(await inventory())].filter((name) => !before.has(name) && !name.includes(SHOP));
  // Kubernetes puts two into each namespace.
  expect(left.filter((name) => !/^(?:configmap\/kube-root-ca\.crt|serviceaccount\/default)$/.test(name))).toEqual([]);
  expect(wholeIdentityOf(place.azure.state, WEB)).toEqual(ownersIdentity);
  expect(place.node.processes).toBe(0);
}

describe('who follows the documentation', () => {
  it('gets a Ready binding from README.md', async () => {
    await follow(scriptsIn('README.md', 'Install'));
    expect(await readyOfWeb()).toBe('True');
  });

  it('leaves nothing behind with docs/uninstalling.md', async () => {
    await follow(scriptsIn('docs/uninstalling.md', 'Taking everything back'));
    await expectNothingLeft();
  });

  it('gets a Ready binding from docs/installation.md', async () => {
    await follow(scriptsIn('docs/installation.md'));
    expect(await readyOfWeb()).toBe('True');
  });

  it('upgrades with docs/upgrading.md, and nothing is written to Azure for it', async () => {
    const writes = (): number => place.azure.requests().filter(({ method }) => method === 'PATCH').length;
    const sofar = writes();
    await follow(scriptsIn('docs/upgrading.md'));
    expect(await readyOfWeb()).toBe('True');
    expect(writes()).toBe(sofar);
  });

  it('takes all of it back once more', async () => {
    await follow(scriptsIn('docs/uninstalling.md', 'Taking everything back'));
    await expectNothingLeft();
  });
});
