import { ARRAY_API_VERSION } from './config/api-versions.ts';
import { type AzureCredential, readAuthorityHost, readCredential } from './config/azure-environment.ts';
import { type CloudName, clouds } from './config/clouds.ts';
import { type Flag, flags } from './config/flags.ts';
import { type Environment, type Given, quote, readGiven } from './config/given.ts';
import { helpText } from './config/help.ts';
import type { ListenAddress } from './config/values.ts';
import { version } from './config/version.ts';
import type { LogFormat, LogLevel } from './telemetry/logger.ts';

/** Everything that can be set from outside, complete and deeply frozen. It holds no secret. */
export interface Config {
  /** Whether it is only looked, once, if everything is there. */
  readonly check: boolean;
  /** Kubeconfig file; absent: kubectl's search, which ends at the pod's service account. */
  readonly kubeconfig: string | undefined;
  /** The operator's own namespace (Leases, its events); absent: the pod's, or that of the kubeconfig's context. */
  readonly namespace: string | undefined;
  /** Serve the bindings in these namespaces only; absent: in all. Never empty. */
  readonly watchNamespaces: readonly string[] | undefined;
  readonly azure: AzureConfig;
  /** Time between two reads of Azure that look for drift, before jitter. */
  readonly intervalMs: number;
  /** How long what `mode: Exclusive` detaches has to stand on record before. */
  readonly exclusiveDelayMs: number;
  /** How many identities are detached in 10 minutes at most, over all scale sets; 0: none ever, else one for each shard. */
  readonly detachLimit: number;
  /** Whether nothing is written to Azure. */
  readonly readOnly: boolean;
  /** Scale sets that are worked on at once, in each shard. */
  readonly concurrency: number;
  /** Whether replicas agree on one of them that works, by a Lease. */
  readonly leaderElect: boolean;
  /** How long after the last sign of life of the leader another replica takes over. */
  readonly leaseDurationMs: number;
  /** Into how many parts subscriptions are spread, each with a leader of its own; more than 1 only with leader election. */
  readonly shards: number;
  /** Where health and metrics are served. */
  readonly listen: ListenAddress;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
}

/** Where Azure is and how to sign in. No URL but an audience that was given ends in a slash. */
export interface AzureConfig {
  readonly cloud: CloudName;
  /** Base URL of Azure Resource Manager, maybe with a path. */
  readonly armEndpoint: string;
  /** OAuth scope to ask a token for, `/.default` included. */
  readonly armScope: string;
  /** The api-version of Microsoft.Compute: 2023-09-01 or later, or 2017-12-01. */
  readonly armApiVersion: string;
  /** Whether it is one without etags: every write replaces the whole list of identities, and nothing guards it. */
  readonly unguardedWrites: boolean;
  /** Base URL of the token issuer. */
  readonly authorityHost: string;
  /** True: do not ask the public cloud whether the authority host can be trusted. */
  readonly disableInstanceDiscovery: boolean;
  readonly credential: AzureCredential;
  /** The part taken of the limits that are shared with other clients, 0 to 1; 0: none is kept to but what Azure says. */
  readonly budgetShare: number;
}

/** What the command line asks for. The errors are all there are, one line each. */
export type Parse =
  | { readonly kind: 'config'; readonly config: Config }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'version'; readonly text: string }
  | { readonly kind: 'errors'; readonly errors: readonly string[] };

/**
 * Reads flags (`argv` without program and script) and environment. It touches nothing else: whether a file exists or a
 * host answers is for those who use it to find out.
 */
export const parseConfig = (argv: readonly string[], env: Environment): Parse => {
  const given = readGiven(argv, env);
  if (given.help) return { kind: 'help', text: helpText() };
  if (given.version) return { kind: 'version', text: version };
  const errors = [...given.errors];
  const config = readConfig(given.values, env, errors);
  return errors.length > 0 ? { kind: 'errors', errors } : { kind: 'config', config: deepFreeze(config) };
};

/** The configuration; only valid if it added nothing to `errors`. */
const readConfig = (values: ReadonlyMap<string, Given>, env: Environment, errors: string[]): Config => {
  const take = <T>(flag: Flag<T>): T => {
    const value = values.get(flag.name);
    if (value === undefined) return flag.defaultValue;
    const parsed = flag.parse(value.text);
    if (parsed.ok) return parsed.value;
    const found = value.text === '' ? 'has no value' : `is ${quote(value.text)}`;
    errors.push(`${value.via}: ${found}, expected ${parsed.expected}`);
    return flag.defaultValue;
  };
  const check = take(flags.check);
  const config: Config = {
    check,
    kubeconfig: take(flags.kubeconfig),
    namespace: take(flags.namespace),
    watchNamespaces: take(flags.watchNamespaces),
    azure: readAzureConfig(take, values, env, errors),
    intervalMs: take(flags.intervalMs),
    exclusiveDelayMs: take(flags.exclusiveDelayMs),
    detachLimit: take(flags.detachLimit),
    readOnly: take(flags.readOnly),
    concurrency: take(flags.concurrency),
    leaderElect: take(flags.leaderElect),
    leaseDurationMs: take(flags.leaseDurationMs),
    shards: take(flags.shards),
    listen: take(flags.listen),
    logLevel: take(flags.logLevel),
    // Who looks by hand reads what comes of it, unless told otherwise.
    logFormat: check && !values.has(flags.logFormat.name) ? 'human' : take(flags.logFormat),
  };
  checkShards(config, values, errors);
  return config;
};

/** Shards are led by Leases, and no two of them may draw on the same part of a limit. */
const checkShards = (config: Config, values: ReadonlyMap<string, Given>, errors: string[]): void => {
  const { shards, leaderElect, detachLimit } = config;
  const given = values.get(flags.shards.name);
  if (given === undefined || shards === 1) return;
  if (!leaderElect) {
    errors.push(`${given.via}: ${shards} shards are led by Leases, so they are taken only with --leader-elect`);
  }
  if (detachLimit > 0 && detachLimit < shards) {
    const limit = values.get(flags.detachLimit.name)?.via ?? `--${flags.detachLimit.name}`;
    errors.push(`${limit}: ${detachLimit} cannot be split over ${shards} shards, expected 0 or at least ${shards}`);
  }
};

const readAzureConfig = (
  take: <T>(flag: Flag<T>) => T,
  values: ReadonlyMap<string, Given>,
  env: Environment,
  errors: string[],
): AzureConfig => {
  const name = take(flags.cloud);
  const cloud = clouds[name];
  const hasAuthority = values.has(flags.authorityHost.name);
  return {
    cloud: name,
    armEndpoint: take(flags.armEndpoint) ?? cloud.armEndpoint,
    armScope: `${take(flags.armAudience) ?? cloud.armAudience}/.default`,
    ...takeApiVersion(take, values, errors),
    authorityHost: (hasAuthority ? take(flags.authorityHost) : readAuthorityHost(env, errors)) ?? cloud.authorityHost,
    credential: takeCredential(take, env, errors),
    disableInstanceDiscovery: take(flags.disableInstanceDiscovery),
    budgetShare: take(flags.azureBudgetShare),
  };
};

/** A version without etags is taken only from who says that this is meant, and nobody says so in vain. */
const takeApiVersion = (
  take: <T>(flag: Flag<T>) => T,
  values: ReadonlyMap<string, Given>,
  errors: string[],
): Pick<AzureConfig, 'armApiVersion' | 'unguardedWrites'> => {
  const before = errors.length;
  const armApiVersion = take(flags.armApiVersion);
  const allowed = take(flags.allowUnguardedWrites);
  const unguardedWrites = armApiVersion === ARRAY_API_VERSION;
  const [version, allow] = [values.get(flags.armApiVersion.name), values.get(flags.allowUnguardedWrites.name)];
  if (errors.length === before && unguardedWrites && !allowed) {
    errors.push(
      `${version?.via ?? ''}: ${ARRAY_API_VERSION} has no etags to guard a write, so it is taken only with --allow-unguarded-writes`,
    );
  }
  if (errors.length === before && allowed && !unguardedWrites) {
    errors.push(
      `${allow?.via ?? ''}: only for --arm-api-version ${ARRAY_API_VERSION}; etags guard every write in ${armApiVersion}`,
    );
  }
  return { armApiVersion, unguardedWrites };
};

const takeCredential = (take: <T>(flag: Flag<T>) => T, env: Environment, errors: string[]): AzureCredential => {
  const before = errors.length;
  const kind = take(flags.credential);
  // What was not understood is not asked for its variables.
  return readCredential(kind, env, errors.length > before ? [] : errors);
};

const deepFreeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
};
