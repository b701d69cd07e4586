/** The part of an object's metadata that controllers read. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly finalizers?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What every Kubernetes object has. Kinds extend it with `spec` and `status`. */
export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMeta;
}

/** Where a kind lives in the API. */
export interface ResourceDescriptor {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** As it stands in URLs: lower case, plural. */
  readonly plural: string;
  readonly namespaced: boolean;
}

/** `namespace/name`, or `name` alone for a cluster-scoped object. */
export type ObjectKey = string;

export interface ObjectRef {
  readonly name: string;
  readonly namespace?: string | undefined;
}

export const keyOf = (object: { readonly metadata: ObjectMeta }): ObjectKey => keyOfRef(object.metadata);

/** Joined, for a template's text goes on holding its parts beside it. */
const keyOfRef = ({ name, namespace }: ObjectRef): ObjectKey =>
  namespace === undefined ? name : [namespace, name].join('/');

export const apiVersionOf = ({ group, version }: Pick<ResourceDescriptor, 'group' | 'version'>): string =>
  group === '' ? version : `${group}/${version}`;

/** The URL path of a collection, of one object in it, or of a subresource of that object. */
export const pathOf = (
  descriptor: ResourceDescriptor,
  at: { readonly namespace?: string | undefined; readonly name?: string; readonly subresource?: string } = {},
): string => {
  const { group, version, plural, namespaced } = descriptor;
  const segments = [group === '' ? 'api' : `apis/${group}`, version];
  if (namespaced && at.namespace !== undefined) segments.push('namespaces', encodeURIComponent(at.namespace));
  segments.push(plural);
  if (at.name !== undefined) segments.push(encodeURIComponent(at.name));
  if (at.subresource !== undefined) segments.push(at.subresource);
  return `/${segments.join('/')}`;
};
