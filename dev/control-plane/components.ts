/**
 * How each component is started. Paths are relative to the run folder, which is their working directory.
 */

/**
 * etcd listens on Unix sockets in the run folder, which only this user can enter: no port to lose and no one to keep out.
 * The `:0` is no port but a part of the file's name, for etcd insists on one.
 */
const ETCD_CLIENT_URL = 'unix://etcd.sock:0';
const ETCD_PEER_URL = 'unix://peer.sock:0';

export const FILES = {
  ca: 'ca.crt',
  servingCertificate: 'apiserver.crt',
  servingKey: 'apiserver.key',
  serviceAccountKey: 'service-account.key',
  serviceAccountPublicKey: 'service-account.pub',
  adminKubeconfig: 'kubeconfig',
  controllerManagerKubeconfig: 'controller-manager.kubeconfig',
  auditPolicy: 'audit-policy.yaml',
  auditLog: 'audit.log',
} as const;

/** Data that is thrown away at the end needs no fsync; without it a write takes microseconds instead of milliseconds. */
export function etcdArguments(): readonly string[] {
  return [
    '--name=local',
    '--data-dir=etcd',
    '--unsafe-no-fsync',
    `--listen-client-urls=${ETCD_CLIENT_URL}`,
    `--advertise-client-urls=${ETCD_CLIENT_URL}`,
    `--listen-peer-urls=${ETCD_PEER_URL}`,
    `--initial-advertise-peer-urls=${ETCD_PEER_URL}`,
    `--initial-cluster=local=${ETCD_PEER_URL}`,
    '--log-level=warn',
  ];
}

/** Whose requests the audit log has: everyone's, or those of service accounts alone, which are few among a test's own. */
export type Audited = 'everyone' | 'service-accounts';

export function apiserverArguments(port: number, audited: Audited | undefined): readonly string[] {
  return [
    `--etcd-servers=${ETCD_CLIENT_URL}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    `--tls-cert-file=${FILES.servingCertificate}`,
    `--tls-private-key-file=${FILES.servingKey}`,
    `--client-ca-file=${FILES.ca}`,
    '--anonymous-auth=false',
    '--authorization-mode=RBAC',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${FILES.serviceAccountPublicKey}`,
    `--service-account-signing-key-file=${FILES.serviceAccountKey}`,
    '--service-cluster-ip-range=10.0.0.0/24',
    // It refuses pods until a controller has made the namespace's default service account. No pod ever runs here.
    '--disable-admission-plugins=ServiceAccount',
    // The service `kubernetes` would get this server's address, which may not be a loopback one.
    '--endpoint-reconciler-type=none',
    '--profiling=false',
    ...(audited === undefined
      ? []
      : [`--audit-policy-file=${FILES.auditPolicy}`, `--audit-log-path=${FILES.auditLog}`]),
  ];
}

/** One line for each request when it ends, without bodies. */
export function auditPolicy(audited: Audited): string {
  return `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted]
rules:
  - level: Metadata${audited === 'everyone' ? '' : '\n    userGroups: [system:serviceaccounts]'}
`;
}

/**
 * What a bare apiserver does not do: delete the content of namespaces, collect garbage, aggregate cluster roles, count what
 * quotas limit, make pods.
 */
const CONTROLLERS = [
  'namespace-controller',
  'validatingadmissionpolicy-status-controller',
  'garbage-collector-controller',
  'clusterrole-aggregation-controller',
  'resourcequota-controller',
  'deployment-controller',
  'replicaset-controller',
] as const;

export function controllerManagerArguments(): readonly string[] {
  return [
    `--kubeconfig=${FILES.controllerManagerKubeconfig}`,
    `--controllers=${CONTROLLERS.join(',')}`,
    '--use-service-account-credentials=true',
    // A quota on a kind that was defined a moment ago is counted with the next round, by default 5 min later.
    '--resource-quota-sync-period=5s',
    '--leader-elect=false',
    '--secure-port=0',
    '--profiling=false',
  ];
}
