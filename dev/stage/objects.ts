/** Where objects are at the API server, and the ones that everybody makes alike. */
import { API_VERSION } from '../../src/api/types.ts';

export const BINDINGS = `/apis/${API_VERSION}/vmssidentitybindings`;
export const LEDGERS = `/apis/${API_VERSION}/vmssidentityledgers`;

export function bindingsPath(namespace: string): string {
  return `/apis/${API_VERSION}/namespaces/${namespace}/vmssidentitybindings`;
}

export function bindingPath({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${bindingsPath(namespace)}/${name}`;
}

export function namespacePath(name: string): string {
  return `/api/v1/namespaces/${name}`;
}

export function policyPath(name: string): string {
  return `/apis/${API_VERSION}/vmssidentitypolicies/${name}`;
}

export function namespaceManifest(name: string): unknown {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}
