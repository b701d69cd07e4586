/** The kinds of Kubernetes itself that the operator writes, with as many of their rules as its requests can break. */
import { isDeepStrictEqual } from 'node:util';

import { eventDescriptor } from '../../../src/kube/event-object.ts';
import { leaseDescriptor } from '../../../src/kube/lease.ts';
import { type ApiObject, isObject, type JsonObject, objectAt } from './api-object.ts';
import { badRequest, type Cause } from './api-status.ts';
import type { ServedKind } from './served-kind.ts';

const invalidValue = (field: string, why: string): Cause => ({
  reason: 'FieldValueInvalid',
  message: `Invalid value: ${why}`,
  field,
});

const required = (field: string): Cause => ({ reason: 'FieldValueRequired', message: 'Required value', field });

const only = (object: JsonObject, fields: readonly string[]): JsonObject =>
  Object.fromEntries(
    fields
      .filter((field) => object[field] !== undefined && object[field] !== null)
      .map((field) => [field, object[field]]),
  );

/** Of apimachinery's `MicroTime`, which takes no other number of decimals. */
const MICRO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)$/;

const isMicroTime = (value: unknown): boolean => typeof value === 'string' && MICRO_TIME.test(value);

const withMicroTimes = (object: JsonObject, fields: readonly string[]): JsonObject => {
  const odd = fields.find((field) => object[field] !== undefined && !isMicroTime(object[field]));
  if (odd !== undefined)
    throw badRequest(`${odd}: cannot parse ${JSON.stringify(object[odd])} as a time with microseconds`);
  return object;
};

const HEAD = ['apiVersion', 'kind', 'metadata'];
const LEASE_SPEC = ['holderIdentity', 'leaseDurationSeconds', 'acquireTime', 'renewTime', 'leaseTransitions'];

/** pkg/apis/coordination/validation */
const lease: ServedKind = {
  ...leaseDescriptor,
  hasStatus: false,
  countsGenerations: false,
  createsOnUpdate: true,
  normalise: (object) => ({
    ...only(object, HEAD),
    spec: withMicroTimes(only(objectAt(object, 'spec'), LEASE_SPEC), ['acquireTime', 'renewTime']),
  }),
  validate(next) {
    const { leaseDurationSeconds = 1, leaseTransitions = 0 } = objectAt(next, 'spec');
    return [
      ...(Number(leaseDurationSeconds) > 0
        ? []
        : [invalidValue('spec.leaseDurationSeconds', 'must be greater than 0')]),
      ...(Number(leaseTransitions) >= 0
        ? []
        : [invalidValue('spec.leaseTransitions', 'must be greater than or equal to 0')]),
    ];
  },
};

const EVENT_TEXTS = ['reportingController', 'reportingInstance', 'action', 'reason'];
const EVENT = [...HEAD, ...EVENT_TEXTS, 'eventTime', 'series', 'regarding', 'related', 'note', 'type'];

/** pkg/apis/core/validation/events.go, for events.k8s.io/v1 */
const event: ServedKind = {
  ...eventDescriptor,
  hasStatus: false,
  countsGenerations: false,
  createsOnUpdate: false,
  normalise(object) {
    withMicroTimes(objectAt(object, 'series'), ['lastObservedTime']);
    return { regarding: {}, ...withMicroTimes(only(object, EVENT), ['eventTime']) };
  },
  validate: (next, previous) => (previous === undefined ? newEvent(next) : changedEvent(next, previous)),
};

/** Where the events of objects without a namespace may lie. Those of any other object may lie anywhere. */
const CLUSTER_EVENTS = ['default', 'kube-system'];

const QUALIFIED_NAME = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-\w.]*[A-Za-z0-9])?$/;

const newEvent = (next: ApiObject): readonly Cause[] => {
  const { note = '', type, eventTime, reportingController: controller } = next;
  const hasNamespace = (objectAt(next, 'regarding')['namespace'] ?? '') !== '';
  const isInPlace = hasNamespace || CLUSTER_EVENTS.includes(next.metadata.namespace ?? '');
  const isNamed = typeof controller === 'string' && QUALIFIED_NAME.test(controller);
  return [
    ...(eventTime === undefined ? [required('eventTime')] : []),
    ...EVENT_TEXTS.filter((field) => (next[field] ?? '') === '').map(required),
    ...(isNamed ? [] : [invalidValue('reportingController', 'must be a qualified name')]),
    ...(type === 'Normal' || type === 'Warning' ? [] : [invalidValue('type', 'has invalid value')]),
    ...(Buffer.byteLength(note as string) > 1024 ? [invalidValue('message', 'can have at most 1024 characters')] : []),
    ...(isInPlace ? [] : [invalidValue('involvedObject.namespace', 'does not match event.namespace')]),
    ...seriesOf(next),
  ];
};

const seriesOf = (next: ApiObject): readonly Cause[] => {
  const { series } = next;
  if (!isObject(series)) return [];
  return Number(series['count']) >= 2 ? [] : [invalidValue('series.count', 'should be at least 2')];
};

/** Refusals name the fields as the core group's events have them. */
const NAMES_IN_CORE: Readonly<Record<string, string>> = { note: 'message', regarding: 'involvedObject' };

/** Everything but the series stays. */
const changedEvent = (next: ApiObject, previous: ApiObject): readonly Cause[] => [
  ...EVENT.filter((field) => !HEAD.includes(field) && field !== 'series')
    .filter((field) => !isDeepStrictEqual(next[field], previous[field]))
    .map((field) => invalidValue(NAMES_IN_CORE[field] ?? field, 'field is immutable')),
  ...seriesOf(next),
];

/** Deleted, it stays until the namespace controller has emptied it, which is no part of an API server. */
export const namespaceKind: ServedKind = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
  hasStatus: true,
  countsGenerations: false,
  createsOnUpdate: false,
  isHeld: true,
  normalise(object) {
    const metadata = objectAt(object, 'metadata');
    const labels = { ...objectAt(metadata, 'labels'), 'kubernetes.io/metadata.name': metadata['name'] };
    return {
      ...only(object, HEAD),
      metadata: { ...metadata, labels },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: metadata['deletionTimestamp'] === undefined ? 'Active' : 'Terminating' },
    };
  },
  validate: () => [],
};

export const builtInKinds: readonly ServedKind[] = [lease, event, namespaceKind];
