/** The objects that people's writes are about, as they are stored before anybody tries. */
import { ABANDON_ANNOTATION, ABANDON_VALUE, FINALIZER } from '../../../src/api/types.ts';
import { binding, identityId, type KubeObject, ledger, policy } from '../crds/objects.ts';
import type { Guarded } from './guarded-cluster.ts';
import { collections, ELSEWHERE, named } from './places.ts';

/** Somebody else's. */
export const OTHER_FINALIZER = 'example.com/backup';

const SINCE = '2026-03-01T10:00:00Z';
const member = { namespace: 'default', name: 'served', uid: '6f6a8c1e-2b7d-4c53-9a10-0d6f5e3b7a21' };
export const entryOf = (resourceId: string): object => ({
  resourceId,
  phase: 'Attached',
  since: SINCE,
  for: [member],
});

const abandoned = { [ABANDON_ANNOTATION]: ABANDON_VALUE };

const BINDINGS = {
  /** Something is attached for it. */
  served: named(binding(), { name: 'served', finalizers: [OTHER_FINALIZER, FINALIZER] }),
  plain: named(binding(), { name: 'plain' }),
  leaving: named(binding(), { name: 'leaving', finalizers: [FINALIZER] }),
  abandoned: named(binding(), { name: 'abandoned', finalizers: [FINALIZER], annotations: abandoned }),
} as const;

export type Subject = keyof typeof BINDINGS | 'elsewhere' | 'recorded' | 'allowing';

const SUBJECTS: Readonly<Record<Subject, { readonly collection: string; readonly object: KubeObject }>> = {
  served: { collection: collections.bindings, object: BINDINGS.served },
  plain: { collection: collections.bindings, object: BINDINGS.plain },
  leaving: { collection: collections.bindings, object: BINDINGS.leaving },
  abandoned: { collection: collections.bindings, object: BINDINGS.abandoned },
  elsewhere: { collection: collections.bindingsElsewhere, object: BINDINGS.served },
  recorded: {
    collection: collections.ledgers,
    object: named(ledger({ entries: [entryOf(identityId())] }), { name: 'recorded' }),
  },
  allowing: { collection: collections.policies, object: named(policy(), { name: 'allowing' }) },
};

/** Of an object, or of its status. Nothing that is written there is stored. */
export const pathTo = (subject: Subject, subresource = ''): string => {
  const { collection, object } = SUBJECTS[subject];
  return `${collection}/${object.metadata.name}${subresource}?dryRun=All&fieldManager=people`;
};

/** As it was stored, to be written again. */
export type Stored = Readonly<Record<Subject, KubeObject>>;

/** Stores all of them. */
export async function storeSubjects(guarded: Guarded): Promise<Stored> {
  const space = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: ELSEWHERE } };
  await guarded.send('master', { method: 'POST', path: '/api/v1/namespaces', body: space });
  const stored = await Promise.all(
    Object.entries(SUBJECTS).map(async ([subject, { collection, object }]) => {
      const { code, body } = await guarded.send('master', { method: 'POST', path: collection, body: object });
      if (code !== 201) throw new Error(`${subject} was not stored: ${JSON.stringify(body)}`);
      return [subject, body] as const;
    }),
  );
  await guarded.send('master', { method: 'DELETE', path: `${collections.bindings}/${BINDINGS.leaving.metadata.name}` });
  return Object.fromEntries(stored) as Stored;
}
