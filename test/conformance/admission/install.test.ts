import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { ensureBinaries } from '../../../dev/control-plane/index.ts';
import { eventually } from '../../../dev/demo/wait.ts';
import { accountManifests, OPERATOR } from '../../../dev/deploy/account.ts';
import { type Manifest, manifestsIn } from '../../../dev/deploy/kustomize.ts';
import { refusal } from '../crds/objects.ts';
import { ALONE, nameOf, rendered } from '../deploy/combinations.ts';
import { type Guarded, openGuarded, type Write } from './guarded-cluster.ts';
import { renderedOver } from './overlay.ts';
import { pageText, run, shown } from './page.ts';
import type { Person } from './people.ts';
import { componentObjects, componentPolicies, denialOf, POLICIES } from './policies.ts';
import { pathTo, storeSubjects } from './subjects.ts';

const NAMESPACE = 'identity-operators';
const BINDING = 'clusterrolebinding/vmss-identity-operator';

/** An overlay has moved the operator into a namespace of the platform team's choice. */
let guarded: Guarded;
beforeAll(async () => {
  guarded = await openGuarded(NAMESPACE);
  await storeSubjects(guarded);
});
afterAll(() => guarded.close());

const writeStatus: Write = {
  method: 'PATCH',
  path: pathTo('served', '/status'),
  body: { status: { observedGeneration: 1, summary: '9/9' } },
};
const changeSpec: Write = { method: 'PATCH', path: pathTo('served'), body: { spec: { suspend: true } } };

const why = async (who: Person, write: Write): Promise<string | undefined> =>
  denialOf(await guarded.send(who, write))?.message;

async function apply(yaml: string): Promise<void> {
  await guarded.kubectl(['apply', '--server-side', '--force-conflicts', '--filename', '-'], yaml);
}

/** As they were installed. */
const installAgain = async (): Promise<void> => {
  await apply(await renderedOver(guarded.kubectl, { namespace: NAMESPACE }));
  await eventually('the rules to be as ever', async () =>
    (await why('tenant', writeStatus))?.startsWith('only the operator'),
  );
};

describe('in another namespace', () => {
  it('the operator is who is there, and nobody of its name elsewhere', async () => {
    expect(await why('operator', writeStatus)).toBeUndefined();
    expect(await why('namesake', writeStatus)).toContain('only the operator writes the status');
  });

  it('the rules are of no namespace, whatever kustomize has written into them', async () => {
    const kinds = 'validatingadmissionpolicies,validatingadmissionpolicybindings';
    const found = await guarded.kubectl(['get', kinds, '--output', 'jsonpath={.items[*].metadata}']);
    expect(found).toContain(POLICIES[0]);
    expect(found).not.toContain('"namespace"');
  });
});

describe('the operator', () => {
  it('may be a user, where it runs outside the cluster', async () => {
    const subject = { apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'tenant' };
    const patch = JSON.stringify([{ op: 'add', path: '/subjects/-', value: subject }]);
    await guarded.kubectl(['patch', BINDING, '--type=json', `--patch=${patch}`]);
    await eventually('the user to be the operator', async () => (await why('tenant', writeStatus)) === undefined);
    expect(await why('operator', writeStatus)).toBeUndefined();
    await installAgain();
  });

  it('that is nobody writes nothing, and nobody else is refused more for it', async () => {
    await guarded.kubectl(['patch', BINDING, '--type=merge', '--patch={"subjects":null}']);
    await eventually(
      'nobody to be the operator',
      async () => (await guarded.send('operator', writeStatus)).code === 403,
    );
    expect(await why('tenant', writeStatus)).toContain('only the operator');
    expect(await why('tenant', changeSpec)).toBeUndefined();
    await installAgain();
  });

  it('without its ClusterRoleBinding is nobody whom the rules can know: they refuse all but deletions, and say why', async () => {
    await guarded.kubectl(['delete', BINDING]);
    await eventually('the rules to know nobody', async () => {
      return refusal(await guarded.send('tenant', changeSpec))
        .join()
        .includes('no params found');
    });
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', dryRun: ['All'] };
    expect(await why('tenant', { method: 'DELETE', path: pathTo('served'), body })).toBeUndefined();
    await installAgain();
  });
});

describe('every overlay', () => {
  it.each(ALONE.map((combination) => [nameOf(combination), combination] as const))(
    'has the rules, and the ClusterRoleBinding in which they find the operator: %s',
    async (_, combination) => {
      const { kubectl } = await ensureBinaries(['kubectl']);
      const manifests = manifestsIn(await rendered(kubectl, combination));
      const { bindings } = accountManifests(manifests, OPERATOR);
      const found = bindings.filter(({ kind }) => kind === 'ClusterRoleBinding').map(({ metadata }) => metadata.name);
      const rules = manifests.filter((each): each is Installed => each.kind === 'ValidatingAdmissionPolicyBinding');
      expect(rules.map(({ spec }) => spec.policyName).toSorted()).toEqual(POLICIES.toSorted());
      for (const { spec } of rules) expect(found).toContain(spec.paramRef.name);
    },
  );
});

describe('the component', () => {
  it('has for each rule that refuses a binding of its name, in which the operator is found', async () => {
    const objects = await componentObjects();
    for (const name of POLICIES) {
      expect(objects.filter(({ metadata }) => metadata.name === name)).toMatchObject([
        { kind: 'ValidatingAdmissionPolicy', spec: { failurePolicy: 'Fail' } },
        {
          kind: 'ValidatingAdmissionPolicyBinding',
          spec: {
            policyName: name,
            paramRef: { name: 'vmss-identity-operator', parameterNotFoundAction: 'Deny' },
            validationActions: ['Deny'],
          },
        },
      ]);
    }
  });

  it('says who the operator is in the same words in all rules', async () => {
    const words = (await componentPolicies()).map(({ spec }) => JSON.stringify([spec.paramKind, spec.matchConditions]));
    expect(new Set(words).size).toBe(1);
    expect(words).toHaveLength(POLICIES.length);
  });
});

describe('the page about it', () => {
  it('has commands that do what it says', async () => {
    const scripts = await shown('sh');
    expect(scripts.length).toBeGreaterThan(1);
    for (const script of scripts) expect(await run(guarded, script)).not.toBe('');
  });

  it('shows how the right is given, and nobody else has it then', async () => {
    const [grant = ''] = await shown('yaml');
    await guarded.kubectl(['create', 'namespace', 'shop']);
    const mayAbandon = (who: string, what: string): Promise<string> =>
      guarded
        .kubectl(['auth', 'can-i', 'abandon', what, '--namespace=shop', `--as=${who}`])
        .then((answer) => answer.trim())
        .catch(() => 'no');
    expect(await mayAbandon('jane', 'vib/web')).toBe('no');
    await guarded.kubectl(['apply', '--server-side', '--validate=strict', '--filename=-'], grant);
    await eventually('the right to be there', async () => (await mayAbandon('jane', 'vib/web')) === 'yes');
    expect(await mayAbandon('tenant', 'vib/web')).toBe('no');
    expect(await mayAbandon('jane', 'vil')).toBe('no');
  });

  it('shows how they only warn, and what is let through is told', async () => {
    const [, kustomization = ''] = await shown('yaml');
    const { resources, ...overlay } = parse(kustomization) as { readonly resources: readonly string[] };
    expect(resources).toEqual(['../base']);
    await apply(await renderedOver(guarded.kubectl, { ...overlay, namespace: NAMESPACE }));
    await eventually('the rules to let it through', async () => (await why('tenant', writeStatus)) === undefined);
    const { warnings } = await guarded.send('tenant', writeStatus);
    expect(warnings.join()).toContain('only the operator writes the status of a binding');
    await installAgain();
  });

  it('names a metric that counts what is refused', async () => {
    const [, name = '', label = ''] = /`(apiserver_\w+)\{(.+)\}`/.exec(await pageText()) ?? [];
    const lines = (await guarded.kubectl(['get', '--raw=/metrics'])).split('\n');
    expect(lines.filter((line) => line.startsWith(`${name}{`) && line.includes(label))).not.toEqual([]);
  });
});

interface Installed extends Manifest {
  readonly spec: { readonly policyName: string; readonly paramRef: { readonly name: string } };
}
