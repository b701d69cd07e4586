import type { LogFormat, LogLevel } from '../telemetry/logger.ts';
import { ARRAY_API_VERSION, FIRST_WITH_ETAGS } from './api-versions.ts';
import type { CloudName } from './clouds.ts';
import {
  apiVersion,
  audience,
  durationMs,
  httpsUrl,
  integer,
  listenAddress,
  namespace,
  namespaces,
  oneOf,
  type Parser,
  path,
  share,
  trueOrFalse,
} from './values.ts';

/** One setting: a flag `--<name>`, and a variable in the environment (see {@link variableOf}). */
export interface Flag<T = unknown> {
  /** Without the dashes in front. */
  readonly name: string;
  /** What stands for the value in the help; a flag without it is a switch. */
  readonly placeholder?: string;
  /** What it does, in one or two sentences. */
  readonly about: string;
  /** The value when nobody gives one, in words if there is no such text. */
  readonly defaultText: string;
  readonly defaultValue: T;
  readonly parse: Parser<T>;
}

/** How Azure tokens are obtained. */
export type CredentialName = 'workload-identity' | 'managed-identity' | 'environment' | 'cli';

const cloudNames = ['public', 'usgov', 'china'] as const satisfies readonly CloudName[];
const credentialNames = [
  'workload-identity',
  'managed-identity',
  'environment',
  'cli',
] as const satisfies readonly CredentialName[];
const logLevels = ['error', 'warn', 'info', 'debug'] as const satisfies readonly LogLevel[];
const logFormats = ['json', 'human'] as const satisfies readonly LogFormat[];

/** A setting whose default has a text that could have been given. */
const flag = <T>(setting: Omit<Flag<T>, 'defaultText' | 'defaultValue'> & { readonly default: string }): Flag<T> => {
  const { default: defaultText, ...rest } = setting;
  const parsed = setting.parse(defaultText);
  if (!parsed.ok) throw new Error(`the default of --${setting.name} is none of its values`);
  return { ...rest, defaultText, defaultValue: parsed.value };
};

/** A setting that is absent unless it is given. */
const optional = <T>(setting: Omit<Flag<T>, 'defaultValue'>): Flag<T | undefined> => ({
  ...setting,
  defaultValue: undefined,
});

/** Each costs a Lease, which every replica asks for or renews all the time. */
const MOST_SHARDS = 32;

/** What every variable of the operator's own begins with. */
export const variablePrefix = 'VMSS_IDENTITY_';

/** How a flag is spelled in the environment: `--log-level` is `VMSS_IDENTITY_LOG_LEVEL`. */
export const variableOf = ({ name }: Pick<Flag, 'name'>): string =>
  `${variablePrefix}${name.replaceAll('-', '_').toUpperCase()}`;

/** Every setting there is, in the order of the help. */
export const flags = {
  check: flag({
    name: 'check',
    about:
      'Look once whether everything is there that the operator needs, print what is missing and the command that grants it, and end: with 0 if all is well, with 1 if not. Nothing is written anywhere. It prints JSON with --log-format=json, and else lines for people.',
    default: 'false',
    parse: trueOrFalse,
  }),
  kubeconfig: optional({
    name: 'kubeconfig',
    placeholder: 'file',
    about: 'Kubeconfig of the cluster to serve.',
    defaultText: "kubectl's search: $KUBECONFIG, ~/.kube/config, the pod's service account",
    parse: path,
  }),
  namespace: optional({
    name: 'namespace',
    placeholder: 'name',
    about:
      "The operator's own namespace: its Lease is kept there, and the events of namespaces that are being deleted.",
    defaultText: "the pod's, or that of the kubeconfig's context",
    parse: namespace,
  }),
  watchNamespaces: optional({
    name: 'watch-namespace',
    placeholder: 'names',
    about: 'Serve the bindings in these namespaces only; several are separated by commas.',
    defaultText: 'all namespaces',
    parse: namespaces,
  }),
  cloud: flag({
    name: 'cloud',
    placeholder: cloudNames.join('|'),
    about: 'The Azure cloud; sets the endpoint, the audience and the authority host.',
    default: 'public',
    parse: oneOf(cloudNames),
  }),
  armEndpoint: optional({
    name: 'arm-endpoint',
    placeholder: 'url',
    about: 'Azure Resource Manager, where it is not that of the cloud.',
    defaultText: "the cloud's",
    parse: httpsUrl,
  }),
  armAudience: optional({
    name: 'arm-audience',
    placeholder: 'url',
    about: 'The resource that tokens for Azure Resource Manager are for, without /.default.',
    defaultText: "the cloud's",
    parse: audience,
  }),
  armApiVersion: flag({
    name: 'arm-api-version',
    placeholder: 'date',
    about: 'The api-version of Microsoft.Compute that scale sets are read and written with.',
    default: '2024-11-01',
    parse: apiVersion(
      FIRST_WITH_ETAGS,
      ARRAY_API_VERSION,
      'earlier ones have no etags to guard a write; that one only with --allow-unguarded-writes',
    ),
  }),
  allowUnguardedWrites: flag({
    name: 'allow-unguarded-writes',
    about: `Take --arm-api-version ${ARRAY_API_VERSION}, where each write replaces the whole list of identities and no etag guards it: what others attach at the same moment can be lost.`,
    default: 'false',
    parse: trueOrFalse,
  }),
  authorityHost: optional({
    name: 'authority-host',
    placeholder: 'url',
    about: 'Where tokens are issued (Microsoft Entra ID).',
    defaultText: "$AZURE_AUTHORITY_HOST, or the cloud's",
    parse: httpsUrl,
  }),
  credential: flag({
    name: 'credential',
    placeholder: credentialNames.join('|'),
    about:
      'How the operator signs in to Azure: the federated token of its service account, the identity of its node, the AZURE_* variables, or the Azure CLI of whoever starts it.',
    default: 'workload-identity',
    parse: oneOf(credentialNames),
  }),
  disableInstanceDiscovery: flag({
    name: 'disable-instance-discovery',
    about: 'Trust the authority host without asking the public cloud about it; for private clouds.',
    default: 'false',
    parse: trueOrFalse,
  }),
  azureBudgetShare: flag({
    name: 'azure-budget-share',
    placeholder: 'share',
    about:
      "The part the operator takes of those of Azure's request limits that it shares with other clients of a subscription, from 0 to 1. With 0 it keeps to no limit by itself, and waits only when Azure tells it to.",
    default: '0.5',
    parse: share,
  }),
  intervalMs: flag({
    name: 'interval',
    placeholder: 'duration',
    about: 'How often Azure is read again to find drift, give or take a tenth.',
    default: '10m',
    parse: durationMs('1s', '24h'),
  }),
  concurrency: flag({
    name: 'concurrency',
    placeholder: 'number',
    about: 'How many scale sets are worked on at once, in each shard; one that Azure is busy with does not count.',
    default: '16',
    parse: integer(1, 100),
  }),
  exclusiveDelayMs: flag({
    name: 'exclusive-delay',
    placeholder: 'duration',
    about:
      'How long the list of what `mode: Exclusive` is about to detach has to stand, on record, before it is detached.',
    default: '1m',
    parse: durationMs('0s', '24h'),
  }),
  detachLimit: flag({
    name: 'detach-limit',
    placeholder: 'number',
    about:
      'How many identities are detached in 10 minutes at most, over all scale sets; turning a system-assigned one off counts as one. What is more waits, and says so. Shards have an equal part of it each. With 0 nothing is ever detached.',
    default: '100',
    parse: integer(0, 100_000),
  }),
  readOnly: flag({
    name: 'read-only',
    about:
      'Write nothing to Azure: what would be attached or detached waits, and is told of in the statuses; what needs no Azure goes on.',
    default: 'false',
    parse: trueOrFalse,
  }),
  leaderElect: flag({
    name: 'leader-elect',
    about:
      'Let one of several replicas work and the others stand by, or each on shards of its own, by Leases in the own namespace. Without it there must never be a second one.',
    default: 'true',
    parse: trueOrFalse,
  }),
  leaseDurationMs: flag({
    name: 'lease-duration',
    placeholder: 'duration',
    about:
      'How long after the last sign of life of the leader another replica takes over. The leader stops writing a third of it before, and a write to Azure may take four ninths of it.',
    default: '45s',
    parse: durationMs('15s', '10m'),
  }),
  shards: flag({
    name: 'shards',
    placeholder: 'number',
    about:
      'Into how many shards subscriptions are spread, with a Lease and a leader each, so that several replicas work at once. All replicas must have the same number; those with another one wait until they are gone.',
    default: '1',
    parse: integer(1, MOST_SHARDS),
  }),
  listen: flag({
    name: 'listen',
    placeholder: 'host:port',
    about: 'Where /healthz, /readyz, /metrics and /loglevel are served.',
    default: '0.0.0.0:8080',
    parse: listenAddress,
  }),
  logLevel: flag({
    name: 'log-level',
    placeholder: logLevels.join('|'),
    about: 'The least severe lines to write; changed at run time at /loglevel.',
    default: 'info',
    parse: oneOf(logLevels),
  }),
  logFormat: flag({
    name: 'log-format',
    placeholder: logFormats.join('|'),
    about: 'One JSON object a line, or lines for people.',
    default: 'json',
    parse: oneOf(logFormats),
  }),
} as const;

export const allFlags: readonly Flag[] = Object.values(flags);
