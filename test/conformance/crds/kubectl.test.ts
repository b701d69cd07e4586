import { setTimeout as delay } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { API_VERSION, KINDS } from '../../../src/api/types.ts';
import { type Cluster, openCluster } from './cluster.ts';
import { binding, identityId, type KubeObject, ledger, pathOf, policy, scaleSetId, withStored } from './objects.ts';

const PUBLISHED_LIMIT_MS = 60_000;
const TIME = '2026-03-01T10:00:00Z';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await openCluster();
});
afterAll(() => cluster.close());

describe('kubectl explain', () => {
  it.each(KINDS)('has a text for every field of $kind', async ({ kind }) => {
    const schema = await publishedSchema(kind);
    const fields = [...fieldsOf(schema, kind)];
    expect(fields.length).toBeGreaterThan(8);
    expect(fields.filter(({ description }) => description === '').map(({ path }) => path)).toEqual([]);
  });

  it('shows it by the short name, with the choices of a field', async () => {
    expect(await cluster.kubectl('explain', 'vib.spec.mode')).toMatch(/ENUM:\s+Additive\s+Exclusive/);
    expect(await cluster.kubectl('explain', 'vip.spec.adopt')).toMatch(/DESCRIPTION:\s+Whether bindings may take over/);
    expect(await cluster.kubectl('explain', 'vil.spec.entries.for.uid')).toMatch(/DESCRIPTION:\s+Uid of the binding/);
  });
});

describe('kubectl get', () => {
  const table = async (
    subject: KubeObject,
    kind: string,
    ...more: readonly string[]
  ): Promise<readonly (readonly string[])[]> => {
    const lines = (await cluster.kubectl('get', kind, subject.metadata.name, ...more)).trimEnd().split('\n');
    return lines.map((line) => line.split(/ {2,}/));
  };
  const subject = binding({ userAssigned: [{ resourceId: identityId() }], mode: 'Exclusive' });
  const status = {
    observedGeneration: 1,
    conditions: [
      {
        type: 'Reconciling',
        status: 'True',
        lastTransitionTime: TIME,
        reason: 'Throttled',
        message: 'not this one',
      },
      { type: 'Ready', status: 'False', lastTransitionTime: TIME, reason: 'Throttled', message: 'Azure asks to wait' },
    ],
    scaleSet: { name: 'web' },
    systemAssigned: { state: 'Enabled' },
    summary: '0/1',
  };

  it('tells of a binding whether it is ready, why, and for which scale set', async () => {
    await withStored(cluster, subject, async () => {
      await cluster.send('PATCH', `${pathOf(subject)}/status`, { status });
      const [head, row] = await table(subject, 'vib');
      expect(head).toEqual(['NAME', 'READY', 'REASON', 'SCALE SET', 'IDENTITIES', 'AGE']);
      expect(row?.slice(1, 5)).toEqual(['False', 'Throttled', 'web', '0/1']);
    });
  });

  it('tells more of a binding with -o wide', async () => {
    await withStored(cluster, subject, async () => {
      await cluster.send('PATCH', `${pathOf(subject)}/status`, { status });
      const [head, row] = await table(subject, 'vib', '-o', 'wide');
      expect(head?.slice(6)).toEqual(['SYSTEM', 'MODE', 'MESSAGE']);
      expect(row?.slice(6)).toEqual(['Enabled', 'Exclusive', 'Azure asks to wait']);
    });
  });

  it('tells of a policy whom it allows what', async () => {
    const allowing = policy({ namespaces: ['shop', 'team-*'], systemAssigned: 'Enable', userAssigned: [identityId()] });
    await withStored(cluster, allowing, async () => {
      const [head, row] = await table(allowing, 'vip', '-o', 'wide');
      expect(head).toEqual([
        'NAME',
        'NAMESPACES',
        'SYSTEM',
        'EXCLUSIVE',
        'ADOPT',
        'AGE',
        'SCALE SETS',
        'IDENTITIES',
        'PROTECTED',
      ]);
      expect(row?.slice(1, 5)).toEqual(['["shop","team-*"]', 'Enable', 'Deny', 'Deny']);
      expect(row?.slice(6)).toEqual([`["${scaleSetId()}"]`, `["${identityId()}"]`, '[]']);
    });
  });

  it('tells of a ledger what is foreign', async () => {
    const written = ledger({
      foreign: [identityId('theirs')],
      systemAssigned: { phase: 'Enabled', since: TIME, for: [] },
    });
    await withStored(cluster, written, async () => {
      const [head, row] = await table(written, 'vil', '-o', 'wide');
      expect(head).toEqual(['NAME', 'SYSTEM', 'OPERATION', 'ERROR', 'AGE', 'SCALE SET', 'FOREIGN']);
      expect(row).toContain('Enabled');
      expect(row?.slice(-2)).toEqual([scaleSetId(), `["${identityId('theirs')}"]`]);
    });
  });

  it('finds all kinds by a category of their own, and none by "all"', async () => {
    const inCategory = await cluster.kubectl('api-resources', '--categories', 'vmss-identity', '-o', 'name');
    expect(inCategory.trim().split('\n').toSorted()).toEqual(
      KINDS.map(({ plural, group }) => `${plural}.${group}`).toSorted(),
    );
    expect(await cluster.kubectl('api-resources', '--categories', 'all', '-o', 'name')).not.toContain(
      'vmss-identity.dev',
    );
  });
});

interface Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

interface Field {
  readonly path: string;
  readonly description: string;
}

/** The schema that `kubectl explain` reads; it is published some time after a kind is served. */
async function publishedSchema(kind: string): Promise<Schema> {
  const signal = AbortSignal.timeout(PUBLISHED_LIMIT_MS);
  for (;;) {
    const { body } = await cluster.send('GET', `/openapi/v3/apis/${API_VERSION}`);
    const { components } = body as { readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> } };
    const schema = components?.schemas?.[`dev.vmss-identity.v1alpha1.${kind}`];
    if (schema !== undefined) return schema;
    await delay(100, undefined, { signal });
  }
}

/** Every field below a schema; the text of a list's items counts only where they are objects, as kubectl shows it. */
function* fieldsOf(schema: Schema, path: string): Generator<Field> {
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const fieldPath = `${path}.${name}`;
    if (name !== 'metadata') yield { path: fieldPath, description: field.description ?? '' };
    if (field.items?.properties) yield { path: `${fieldPath}[]`, description: field.items.description ?? '' };
    yield* fieldsOf(field.items ?? field, fieldPath);
  }
}
