import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { BINDING, LEDGER, POLICY } from '../../../src/api/types.ts';
import { apiVersionOf, pathOf, type ResourceDescriptor } from '../../../src/kube/object.ts';
import { binding, identityId, ledger, policy, scaleSetId } from './objects.ts';
import { refusalIn } from './refusal.ts';
import { type Server, SERVERS } from './servers.ts';

const entry = { resourceId: 'i', phase: 'Attached', since: '2026-01-01T00:00:00Z', for: [] };
/** What is added where the rules could not be looked at. */
const UNCHECKED = 'FieldValueInvalid <nil>';

const condition = {
  type: 'Ready',
  status: 'True',
  reason: 'Attached',
  message: 'all is well',
  lastTransitionTime: '2026-01-01T00:00:00Z',
};

describe.each(SERVERS)('%s', (_name, open) => {
  let server: Server;
  beforeAll(async () => {
    server = await open();
  });
  afterAll(() => server.close());

  const create = async (kind: ResourceDescriptor, object: object): Promise<string> => {
    const path = pathOf(kind, kind.namespaced ? { namespace: server.namespace } : {});
    const answer = await server.send('POST', path, { apiVersion: apiVersionOf(kind), kind: kind.kind, ...object });
    return answer.code === 201 ? 'taken' : refusalIn(answer);
  };
  const createBinding = (more: object) => create(BINDING, binding(server.unique(), server.namespace, more));
  const createLedger = (more: object) => {
    const object = ledger(server.unique());
    return create(LEDGER, { ...object, spec: { ...object.spec, ...more } });
  };
  const createPolicy = (spec: object) => create(POLICY, policy(server.unique(), spec));

  it('refuses an object without what is required', async () => {
    expect(await create(BINDING, { metadata: { name: server.unique() } })).toBe(
      `422 Invalid: ${UNCHECKED}, FieldValueRequired spec`,
    );
    expect(await createBinding({ userAssigned: [{ adopt: true }] })).toBe(
      `422 Invalid: ${UNCHECKED}, FieldValueRequired spec.userAssigned[0].resourceId`,
    );
    expect(await createLedger({ scaleSetId: null })).toBe(
      `422 Invalid: ${UNCHECKED}, FieldValueRequired spec.scaleSetId`,
    );
  });

  it('refuses a value of another type', async () => {
    expect(await createBinding({ suspend: 'yes' })).toBe(
      `422 Invalid: ${UNCHECKED}, FieldValueTypeInvalid spec.suspend`,
    );
    expect(await createBinding({ userAssigned: {} })).toBe(
      `422 Invalid: ${UNCHECKED}, FieldValueTypeInvalid spec.userAssigned`,
    );
  });

  it('refuses a value that is none of those that may be', async () => {
    expect(await createBinding({ mode: 'Sometimes' })).toBe(
      `422 Invalid: ${UNCHECKED}, FieldValueNotSupported spec.mode`,
    );
    expect(await createLedger({ entries: [{ ...entry, phase: 'Lost' }] })).toBe(
      `422 Invalid: ${UNCHECKED}, FieldValueNotSupported spec.entries[0].phase`,
    );
  });

  it('refuses what is too long, too short or too many', async () => {
    expect(await createLedger({ uniqueId: 'u'.repeat(65) })).toBe(
      `422 Invalid: ${UNCHECKED}, FieldValueTooLong spec.uniqueId`,
    );
    expect(await createLedger({ foreign: ['f'.repeat(346)] })).toBe(
      `422 Invalid: ${UNCHECKED}, FieldValueTooLong spec.foreign[0]`,
    );
    expect(await createLedger({ entries: [{ ...entry, resourceId: '' }] })).toBe(
      '422 Invalid: FieldValueInvalid spec.entries[0].resourceId',
    );
    expect(await createLedger({ foreign: Array.from({ length: 513 }, (_, index) => `f${index}`) })).toBe(
      `422 Invalid: ${UNCHECKED}, FieldValueTooMany spec.foreign`,
    );
    expect(await createPolicy({ namespaces: [], protected: [identityId('p')] })).toBe(
      '422 Invalid: FieldValueInvalid spec.namespaces',
    );
  });

  it('refuses a time that is none', async () => {
    for (const since of ['yesterday', '2026-01-01', '2026-13-01T00:00:00Z', '2026-02-30T00:00:00Z']) {
      expect([since, await createLedger({ entries: [{ ...entry, since }] })]).toEqual([
        since,
        `422 Invalid: ${UNCHECKED}, FieldValueTypeInvalid spec.entries[0].since`,
      ]);
    }
    for (const since of ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.123Z', '2026-01-01T01:00:00+01:00']) {
      expect([since, await createLedger({ entries: [{ ...entry, since }] })]).toEqual([since, 'taken']);
    }
  });

  it('refuses an id that is twice in a list of its keys', async () => {
    const resourceId = identityId('twice');
    expect(await createBinding({ userAssigned: [{ resourceId }, { resourceId, adopt: true }] })).toBe(
      '422 Invalid: FieldValueDuplicate spec.userAssigned[1], FieldValueInvalid spec.userAssigned',
    );
    expect(await createPolicy({ namespaces: ['a', 'a'], protected: [identityId('p')] })).toBe(
      '422 Invalid: FieldValueDuplicate spec.namespaces[1]',
    );
    expect(await createLedger({ foreign: ['f', 'f'] })).toBe('taken');
  });

  it('refuses what a rule forbids', async () => {
    const differing = [{ resourceId: identityId('case') }, { resourceId: identityId('CASE') }];
    expect(await createBinding({ userAssigned: differing })).toBe('422 Invalid: FieldValueInvalid spec.userAssigned');
    expect(await createBinding({ userAssigned: [{ resourceId: scaleSetId('no-identity') }] })).toBe(
      '422 Invalid: FieldValueInvalid spec.userAssigned[0].resourceId',
    );
    expect(await createBinding({ scaleSet: { resourceId: `${scaleSetId('dot')}.` } })).toBe(
      '422 Invalid: FieldValueInvalid spec.scaleSet.resourceId',
    );
    expect(await createBinding({ scaleSet: { resourceId: scaleSetId('a').toUpperCase() } })).toBe('taken');
    expect(await createPolicy({ namespaces: ['a'] })).toBe('422 Invalid: FieldValueInvalid spec');
    expect(await createPolicy({ namespaces: ['-a'], protected: [identityId('p')] })).toBe(
      '422 Invalid: FieldValueInvalid spec.namespaces[0]',
    );
    expect(await createPolicy({ namespaces: ['a'], scaleSets: [scaleSetId('**')] })).toBe(
      '422 Invalid: FieldValueInvalid spec.scaleSets[0]',
    );
  });

  it('refuses a name that is none', async () => {
    expect(await create(LEDGER, ledger('Upper'))).toBe('422 Invalid: FieldValueInvalid metadata.name');
  });

  it('lets a binding keep its scale set alone, and a ledger its own in any letter case', async () => {
    const made = await server.bindings.create(binding(server.unique(), server.namespace));
    const moved = { spec: { scaleSet: { resourceId: scaleSetId('another') } } };
    const merge = 'application/merge-patch+json';
    expect(refusalIn(await server.send('PATCH', pathOf(BINDING, made.metadata), moved, merge))).toBe(
      '422 Invalid: FieldValueForbidden spec.scaleSet.resourceId',
    );
    const { metadata, spec } = await server.ledgers.create(ledger(server.unique()));
    const upper = { spec: { scaleSetId: spec.scaleSetId?.toUpperCase() } };
    expect((await server.send('PATCH', pathOf(LEDGER, metadata), upper, merge)).code).toBe(200);
    const other = { spec: { scaleSetId: 'other' } };
    expect(refusalIn(await server.send('PATCH', pathOf(LEDGER, metadata), other, merge))).toBe(
      '422 Invalid: FieldValueForbidden spec.scaleSetId',
    );
  });

  it('refuses a status that is none', async () => {
    const { metadata } = await server.bindings.create(binding(server.unique(), server.namespace));
    const path = pathOf(BINDING, { ...metadata, subresource: 'status' });
    const patch = async (status: unknown) => {
      const answer = await server.send(
        'PATCH',
        path,
        [{ op: 'add', path: '/status', value: status }],
        'application/json-patch+json',
      );
      return answer.code === 200 ? 'taken' : refusalIn(answer);
    };
    const observedGeneration = 1;
    const told = (...conditions: readonly object[]) => patch({ observedGeneration, conditions });
    expect(await patch({ conditions: [condition] })).toBe(
      `422 Invalid: ${UNCHECKED}, FieldValueRequired status.observedGeneration`,
    );
    expect(await patch({ observedGeneration: -2 })).toBe('422 Invalid: FieldValueInvalid status.observedGeneration');
    expect(await told({ ...condition, status: 'Maybe' })).toBe(
      `422 Invalid: ${UNCHECKED}, FieldValueNotSupported status.conditions[0].status`,
    );
    expect(await told({ ...condition, reason: 'not camel' })).toBe(
      '422 Invalid: FieldValueInvalid status.conditions[0].reason',
    );
    expect(await told(condition, condition)).toBe('422 Invalid: FieldValueDuplicate status.conditions[1]');
    expect(await told(condition)).toBe('taken');
  });
});
