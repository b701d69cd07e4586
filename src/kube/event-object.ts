import type { KubeObject, ResourceDescriptor } from './object.ts';

export const eventDescriptor: ResourceDescriptor = {
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
};

export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly uid?: string | undefined;
}

/** Something that happened to an object, told to people. */
export interface EventToRecord {
  readonly regarding: ObjectReference;
  readonly related?: ObjectReference | undefined;
  readonly type: 'Normal' | 'Warning';
  /** CamelCase, the same as a condition's reason where there is one. */
  readonly reason: string;
  /** CamelCase: what was done, or was to be done. */
  readonly action: string;
  /** For people; cut at 1,024 bytes. */
  readonly note: string;
  /** Where the event of a cluster-scoped object lies: `default` when left out. Any other lies in its object's namespace. */
  readonly namespace?: string | undefined;
  /** Written to the operator's own namespace as well. */
  readonly forOperators?: boolean | undefined;
}

/** How often an event has happened. */
export interface Occurrences {
  readonly count: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** An object of events.k8s.io/v1. Everything in it but `series` is immutable. */
export interface EventObject extends KubeObject {
  readonly eventTime: string;
  readonly series?: EventSeries;
  readonly type: string;
  readonly reason: string;
  readonly action: string;
  readonly note: string;
  readonly regarding: ObjectReference;
  readonly related?: ObjectReference;
  readonly reportingController: string;
  readonly reportingInstance: string;
}

export interface EventSeries {
  readonly count: number;
  readonly lastObservedTime: string;
}

export interface Reporter {
  /** A qualified name, such as `example.dev/controller`. */
  readonly controller: string;
  /** The process: the pod's name. */
  readonly instance: string;
}

export const eventNamespace = ({ namespace, regarding }: EventToRecord): string =>
  regarding.namespace ?? namespace ?? 'default';

export const eventObject = (
  event: EventToRecord,
  /** Of the event itself. The server does not ask for the namespace of what it regards. */
  metadata: { readonly name: string; readonly namespace: string },
  occurrences: Occurrences,
  { controller, instance }: Reporter,
): EventObject => ({
  metadata,
  eventTime: microTime(occurrences.firstMs),
  // A single event has no series.
  ...(occurrences.count > 1 ? { series: seriesOf(occurrences) } : {}),
  type: event.type,
  reason: event.reason,
  action: event.action,
  note: cutToBytes(event.note, 1024),
  // The server takes an object without a namespace in `default` and `kube-system` only.
  regarding: { ...event.regarding, namespace: event.regarding.namespace ?? event.namespace },
  ...(event.related === undefined ? {} : { related: event.related }),
  reportingController: controller,
  reportingInstance: instance.slice(0, 128),
});

export const seriesOf = ({ count, lastMs }: Occurrences): EventSeries => ({
  count,
  lastObservedTime: microTime(lastMs),
});

/** `MicroTime` of apimachinery, which takes no other number of decimals. */
const microTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z');

/** A name that is free: the object's, cut so that the whole is a DNS name of at most 253 characters, and a random part. */
export const eventName = (regardingName: string, uuid: string): string => {
  const suffix = uuid.replaceAll('-', '').slice(0, 16);
  return `${regardingName.slice(0, 253 - 1 - suffix.length).replace(/[^a-z0-9]+$/, '')}.${suffix}`;
};

const cutToBytes = (text: string, most: number): string => {
  const bytes = Buffer.from(text);
  if (bytes.length <= most) return text;
  const ellipsis = '…';
  // A character that was cut in two becomes U+FFFD, which is taken off.
  return (
    bytes
      .subarray(0, most - Buffer.byteLength(ellipsis))
      .toString()
      .replace(/\uFFFD$/, '') + ellipsis
  );
};
