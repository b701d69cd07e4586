/**
 * A real Kubernetes control plane for tests and the demo: kube-apiserver and etcd of a pinned release, and on demand
 * kube-controller-manager. There are no nodes, so nothing runs in pods.
 */
export { BinariesUnavailableError, ensureBinaries, type EnsureOptions } from './binaries.ts';
export type { BinaryPaths } from './cache.ts';
export { type ControlPlane, type ControlPlaneOptions, startControlPlane } from './control-plane.ts';
export type { BinaryName } from './release.ts';
export { KubectlError, type KubectlOptions, type KubectlResult } from './run-kubectl.ts';
