import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { API_VERSION, KINDS } from '../../../src/api/types.ts';
import { type Cluster, openCluster } from '../crds/cluster.ts';
import { binding, type KubeObject, pathOf, refusal, withStored } from '../crds/objects.ts';
import { allPieces, isManifest, type Manifest, type Part, type Piece } from './pieces.ts';

/** The YAML of the documentation, under strict field validation: a field that does not exist is refused. */
let cluster: Cluster;
beforeAll(async () => {
  cluster = await openCluster();
});
afterAll(() => cluster.close());

const STRICTLY = '?dryRun=All&fieldValidation=Strict';
const CORE: Readonly<Record<string, string>> = {
  Namespace: '/api/v1/namespaces',
  ServiceAccount: '/api/v1/namespaces/default/serviceaccounts',
  ResourceQuota: '/api/v1/namespaces/default/resourcequotas',
};

/** Where an object is created; what has a namespace goes into the one that every cluster has. */
function collectionOf({ kind }: Manifest): string {
  const ours = KINDS.find((each) => each.kind === kind);
  const collection =
    ours === undefined
      ? CORE[kind]
      : `/apis/${API_VERSION}/${ours.namespaced ? 'namespaces/default/' : ''}${ours.plural}`;
  if (collection === undefined) throw new Error(`nothing is known of the kind ${kind}`);
  return collection;
}

/** What the API server has against an object, under a name that nobody else uses. */
async function against(manifest: Manifest): Promise<readonly string[]> {
  const { namespace, name, ...rest } = manifest.metadata;
  const place = namespace === undefined ? {} : { namespace: 'default' };
  const metadata = { ...rest, ...place, name: `${name}-as-shown` };
  return refusal(await cluster.send('POST', `${collectionOf(manifest)}${STRICTLY}`, { ...manifest, metadata }));
}

/** What it has against a spec, or a status, of a binding. */
async function againstPart({ spec, status }: Part): Promise<readonly string[]> {
  if (spec !== undefined) return against({ ...binding(), spec } as unknown as Manifest);
  return withStored(cluster, binding(), async ({ body }) => {
    const written = { ...(body as object), status };
    return refusal(await cluster.send('PUT', `${pathOf(body as KubeObject)}/status${STRICTLY}`, written));
  });
}

const pieces = await allPieces();
const named = (some: readonly Piece[]): readonly (readonly [string, Piece])[] =>
  some.map((piece) => [piece.where, piece]);
const whole = pieces.filter(({ documents }) => documents.every(isManifest));
const parts = pieces.filter((piece) => !whole.includes(piece));

describe('an object in the documentation', () => {
  it.each(named(whole.filter(({ refused }) => refused === '')))('is taken: %s', async (_, { documents }) => {
    for (const document of documents) expect(await against(document as Manifest)).toEqual([]);
  });

  it.each(named(whole.filter(({ refused }) => refused !== '')))('is refused: %s', async (_, { documents, refused }) => {
    const found = await Promise.all(documents.map((document) => against(document as Manifest)));
    expect(found.flat()).toEqual(expect.arrayContaining([expect.stringContaining(refused)]));
  });
});

describe('a part of a binding in the documentation', () => {
  it.each(named(parts))('is taken: %s', async (_, { documents }) => {
    expect(documents).toHaveLength(1);
    expect(Object.keys(documents[0] as object)).toEqual([expect.stringMatching(/^(?:spec|status)$/)]);
    expect(await againstPart(documents[0] as Part)).toEqual([]);
  });
});

describe('a mistake in the documentation', () => {
  const { spec } = binding();

  it.each([
    ['a field that does not exist', { spec: { ...spec, mod: 'Exclusive' } }, 'unknown field "spec.mod"'],
    ['a value that does not exist', { spec: { ...spec, mode: 'Loose' } }, 'spec.mode'],
    ['a field of the status', { status: { observedGeneration: 1, ready: true } }, 'unknown field "status.ready"'],
    ['a value of the status', { status: { observedGeneration: 1, summary: 'x'.repeat(17) } }, 'status.summary'],
  ])('is found: %s', async (_, part, said) => {
    expect(await againstPart(part)).toEqual(expect.arrayContaining([expect.stringContaining(said)]));
  });
});
