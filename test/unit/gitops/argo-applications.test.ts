import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';

import { ROOT } from '../../../dev/docs/pages.ts';

interface Application {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly annotations: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
  };
  readonly spec: {
    readonly source: { readonly repoURL: string; readonly path: string };
    readonly syncPolicy: { readonly automated: { readonly prune: boolean }; readonly syncOptions: readonly string[] };
  };
}

/**
 * The fields that the examples may use, as Argo CD's documentation of an Application has them (its definition comes in a
 * module of 58 MB, which is too much to download for this).
 */
const FIELDS = new Set([
  'project',
  'source.repoURL',
  'source.targetRevision',
  'source.path',
  'destination.server',
  'destination.namespace',
  'syncPolicy.automated.prune',
  'syncPolicy.automated.selfHeal',
  'syncPolicy.syncOptions',
  'syncPolicy.retry.limit',
  'syncPolicy.retry.backoff.duration',
  'syncPolicy.retry.backoff.factor',
  'syncPolicy.retry.backoff.maxDuration',
]);
const OPTIONS = new Set(['ServerSideApply=true', 'PruneLast=true', 'SkipDryRunOnMissingResource=true']);
const WAVE = 'argocd.argoproj.io/sync-wave';
const CASCADE = 'resources-finalizer.argocd.argoproj.io';

const text = await readFile(join(ROOT, 'deploy/gitops/argo-cd/applications.yaml'), 'utf8');
const applications = parseAllDocuments(text).map((document) => document.toJS() as Application);
const named = (name: string): Application => applications.find(({ metadata }) => metadata.name === name)!;

const pathsIn = (value: object, prefix = ''): readonly string[] =>
  Object.entries(value).flatMap(([key, inner]: readonly [string, unknown]) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? pathsIn(inner, `${prefix}${key}.`)
      : [`${prefix}${key}`],
  );

describe('the Applications of the example', () => {
  it.each(applications.map((each) => [each.metadata.name, each] as const))('use what Argo CD knows: %s', (_, each) => {
    expect([each.apiVersion, each.kind, each.metadata.namespace]).toEqual([
      'argoproj.io/v1alpha1',
      'Application',
      'argocd',
    ]);
    expect(pathsIn(each.spec).filter((path) => !FIELDS.has(path))).toEqual([]);
    expect(each.spec.syncPolicy.syncOptions.filter((option) => !OPTIONS.has(option))).toEqual([]);
  });

  it('bring definitions, operator, policies and bindings, in this order', () => {
    const waves = applications.map(({ metadata }) => Number(metadata.annotations[WAVE]));
    expect(waves).toEqual(waves.toSorted((one, other) => one - other));
    expect(new Set(waves).size).toBe(4);
    expect(applications.map(({ metadata }) => metadata.name)).toEqual([
      'vmss-identity-definitions',
      'vmss-identity-operator',
      'vmss-identity-policies',
      'shop-identities',
    ]);
  });

  it('never take the definitions away', () => {
    const { metadata, spec } = named('vmss-identity-definitions');
    expect(metadata.finalizers).toBeUndefined();
    expect(spec.syncPolicy.automated.prune).toBe(false);
  });

  it('take bindings away, and wait until they are gone', () => {
    const { metadata, spec } = named('shop-identities');
    expect(metadata.finalizers).toEqual([CASCADE]);
    expect(spec.syncPolicy.automated.prune).toBe(true);
    expect(spec.syncPolicy.syncOptions).toContain('PruneLast=true');
  });

  it('read from folders that there are', () => {
    const ours = applications.filter(({ spec }) => spec.source.repoURL.endsWith('/vmss-identity-operator.git'));
    expect(ours).toHaveLength(2);
    for (const { spec } of ours) expect(existsSync(join(ROOT, spec.source.path))).toBe(true);
  });
});
