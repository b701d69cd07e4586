import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';

import { fencesOf } from '../../../dev/docs/markdown.ts';
import { ROOT } from '../../../dev/docs/pages.ts';
import { MODULES } from '../../../dev/go-tools/modules.ts';
import { COMPONENT } from '../../../dev/monitoring/alerts.ts';
import { type Definition, type ForeignCluster, openClusterWith } from '../gitops/foreign-kinds.ts';

/** Kinds of Prometheus' operator, by its own definitions. */
const DEFINITIONS: readonly Definition[] = ['servicemonitors', 'prometheusrules'].map((plural) => ({
  module: MODULES.prometheusOperator,
  file: `example/prometheus-operator-crd/monitoring.coreos.com_${plural}.yaml`,
  resource: `${plural}.monitoring.coreos.com`,
}));

const NAMESPACE = join(ROOT, 'deploy/base/namespace.yaml');

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec?: object;
  readonly data?: Readonly<Record<string, string>>;
}
interface Ports {
  readonly selector: Readonly<Record<string, string>>;
  readonly ports: readonly { readonly name: string; readonly targetPort: string }[];
}

let cluster: ForeignCluster;
let folder: string;
let made: readonly Manifest[];

const ofKind = (kind: string): Manifest =>
  made.find((each) => each.kind === kind && each.metadata.name.startsWith('vmss-'))!;

beforeAll(async () => {
  cluster = await openClusterWith(DEFINITIONS);
  await cluster.kubectl('apply', '--server-side', '--force-conflicts', '--filename', NAMESPACE);
  // As docs/alerts.md shows it: a kustomization two folders below the root.
  const parent = join(ROOT, 'coverage');
  await mkdir(parent, { recursive: true });
  folder = await mkdtemp(join(parent, 'component-'));
  const page = await readFile(join(ROOT, 'docs/alerts.md'), 'utf8');
  const shown = fencesOf(page).find(({ language }) => language === 'yaml')!;
  await writeFile(join(folder, 'kustomization.yaml'), shown.text);
  const documents = parseAllDocuments(await cluster.kubectl('kustomize', folder));
  made = documents.map((document) => document.toJS() as Manifest);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await cluster.close();
});

describe('the component for monitoring', () => {
  it('is where docs/alerts.md says', () => {
    expect(relative(ROOT, COMPONENT)).toBe('deploy/components/monitoring');
  });

  it('is taken by the API server under strict validation, by the definitions of Prometheus’ operator', async () => {
    expect(await cluster.refusals('--kustomize', folder)).toBe('');
  });

  it('has a ServiceMonitor that selects the Service, and a port that it has', () => {
    const { selector, endpoints } = ofKind('ServiceMonitor').spec as {
      readonly selector: { readonly matchLabels: object };
      readonly endpoints: readonly { readonly port: string }[];
    };
    const service = ofKind('Service');
    expect(service.metadata.labels).toMatchObject(selector.matchLabels);
    expect((service.spec as Ports).ports.map(({ name }) => name)).toEqual(endpoints.map(({ port }) => port));
  });

  it('gives the job of all that is scraped the name that the dashboard asks for', () => {
    const { jobLabel } = ofKind('ServiceMonitor').spec as { readonly jobLabel: string };
    expect(ofKind('Service').metadata.labels[jobLabel]).toBe('vmss-identity-operator');
  });

  it('has a Service that selects the pods of the operator, and a port that they have', () => {
    const { template } = ofKind('Deployment').spec as {
      readonly template: {
        readonly metadata: { readonly labels: object };
        readonly spec: { readonly containers: readonly { readonly ports: readonly { readonly name: string }[] }[] };
      };
    };
    const { selector, ports } = ofKind('Service').spec as Ports;
    expect(template.metadata.labels).toMatchObject(selector);
    const names = template.spec.containers.flatMap((container) => container.ports.map(({ name }) => name));
    expect(names).toEqual(expect.arrayContaining(ports.map(({ targetPort }) => targetPort)));
  });

  it('has the dashboard under the label that Grafana’s sidecar looks for', async () => {
    const { metadata, data = {} } = ofKind('ConfigMap');
    expect(metadata.labels).toMatchObject({ grafana_dashboard: '1' });
    const dashboard = await readFile(join(COMPONENT, 'dashboard.json'), 'utf8');
    expect(data).toEqual({ 'vmss-identity-operator.json': dashboard });
  });
});

describe('a mistake in it', () => {
  it('is found', async () => {
    const text = await readFile(join(COMPONENT, 'service-monitor.yaml'), 'utf8');
    const path = join(folder, 'wrong.yaml');
    await writeFile(path, text.replace('interval:', 'intervall:'));
    expect(await cluster.refusals('--filename', path)).toContain('spec.endpoints[0].intervall');
  });
});
