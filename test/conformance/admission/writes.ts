/** What people try to write, who may, and what the others are told. */
import { ABANDON_ANNOTATION, API_VERSION, FINALIZER, REQUESTED_AT_ANNOTATION } from '../../../src/api/types.ts';
import { binding, identityId, type KubeObject, ledger, policy, scaleSetId } from '../crds/objects.ts';
import type { Write } from './guarded-cluster.ts';
import type { Person } from './people.ts';
import { collections, named } from './places.ts';
import { BINDINGS, LEDGERS, STATUS } from './policies.ts';
import { entryOf, OTHER_FINALIZER, pathTo, type Stored, type Subject } from './subjects.ts';

export interface Rule {
  readonly policy: string;
  /** The place of the validation in the policy. */
  readonly validation: number;
}

export interface Row {
  readonly what: string;
  readonly write: Write | ((stored: Stored) => Write);
  readonly allowed: readonly Person[];
  readonly refused: readonly Person[];
  /** What refuses it. */
  readonly rule?: Rule;
  /** In the message. */
  readonly says?: readonly string[];
}

const PEOPLE: readonly Person[] = ['tenant', 'namesake', 'abandoner', 'restorer', 'administrator'];

const patch = (subject: Subject, body: object, subresource = ''): Write => ({
  method: 'PATCH',
  path: pathTo(subject, subresource),
  body,
});
const annotate = (subject: Subject, name: string, value: string | null): Write =>
  patch(subject, { metadata: { annotations: { [name]: value } } });
const apply = (subject: Subject, body: object, subresource = ''): Write => ({
  method: 'PATCH',
  path: `${pathTo(subject, subresource)}&force=true`,
  type: 'application/apply-patch+yaml',
  body: { apiVersion: API_VERSION, ...body },
});
const replace =
  (subject: Subject, change: (object: KubeObject) => KubeObject) =>
  (stored: Stored): Write => ({
    method: 'PUT',
    path: pathTo(subject),
    body: change(stored[subject]),
  });
const create = (collection: keyof typeof collections, body: KubeObject): Write => ({
  method: 'POST',
  path: `${collections[collection]}?dryRun=All`,
  body,
});
const remove = (subject: Subject, options: object = {}): Write => ({
  method: 'DELETE',
  path: pathTo(subject),
  // Beside a body the query counts for nothing.
  body: { apiVersion: 'v1', kind: 'DeleteOptions', dryRun: ['All'], ...options },
});
const removeAll = (collection: keyof typeof collections): Write => ({
  method: 'DELETE',
  path: `${collections[collection]}?dryRun=All`,
});

const finalizers = (...list: readonly string[]): object => ({ metadata: { finalizers: list } });
const forged = { status: { observedGeneration: 1, summary: '9/9' } };

const statusRows: readonly Row[] = [
  { what: 'writes a status', write: patch('served', forged, '/status') },
  {
    what: 'applies a status',
    write: apply('served', { kind: 'VmssIdentityBinding', metadata: { name: 'served' }, ...forged }, '/status'),
  },
].map((row) => ({
  ...row,
  allowed: ['operator'],
  refused: PEOPLE,
  rule: { policy: STATUS, validation: 0 },
  says: ['only the operator writes the status of a binding', REQUESTED_AT_ANNOTATION],
}));

const ABANDON_RIGHT = 'you need the verb abandon on vmssidentitybindings.vmss-identity.dev in namespace default';

const finalizerRows: readonly Row[] = [
  { what: 'takes our finalizer off, and leaves others’', write: patch('served', finalizers(OTHER_FINALIZER)) },
  { what: 'takes all finalizers off', write: patch('served', { metadata: { finalizers: null } }) },
  { what: 'takes our finalizer off what is being deleted', write: patch('leaving', finalizers()) },
  {
    what: 'takes our finalizer off by its place in the list',
    write: {
      ...patch('served', [{ op: 'remove', path: '/metadata/finalizers/1' }]),
      type: 'application/json-patch+json' as const,
    },
  },
].map((row) => ({
  ...row,
  allowed: ['operator', 'abandoner', 'administrator'],
  refused: ['tenant', 'restorer'],
  rule: { policy: BINDINGS, validation: 0 },
  says: [
    'only the operator takes the finalizer vmss-identity.dev/detach off',
    'delete the binding and wait',
    ABANDON_RIGHT,
  ],
}));

const abandonRows: readonly Row[] = [
  { what: 'abandons', write: annotate('served', ABANDON_ANNOTATION, 'true') },
  { what: 'abandons what is being deleted', write: annotate('leaving', ABANDON_ANNOTATION, 'true') },
  {
    what: 'creates an abandoned binding',
    write: create('bindings', named(binding(), { annotations: { [ABANDON_ANNOTATION]: 'true' } })),
  },
].map((row) => ({
  ...row,
  allowed: ['abandoner', 'administrator'],
  refused: ['tenant', 'restorer'],
  rule: { policy: BINDINGS, validation: 1 },
  says: ['the annotation vmss-identity.dev/abandon leaves on the scale set what is attached', ABANDON_RIGHT],
}));

const ledgerRows: readonly Row[] = [
  { what: 'creates a ledger', write: create('ledgers', ledger({ entries: [entryOf(identityId())] })) },
  {
    what: 'changes a ledger',
    write: replace('recorded', (object) => ({
      ...object,
      spec: { ...object.spec, entries: [entryOf(identityId('other'))] },
    })),
  },
  { what: 'deletes a ledger', write: remove('recorded') },
].map((row) => ({
  ...row,
  allowed: ['operator', 'restorer', 'administrator'],
  refused: ['tenant', 'abandoner'],
  rule: { policy: LEDGERS, validation: 0 },
  says: ['only the operator writes ledgers', 'you need the verb abandon on vmssidentityledgers.vmss-identity.dev'],
}));

/** Of those whom a ledger is believed. */
const malformedRows: readonly Row[] = [
  {
    what: 'creates a ledger of what is no scale set',
    write: create('ledgers', ledger({ scaleSetId: identityId() })),
    rule: { policy: LEDGERS, validation: 1 },
    says: ['spec.scaleSetId must be the id of a scale set'],
  },
  {
    what: 'creates a ledger of what is no identity',
    write: create('ledgers', ledger({ entries: [entryOf(identityId()), entryOf(scaleSetId())] })),
    rule: { policy: LEDGERS, validation: 2 },
    says: ['every spec.entries[].resourceId must be the id of a user-assigned identity'],
  },
].map((row) => ({ ...row, allowed: ['operator'], refused: ['restorer', 'administrator'] }));

const otherRows: readonly Row[] = [
  {
    what: 'takes our finalizer off in a namespace where another right holds',
    write: patch('elsewhere', finalizers(OTHER_FINALIZER)),
    allowed: ['operator', 'administrator'],
    refused: ['tenant', 'abandoner', 'restorer'],
    rule: { policy: BINDINGS, validation: 0 },
    says: ['in namespace elsewhere'],
  },
  {
    what: 'replaces a binding with one without finalizers',
    write: replace('served', (object) => named(object, { finalizers: [] })),
    allowed: ['abandoner', 'administrator'],
    refused: ['tenant', 'restorer'],
    rule: { policy: BINDINGS, validation: 0 },
    says: ['keep metadata.finalizers where you replace it'],
  },
  {
    what: 'deletes all ledgers',
    write: removeAll('ledgers'),
    allowed: ['restorer', 'administrator'],
    refused: ['tenant', 'abandoner'],
    rule: { policy: LEDGERS, validation: 0 },
    says: ['only the operator writes ledgers'],
  },
];

const spec = { suspend: true };

/** Nothing of this is anybody's but theirs. */
const freeRows: readonly Row[] = [
  { what: 'creates a binding', write: create('bindings', binding()) },
  {
    what: 'creates a binding with our finalizer',
    write: create('bindings', named(binding(), { finalizers: [FINALIZER] })),
  },
  { what: 'changes the spec', write: patch('served', { spec }) },
  { what: 'changes the spec of an abandoned binding', write: patch('abandoned', { spec }) },
  {
    what: 'applies a binding, and says nothing of finalizers',
    write: apply('served', {
      kind: 'VmssIdentityBinding',
      metadata: { name: 'served' },
      spec: { scaleSet: { resourceId: scaleSetId() }, ...spec },
    }),
  },
  {
    what: 'replaces a binding with its finalizers',
    write: replace('served', (object) => ({ ...object, spec: { ...object.spec, ...spec } })),
  },
  {
    what: 'replaces a binding that has no finalizer',
    write: replace('plain', (object) => ({ ...object, spec: { ...object.spec, ...spec } })),
  },
  { what: 'takes others’ finalizer off', write: patch('served', finalizers(FINALIZER)) },
  {
    what: 'adds another finalizer',
    write: patch('served', finalizers(OTHER_FINALIZER, FINALIZER, 'example.com/more')),
  },
  { what: 'orders finalizers anew', write: patch('served', finalizers(FINALIZER, OTHER_FINALIZER)) },
  { what: 'adds our finalizer', write: patch('plain', finalizers(FINALIZER)) },
  { what: 'asks for a look', write: annotate('served', REQUESTED_AT_ANNOTATION, 'now') },
  { what: 'says that nothing is abandoned', write: annotate('served', ABANDON_ANNOTATION, 'false') },
  { what: 'takes back that a binding is abandoned', write: annotate('abandoned', ABANDON_ANNOTATION, null) },
  { what: 'deletes a binding', write: remove('served') },
  { what: 'deletes a binding in the foreground', write: remove('served', { propagationPolicy: 'Foreground' }) },
  { what: 'deletes a binding at once', write: remove('served', { gracePeriodSeconds: 0 }) },
  { what: 'deletes all bindings', write: removeAll('bindings') },
  { what: 'writes a ledger anew as it is', write: replace('recorded', (object) => object) },
  { what: 'labels a ledger', write: patch('recorded', { metadata: { labels: { team: 'platform' } } }) },
  { what: 'creates a policy', write: create('policies', policy()) },
  { what: 'changes a policy', write: patch('allowing', { spec: { namespaces: ['*'] } }) },
  { what: 'deletes a policy', write: remove('allowing') },
].map((row) => ({ ...row, allowed: PEOPLE, refused: [] }));

export const rows: readonly Row[] = [
  ...statusRows,
  ...finalizerRows,
  ...abandonRows,
  ...ledgerRows,
  ...malformedRows,
  ...otherRows,
  ...freeRows,
];

export const rowOf = (what: string): Row => {
  const row = rows.find((each) => each.what === what);
  if (row === undefined) throw new Error(`nobody ${what}`);
  return row;
};
