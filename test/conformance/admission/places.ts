/** Where objects are, and how they are called. */
import { API_VERSION } from '../../../src/api/types.ts';
import type { KubeObject } from '../crds/objects.ts';

/** Where the abandoner has no say. */
export const ELSEWHERE = 'elsewhere';

export const collections = {
  bindings: `/apis/${API_VERSION}/namespaces/default/vmssidentitybindings`,
  bindingsElsewhere: `/apis/${API_VERSION}/namespaces/${ELSEWHERE}/vmssidentitybindings`,
  ledgers: `/apis/${API_VERSION}/vmssidentityledgers`,
  policies: `/apis/${API_VERSION}/vmssidentitypolicies`,
} as const;

export const named = (object: KubeObject, metadata: Readonly<Record<string, unknown>>): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, ...metadata },
});
