import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { FINALIZER, KINDS } from '../../../src/api/types.ts';
import { parseIdentityId, parseScaleSetId } from '../../../src/identity/arm-id.ts';
import {
  bindingOf,
  collectionOf,
  identityId,
  type KubeObject,
  ledger,
  longIdentityId,
  longScaleSetId,
  pathOf,
  refusal,
  times,
} from '../crds/objects.ts';
import { allPieces, isManifest } from '../docs/pieces.ts';
import { bindings, ledgers, policies } from './arbitrary-objects.ts';
import { type Guarded, openGuarded } from './guarded-cluster.ts';
import type { Person } from './people.ts';
import { named } from './places.ts';
import { entryOf } from './subjects.ts';

/** What the schemas take and the operator serves is refused to nobody who has the right to write it. */
let guarded: Guarded;
beforeAll(async () => {
  guarded = await openGuarded();
});
afterAll(() => guarded.close());

/** What is said against a new object; nothing is stored. */
async function against(who: Person, object: KubeObject): Promise<readonly string[]> {
  const path = `${collectionOf(object)}?dryRun=All&fieldValidation=Strict`;
  return refusal(await guarded.send(who, { method: 'POST', path, body: object }));
}

const runs = { numRuns: 60, seed: 20_260_401 };
const idsOf = ({ spec }: KubeObject, path: 'userAssigned' | 'entries'): readonly string[] =>
  (spec[path] as readonly { readonly resourceId: string }[]).map(({ resourceId }) => resourceId);

const pieces = (await allPieces()).filter(({ refused, documents }) => refused === '' && documents.every(isManifest));
const printed = pieces.flatMap(({ where, documents }) =>
  (documents as readonly KubeObject[])
    .filter(({ kind }) => KINDS.some((each) => each.kind === kind))
    .map((object) => [`${object.kind} ${where}`, object] as const),
);

describe('an object of the documentation', () => {
  it('is each of the three kinds', () => {
    expect(new Set(printed.map(([, { kind }]) => kind)).size).toBe(3);
  });

  it.each(printed)('is taken: %s', async (_, object) => {
    const { namespace: __, ...metadata } = object.metadata as Readonly<Record<string, unknown>>;
    const who = object.kind === 'VmssIdentityLedger' ? 'restorer' : 'tenant';
    expect(await against(who, { ...object, metadata: metadata as KubeObject['metadata'] })).toEqual([]);
  });
});

describe('any object that is valid', () => {
  it('is taken of whoever may write it: a binding, with or without our finalizer', async () => {
    await fc.assert(
      fc.asyncProperty(bindings, fc.boolean(), async (object, finalized) => {
        const { resourceId } = object.spec['scaleSet'] as { readonly resourceId: string };
        expect(parseScaleSetId(resourceId)).toMatchObject({ ok: true });
        for (const id of idsOf(object, 'userAssigned')) expect(parseIdentityId(id)).toMatchObject({ ok: true });
        const finalizers = finalized ? [FINALIZER] : [];
        expect(await against('tenant', named(object, { finalizers }))).toEqual([]);
      }),
      runs,
    );
  });

  it('is taken of whoever may write it: a policy', async () => {
    await fc.assert(
      fc.asyncProperty(policies, async (object) => {
        expect(await against('tenant', object)).toEqual([]);
      }),
      runs,
    );
  });

  it('is taken of the operator, and of whoever restores it: a ledger', async () => {
    await fc.assert(
      fc.asyncProperty(ledgers, async (object) => {
        for (const id of idsOf(object, 'entries')) expect(parseIdentityId(id)).toMatchObject({ ok: true });
        expect(await against('operator', object)).toEqual([]);
        expect(await against('restorer', object)).toEqual([]);
      }),
      runs,
    );
  });
});

describe('the largest object', () => {
  const replaced = async (who: Person, object: KubeObject): Promise<readonly string[]> =>
    refusal(await guarded.send(who, { method: 'PUT', path: `${pathOf(object)}?dryRun=All`, body: object }));

  async function stored(object: KubeObject): Promise<KubeObject> {
    const { code, body } = await guarded.send('master', { method: 'POST', path: collectionOf(object), body: object });
    expect(code).toBe(201);
    return body as KubeObject;
  }

  it('is within what the API server spends on a rule: a binding of 64 identities', async () => {
    const { kind } = bindingOf();
    const userAssigned = times(64, (index) => ({ resourceId: longIdentityId(index) }));
    const largest = bindingOf();
    const finalizers = [...times(20, (index) => `example.com/${'f'.repeat(60)}-${String(index)}`), FINALIZER];
    const object = { ...named(largest, { finalizers }), kind, spec: { ...largest.spec, userAssigned } };
    const changed = await stored(object);
    expect(await replaced('tenant', { ...changed, spec: { ...changed.spec, suspend: true } })).toEqual([]);
    expect(await replaced('administrator', named(changed, { finalizers: [] }))).toEqual([]);
    expect((await replaced('tenant', named(changed, { finalizers: [] }))).join()).toContain('only the operator');
  });

  it('is so, too: a ledger of 512', async () => {
    const entries = times(512, (index) => entryOf(longIdentityId(index)));
    const foreign = times(512, longIdentityId);
    const largest = await stored(ledger({ scaleSetId: longScaleSetId(0), entries, foreign }));
    expect(await replaced('tenant', largest)).toEqual([]);
    const other = { ...largest, spec: { ...largest.spec, entries: [...entries.slice(1), entryOf(identityId())] } };
    expect(await replaced('restorer', other)).toEqual([]);
    expect(await replaced('operator', other)).toEqual([]);
    expect((await replaced('tenant', other)).join()).toContain('only the operator writes ledgers');
  });
});
