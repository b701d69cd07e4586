/** What is run, and where each way of getting it finds it. The two releases differ because envtest archives are not made for every patch. */

export type BinaryName = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kubectl';

/** The Kubernetes release that `go/go.mod` pins. A unit test keeps the two equal. */
export const GO_RELEASE = 'v1.36.3';

/** The main package of each binary, as the `tool` lines of `go/go.mod` name them. */
export const GO_PACKAGES: Readonly<Record<BinaryName, string>> = {
  etcd: 'go.etcd.io/etcd/server/v3',
  'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
  'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
  kubectl: 'k8s.io/kubernetes/cmd/kubectl',
};

/** Operating system and processor as Go and the archives name them, for example `linux-amd64`. */
export type Platform = string;

export interface ArchiveRelease {
  readonly release: string;
  readonly url: (platform: Platform) => string;
  /** SHA-512 in hex of the archive for each platform there is one for. */
  readonly sha512: Readonly<Record<Platform, string>>;
  /** The folder inside the archive that holds the binaries. */
  readonly folder: string;
  readonly binaries: readonly BinaryName[];
}

/** Checksums: `envtest-releases.yaml` of kubernetes-sigs/controller-tools. */
export const ENVTEST_ARCHIVE: ArchiveRelease = {
  release: 'v1.36.2',
  url: (platform) =>
    `https://github.com/kubernetes-sigs/controller-tools/releases/download/envtest-v1.36.2/envtest-v1.36.2-${platform}.tar.gz`,
  sha512: {
    'linux-amd64':
      'ea743186c8a799f5cf8faf16969f86189d003cb7d130e0ac4b58789f1e5748dcf30ebe91c837a10d5ac415383da3e10b9e64d65785c938c23e739781cfb76f08',
    'linux-arm64':
      '2d72ee985a8e262a3c57dc9f7f0fd891f6a8c7bf7ebaa2db6dc6d8eac8ae28181afe51c1f368b67756cdb40b10de9b205609e1726e5f27f7c6d824dd9c6649ac',
    'darwin-amd64':
      'b4fe9f973cd1992e3880f8b230ed32c0c243b83371591e3e3315f4404df2cdbef8ee94eeb9bb245b7e5feb987d5c4a76c43e0877654ab73f00d7bbc2b9984514',
    'darwin-arm64':
      '9278f9e5af556b2f1f2d139769c1f0d717c7b4426917fdebdba898bcb725a916e4910d6160886194ff9be9589ea7c5c32c2b8ae0754703874b7c8ba8ddfc41ce',
  },
  folder: 'controller-tools/envtest',
  binaries: ['etcd', 'kube-apiserver', 'kubectl'],
};

/** @throws Error where the Kubernetes control plane does not run. */
export function platformOf(os: NodeJS.Platform, processor: NodeJS.Architecture): Platform {
  const architecture = { x64: 'amd64', arm64: 'arm64' }[processor as 'x64' | 'arm64'] as string | undefined;
  if ((os !== 'linux' && os !== 'darwin') || architecture === undefined) {
    throw new Error(`No kube-apiserver for ${os} on ${processor}: Linux and macOS on amd64 and arm64 are served.`);
  }
  return `${os}-${architecture}`;
}
