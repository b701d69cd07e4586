/**
 * What `--check` needs of Kubernetes: reads, and reviews, which store nothing. Every call has a time limit, and throws an
 * `Error` whose message may be shown when it is not answered, or refused.
 */
import type { VmssIdentityBinding, VmssIdentityPolicySpec } from '../api/types.ts';
import type { ServedKind } from './definitions.ts';

/** One verb on one resource, as the API server judges it. */
export interface KubernetesAction {
  readonly group: string;
  /** With its subresource, if it is about that. */
  readonly resource: string;
  readonly verb: string;
  /** Absent: in all namespaces, or of the cluster. */
  readonly namespace?: string;
  readonly name?: string;
}

export interface KubePort {
  /** Where the API server is. */
  readonly server: string;
  /** The operator's own namespace, unless the configuration names one. */
  readonly namespace: string | undefined;
  /** Of the API server, such as `v1.36.3`. */
  version(signal: AbortSignal): Promise<string>;
  /** As whom the API server knows the operator. */
  userName(signal: AbortSignal): Promise<string>;
  mayI(action: KubernetesAction, signal: AbortSignal): Promise<boolean>;
  /** The kinds of the operator's group and version, by their names in URLs; empty where it is not served at all. */
  servedKinds(signal: AbortSignal): Promise<ReadonlyMap<string, ServedKind>>;
  /** @param namespace undefined: of all of them */
  bindings(namespace: string | undefined, signal: AbortSignal): Promise<readonly VmssIdentityBinding[]>;
  policies(signal: AbortSignal): Promise<readonly VmssIdentityPolicySpec[]>;
}
