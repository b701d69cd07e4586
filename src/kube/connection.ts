import type { ConnectionOptions } from 'node:tls';

/** What one request needs besides itself: read anew for each, since tokens, certificates and CA files are rotated. */
export interface Access {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsOptions;
  /** `http://`, `https://` or `socks5://` address of a proxy. */
  readonly proxyUrl?: string;
}

export type TlsOptions = Readonly<
  Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'passphrase' | 'rejectUnauthorized' | 'servername'>
>;

/** An API server and how to be let in. */
export interface KubeConnection {
  /** Origin and, behind some gateways, a path prefix; without a slash at the end. */
  readonly server: string;
  /** The namespace of the kubeconfig's context or of the pod, if there is one. */
  readonly namespace?: string;
  /** Rejects with a {@link KubeError} of kind `credentials`. */
  authenticate(): Promise<Access>;
  /** Called after a 401: forget cached credentials, so that the next request reads them again. */
  forgetCredentials(): void;
}

/** A server that asks for no credentials: one in the same process, or behind `kubectl proxy`. */
export const anonymousConnection = (server: string): KubeConnection => ({
  server,
  authenticate: () => Promise.resolve({ headers: {}, tls: {} }),
  forgetCredentials: () => undefined,
});
