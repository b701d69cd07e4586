/** What overlays and components set: flags and variables that the operator takes, and rights and doors that go with them. */
import { beforeAll, describe, expect, it } from 'vitest';

import { ensureBinaries } from '../../../dev/control-plane/index.ts';
import { accountManifests, OPERATOR, type Role } from '../../../dev/deploy/account.ts';
import { type Manifest, manifestsIn } from '../../../dev/deploy/kustomize.ts';
import { rightsGiven } from '../../../dev/deploy/rights.ts';
import { type Config, parseConfig } from '../../../src/config.ts';
import { clouds } from '../../../src/config/clouds.ts';
import { ALONE, nameOf, type PodTemplate, podTemplateIn, rendered } from './combinations.ts';

let kubectl: string;
beforeAll(async () => {
  ({ kubectl } = await ensureBinaries(['kubectl']));
});

const yamlOf = (folder: string, ...components: readonly string[]): Promise<string> =>
  rendered(kubectl, { folder, components });

/** What the workload identity webhook gives to the pods that are labelled for it; what is set already stays. */
const WEBHOOK = {
  AZURE_CLIENT_ID: '00000000-0000-0000-0000-000000000000',
  AZURE_TENANT_ID: '00000000-0000-0000-0000-000000000000',
  AZURE_FEDERATED_TOKEN_FILE: '/var/run/secrets/azure/tokens/azure-identity-token',
};

function environmentOf({ metadata, spec }: PodTemplate): Readonly<Record<string, string>> {
  const own = Object.fromEntries((spec.containers[0].env ?? []).map(({ name, value }) => [name, value]));
  return metadata.labels['azure.workload.identity/use'] === 'true' ? { ...WEBHOOK, ...own } : own;
}

/** What the operator makes of what it is started with. */
function configOf(template: PodTemplate): Config {
  const parsed = parseConfig(template.spec.containers[0].args ?? [], environmentOf(template));
  if (parsed.kind !== 'config') throw new Error(JSON.stringify(parsed));
  return parsed.config;
}

const configIn = async (folder: string): Promise<Config> => configOf(podTemplateIn(await yamlOf(folder)));

describe('the flags and variables of the manifests', () => {
  it.each(ALONE.map((combination) => [nameOf(combination), combination] as const))(
    'are taken by the operator, and listen where the Deployment says: %s',
    async (_, combination) => {
      const template = podTemplateIn(await rendered(kubectl, combination));
      expect(configOf(template).listen).toEqual({ host: '0.0.0.0', port: 8080 });
      expect(template.spec.containers[0].ports).toEqual([{ name: 'http', containerPort: 8080 }]);
    },
  );

  it('of dev write nothing to Azure, and a log for people', async () => {
    const { readOnly, logLevel, logFormat } = await configIn('overlays/dev');
    expect({ readOnly, logLevel, logFormat }).toEqual({ readOnly: true, logLevel: 'debug', logFormat: 'human' });
  });

  it('of managed-identity sign in with the identity of the node that they name, and without the webhook', async () => {
    const yaml = await yamlOf('overlays/managed-identity');
    expect((await configIn('overlays/managed-identity')).azure.credential).toEqual({
      kind: 'managed-identity',
      clientId: '00000000-0000-0000-0000-000000000000',
    });
    expect(yaml).not.toContain('azure.workload.identity');
  });
});

describe('a token of the Deployment’s own', () => {
  it.each([
    ['base', 'public', 'api://AzureADTokenExchange'],
    ['overlays/usgov', 'usgov', 'api://AzureADTokenExchangeUSGov'],
    ['overlays/china', 'china', 'api://AzureADTokenExchangeChina'],
  ] as const)('in %s is for the cloud %s, and lies where the operator reads it', async (folder, cloud, audience) => {
    const components = folder === 'base' ? ['components/projected-token'] : [];
    const template = podTemplateIn(await yamlOf(folder, ...components));
    const { azure } = configOf(template);
    expect(azure).toMatchObject({ cloud, armEndpoint: clouds[cloud].armEndpoint });
    const [mount] = template.spec.containers[0].volumeMounts ?? [];
    const volume = template.spec.volumes?.find(({ name }) => name === mount?.name);
    const [source] = volume?.projected.sources ?? [];
    expect(source?.serviceAccountToken.audience).toBe(audience);
    const path = `${mount?.mountPath ?? ''}/${source?.serviceAccountToken.path ?? ''}`;
    expect(azure.credential).toMatchObject({ kind: 'workload-identity', tokenFile: path });
  });
});

describe('shards', () => {
  it('have a right to the Leases of as many as are asked for, and to no others', async () => {
    const { shards } = await configIn('overlays/shards');
    const { roles } = accountManifests(manifestsIn(await yamlOf('overlays/shards')), OPERATOR);
    expect(shards).toBeGreaterThan(1);
    expect(roles.flatMap(({ rules }) => rules).flatMap(({ resourceNames = [] }) => resourceNames)).toEqual([
      'vmss-identity-operator',
      ...Array.from({ length: shards }, (_, shard) => `vmss-identity-operator-${String(shards)}-${String(shard)}`),
    ]);
  });
});

describe('an operator of a single namespace', () => {
  const rolesIn = async (folder: string): Promise<readonly Role[]> =>
    accountManifests(manifestsIn(await yamlOf(folder)), OPERATOR).roles;

  it('has the rights of one that serves all, no more and no less', async () => {
    const [single, all] = await Promise.all(['overlays/single-namespace', 'base'].map(rolesIn));
    const sorted = (roles: readonly Role[] = []): readonly string[] =>
      rightsGiven(roles)
        .map((right) => JSON.stringify(right))
        .toSorted();
    expect(sorted(single)).toEqual(sorted(all));
  });

  it('has those on bindings in that namespace alone, and those on events where it tells them', async () => {
    const { watchNamespaces } = await configIn('overlays/single-namespace');
    const roles = await rolesIn('overlays/single-namespace');
    const placesOf = (resource: string): readonly (string | undefined)[] =>
      roles
        .filter(({ rules }) => rules.some(({ resources }) => resources.includes(resource)))
        .map(({ metadata }) => metadata.namespace);
    expect(placesOf('vmssidentitybindings')).toEqual(watchNamespaces);
    expect(placesOf('vmssidentitybindings/status')).toEqual(watchNamespaces);
    expect(placesOf('events').toSorted()).toEqual(
      ['default', ...(watchNamespaces ?? []), OPERATOR.namespace].toSorted(),
    );
  });
});

interface Peer {
  readonly ipBlock?: { readonly cidr: string };
}

interface NetworkPolicy extends Manifest {
  readonly spec: {
    readonly podSelector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly ingress: readonly { readonly ports: readonly { readonly port: string | number }[] }[];
    readonly egress: readonly { readonly to?: readonly Peer[]; readonly ports: readonly { readonly port: number }[] }[];
  };
}

describe('the network policy', () => {
  const policyOf = async (folder: string, component: string) => {
    const yaml = await yamlOf(folder, component);
    const isPolicy = (each: Manifest): each is NetworkPolicy => each.kind === 'NetworkPolicy';
    const [policy, ...others] = manifestsIn(yaml).filter(isPolicy);
    expect(others).toEqual([]);
    return { policy: policy!.spec, template: podTemplateIn(yaml) };
  };
  /** Where a rule names no address, all are meant. */
  const doorsOf = ({ egress }: NetworkPolicy['spec']): readonly string[] =>
    egress.flatMap(({ to = [{}], ports }) =>
      to.flatMap(({ ipBlock }) => ports.map(({ port }) => `${ipBlock?.cidr ?? 'anywhere'}:${String(port)}`)),
    );

  it('is about the operator’s pods, and lets others in by the port that they serve', async () => {
    const { policy, template } = await policyOf('base', 'components/network-policy');
    expect(template.metadata.labels).toMatchObject(policy.podSelector.matchLabels);
    const served = template.spec.containers[0].ports.map(({ name }) => name);
    expect(policy.ingress.flatMap(({ ports }) => ports.map(({ port }) => port))).toEqual(served);
  });

  it('lets them out to names, the API server and Azure, and not to the metadata service of the node', async () => {
    const { policy } = await policyOf('base', 'components/network-policy');
    const doors = ['anywhere:53', 'anywhere:53', 'anywhere:443', 'anywhere:6443'];
    expect(doorsOf(policy)).toEqual(doors);
    const { policy: ofNode } = await policyOf(
      'overlays/managed-identity',
      'components/network-policy-managed-identity',
    );
    expect(doorsOf(ofNode)).toEqual([...doors, '169.254.169.254/32:80']);
  });
});
