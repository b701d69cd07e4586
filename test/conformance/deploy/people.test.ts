/** What people may do by the roles of `deploy/base`, once the real kube-controller-manager has aggregated them. */
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../../../dev/demo/wait.ts';
import { DEPLOY } from '../../../dev/deploy/kustomize.ts';
import { scaleSetId } from '../crds/objects.ts';
import { type Asked, type Installed, openInstalled } from './installed.ts';

const SHOP = '--namespace=shop';
const GROUP = 'vmss-identity.dev';
const IN_SHOP = { resource: 'vmssidentitybindings', namespace: 'shop' };
const READ = ['get', 'list', 'watch'];
const WRITE = ['create', 'update', 'patch', 'delete', 'deletecollection'];
const VERBS = [...READ, ...WRITE, 'abandon'];

let cluster: Installed;
beforeAll(async () => {
  cluster = await openInstalled({ controllerManager: true });
  await cluster.kubectl(['apply', '--server-side', '-f', join(DEPLOY, 'install.yaml')]);
  for (const namespace of ['shop', 'bank']) await cluster.kubectl(['create', 'namespace', namespace]);
  for (const role of ['view', 'edit', 'admin']) {
    await cluster.kubectl(['create', 'rolebinding', role, SHOP, `--clusterrole=${role}`, `--user=${role}`]);
  }
  const platform = ['create', 'clusterrolebinding', 'platform', '--clusterrole=vmss-identity-platform'];
  await cluster.kubectl([...platform, '--user=platform']);
  // What comes last, and has to come through every role.
  await eventually('the roles to be aggregated', async () => {
    return (await verbsOf('admin', IN_SHOP)).length === VERBS.length;
  });
});
afterAll(() => cluster.close());

/** Which of all verbs the user may. */
async function verbsOf(user: string, about: Omit<Asked, 'verb'>): Promise<readonly string[]> {
  const asked = VERBS.map((verb) => ({ verb, group: GROUP, ...about }));
  const allowed = await cluster.mayDo(user, asked);
  return VERBS.filter((_, index) => allowed[index]);
}

describe('who may', () => {
  it.each([
    ['view', READ],
    ['edit', [...READ, ...WRITE]],
    ['admin', [...READ, ...WRITE, 'abandon']],
  ])('%s a namespace may do the same with its bindings, and with no others', async (user, expected) => {
    expect(await verbsOf(user, IN_SHOP)).toEqual(expected);
    expect(await verbsOf(user, { ...IN_SHOP, namespace: 'bank' })).toEqual([]);
  });

  it.each(['view', 'edit', 'admin'])(
    '%s a namespace has no right on policies, ledgers, or to write a status',
    async (user) => {
      expect(await verbsOf(user, { resource: 'vmssidentitypolicies' })).toEqual([]);
      expect(await verbsOf(user, { resource: 'vmssidentityledgers' })).toEqual([]);
      const status = await verbsOf(user, { ...IN_SHOP, subresource: 'status' });
      expect(status).toEqual(READ);
    },
  );

  it('is of the platform team writes policies, and reads ledgers and everybody’s bindings', async () => {
    expect(await verbsOf('platform', { resource: 'vmssidentitypolicies' })).toEqual([...READ, ...WRITE]);
    expect(await verbsOf('platform', { resource: 'vmssidentityledgers' })).toEqual(READ);
    expect(await verbsOf('platform', IN_SHOP)).toEqual(READ);
  });
});

describe('the quota on bindings', () => {
  const LIMIT = 20;
  const create = (index: number, namespace: string): Promise<string> => {
    const metadata = { name: `binding-${String(index)}`, namespace };
    const spec = { scaleSet: { resourceId: scaleSetId(`web-${String(index)}`) }, systemAssigned: 'Enabled' };
    const object = { apiVersion: `${GROUP}/v1alpha1`, kind: 'VmssIdentityBinding', metadata, spec };
    return cluster.refusalOf(['create', '-f', '-'], JSON.stringify(object));
  };

  it('has a namespace have as many and no more, says so, and leaves others alone', async () => {
    const recipe = join(DEPLOY, 'recipes/binding-quota.yaml');
    await cluster.kubectl(['apply', '--server-side', '--validate=strict', SHOP, '-f', recipe]);
    // Until the controller has counted, and admission has heard of it, nothing is let in.
    await eventually('the quota to be counted', async () => (await create(0, 'shop')) === '');

    for (let index = 1; index < LIMIT; index += 1) expect(await create(index, 'shop')).toBe('');
    const refusal = await create(LIMIT, 'shop');

    expect(refusal).toContain('forbidden: exceeded quota: vmss-identity-bindings');
    expect(refusal).toContain(`limited: count/vmssidentitybindings.vmss-identity.dev=${String(LIMIT)}`);
    expect(await create(LIMIT, 'bank')).toBe('');
  });
});
