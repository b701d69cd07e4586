/** A request to ARM before it is sent. */
import type { ArmUrl } from './urls.ts';

/** What a request is for; a label of metrics. */
export type ArmOperation =
  | 'get_scale_set'
  | 'patch_identity'
  | 'list_scale_sets'
  | 'poll_operation'
  | 'get_identity'
  | 'list_identities'
  | 'get_permissions';

export interface ArmCall {
  readonly operation: ArmOperation;
  readonly method: 'GET' | 'PATCH';
  readonly url: ArmUrl;
  readonly body?: unknown;
  /** The etag that a write depends on. */
  readonly ifMatch?: string;
}
