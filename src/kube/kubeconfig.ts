import type { RequestOptions } from 'node:https';

import { KubeConfig } from '@kubernetes/client-node';

import type { Access, KubeConnection, TlsOptions } from './connection.ts';
import { codeOf, KubeError } from './errors.ts';

/** Where the connection is described. `default` is kubectl's order: `$KUBECONFIG`, `~/.kube/config`, the pod's service account. */
export type ConnectionSource =
  | { readonly kind: 'default' }
  | { readonly kind: 'kubeconfig'; readonly path: string }
  | { readonly kind: 'in-cluster' };

/** @param kubeconfig a file; undefined: wherever kubectl would look */
export const sourceOf = (kubeconfig: string | undefined): ConnectionSource =>
  kubeconfig === undefined ? { kind: 'default' } : { kind: 'kubeconfig', path: kubeconfig };

/**
 * Reads a connection with client-node, which brings every way to authenticate: token (file re-read every minute),
 * client certificate, basic, exec plugin, OIDC. Only that part of client-node is used: it makes a new connection pool for
 * each call, has no time limits, and its informer dies on errors.
 *
 * Throws a {@link KubeError} of kind `credentials` when nothing usable is found.
 */
export const loadKubeConnection = (source: ConnectionSource): KubeConnection => {
  const first = load(source);
  const cluster = clusterOf(first);
  const namespace = first.getContextObject(first.getCurrentContext())?.namespace?.trim();
  let config: KubeConfig | undefined = first;
  let reading: Promise<Access> | undefined;
  return {
    server: cluster.server.replace(/\/+$/, ''),
    ...(namespace === undefined || namespace === '' ? {} : { namespace }),
    authenticate() {
      // Shared while it runs: ten requests at once start one exec plugin, not ten.
      reading ??= read((config ??= load(source))).finally(() => (reading = undefined));
      return reading;
    },
    forgetCredentials() {
      // The caches of tokens live in the KubeConfig; a new one has none.
      config = undefined;
    },
  };
};

const load = (source: ConnectionSource): KubeConfig => {
  const config = new KubeConfig();
  try {
    if (source.kind === 'kubeconfig') config.loadFromFile(source.path);
    else if (source.kind === 'in-cluster') config.loadFromCluster();
    else config.loadFromDefault();
  } catch (error) {
    throw new KubeError('credentials', `cannot load ${nameOf(source)}: ${codeOf(error)}`);
  }
  return config;
};

const nameOf = (source: ConnectionSource): string =>
  source.kind === 'kubeconfig' ? source.path : `the ${source.kind} Kubernetes configuration`;

const clusterOf = (config: KubeConfig) => {
  const cluster = config.getCurrentCluster();
  if (cluster === null)
    throw new KubeError('credentials', 'the kubeconfig has no current context, or no cluster for it');
  // Outside a cluster client-node makes `https://undefined:undefined` of the missing environment.
  if (!/^https?:\/\//.test(cluster.server) || !URL.canParse(cluster.server)) {
    throw new KubeError('credentials', `the server address ${cluster.server} is not an http(s) URL`);
  }
  if (cluster.server.startsWith('http:') && !cluster.skipTLSVerify) {
    const message = `the server ${cluster.server} is plain HTTP, which needs insecure-skip-tls-verify in the kubeconfig`;
    throw new KubeError('credentials', message);
  }
  return cluster;
};

const read = async (config: KubeConfig): Promise<Access> => {
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    // An exec plugin's error text may quote the token it got: only the code is passed on.
    throw new KubeError('credentials', `cannot read the Kubernetes credentials: ${codeOf(error)}`);
  }
  const proxyUrl = clusterOf(config).proxyUrl;
  return { headers: headersOf(options), tls: tlsOf(options), ...(proxyUrl === undefined ? {} : { proxyUrl }) };
};

const headersOf = ({ headers, auth }: RequestOptions): Record<string, string> => {
  const result: Record<string, string> = {};
  if (typeof auth === 'string') result['authorization'] = `Basic ${Buffer.from(auth).toString('base64')}`;
  for (const [name, value] of Object.entries(headers ?? {})) {
    // A token file may end in a newline, which is not allowed in a header.
    if (value !== undefined) result[name.toLowerCase()] = String(value).trim();
  }
  return result;
};

const tlsOf = ({ ca, cert, key, passphrase, rejectUnauthorized, servername }: RequestOptions): TlsOptions => ({
  ...(ca === undefined ? {} : { ca }),
  ...(cert === undefined ? {} : { cert }),
  ...(key === undefined ? {} : { key }),
  ...(passphrase === undefined ? {} : { passphrase }),
  ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
  ...(servername === undefined ? {} : { servername }),
});
