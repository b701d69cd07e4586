/**
 * The composition root: how the operator is put together, and the order in which it starts and stops. What touches the
 * world comes in from outside, so that a test can replace all of it.
 */
import { createCredential } from './azure/credentials.ts';
import type { Fence } from './azure/fence.ts';
import { type AzurePortOptions, createAzurePort } from './azure/port.ts';
import type { Config } from './config.ts';
import { operatorName } from './config/operator-name.ts';
import { version } from './config/version.ts';
import { Availability } from './kube/availability.ts';
import { KubeClient, type KubeClientOptions } from './kube/client.ts';
import { Cluster } from './kube/cluster.ts';
import type { KubeConnection } from './kube/connection.ts';
import { eventDescriptor, type EventObject } from './kube/event-object.ts';
import { EventRecorder } from './kube/events.ts';
import { loadKubeConnection, sourceOf } from './kube/kubeconfig.ts';
import { KubeLease, leaseDescriptor, type LeaseObject } from './kube/lease.ts';
import { ResourceClient } from './kube/resource-client.ts';
import { shardOf } from './reconcile/shard.ts';
import type { Clock, Random } from './runtime/clock.ts';
import { HealthServer, type HealthServerOptions, type ListenAddress } from './runtime/health.ts';
import { retryAfterMs, writeLimitMs } from './runtime/leader-election.ts';
import { Shards } from './shards.ts';
import type { Logger, LogLevelControl } from './telemetry/logger.ts';
import { Metrics } from './telemetry/metrics.ts';

export interface OperatorParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** What is changed at run time; absent: nothing is. */
  readonly logLevel?: LogLevelControl;
  /** Name under which events are reported: the pod's. */
  readonly instance: string;
  /** Instead of the connection that the configuration names. */
  readonly kubeConnection?: KubeConnection;
  /** Instead of the network, for every request to Kubernetes. */
  readonly kubeDispatcher?: KubeClientOptions['dispatcher'];
  /** Instead of the network, for every request to Azure Resource Manager. */
  readonly azureHttpClient?: NonNullable<AzurePortOptions['httpClient']>;
  /** Instead of the credential that the configuration names. */
  readonly credential?: AzurePortOptions['credential'];
  /** Instead of the server for health and metrics; those of the process are left out, for nobody reads them. */
  readonly healthServer?: (options: HealthServerOptions) => Pick<HealthServer, 'start' | 'stop'>;
}

export interface Operator {
  /** Serves health at once, then syncs and works, or stands by to. Resolves with the address of the health server. */
  start(): Promise<ListenAddress>;
  /** Resolves when all that is to be known is known; with false when stopped before. */
  synced(): Promise<boolean>;
  /** Not ready; takes no more work; finishes or gives up what runs; gives the lease back; ends. Never rejects. */
  stop(): Promise<void>;
  /** Counts an error that nobody handled. */
  unexpectedError(): void;
}

/** How long running passes may go on after a stop, in milliseconds; all of it ends within 25 s. */
const GRACE_MS = 16_000;
const EVENT_GRACE_MS = 3000;
/** A write that came too late for the lease asks again so soon, in milliseconds. */
const FENCE_RETRY_MS = 5000;

const UNGUARDED =
  'writes to scale sets are not guarded in this api-version: each replaces the whole list of identities, and what ' +
  'others attach at the same moment can be lost; that nothing of theirs is ever removed holds from 2023-09-01 on';

const NO_RIGHT = 'the operator has no right to a Lease, and cannot lead: its Role has to name the Lease';

const READ_ONLY = 'started with --read-only: nothing is written to Azure, and the statuses say what waits';

export function createOperator(parts: OperatorParts): Operator {
  const { config, clock, random, logger } = parts;
  const ending = new AbortController();
  const metrics = new Metrics();
  if (parts.healthServer === undefined) metrics.addProcessMetrics();
  metrics.addBuildInfo(version);

  const connection = parts.kubeConnection ?? loadKubeConnection(sourceOf(config.kubeconfig));
  const ownNamespace = config.namespace ?? connection.namespace ?? 'default';
  const availability = new Availability({ clock, logger });
  const client = new KubeClient({
    connection,
    clock,
    dispatcher: parts.kubeDispatcher,
    observer: metrics.kubeRequests(),
    availability,
  });
  const events = new EventRecorder({
    client: new ResourceClient<EventObject>(client, eventDescriptor),
    reporter: { controller: operatorName, instance: parts.instance },
    ownNamespace,
    clock,
    random,
    logger,
    observer: metrics.kubeEvents(),
  });
  const cluster = new Cluster({
    client,
    watchNamespaces: config.watchNamespaces,
    events,
    clock,
    random,
    logger,
    observer: (reflector) => metrics.reflector(reflector),
    availability,
    changed: (scaleSet, urgency) => shards.add(scaleSet, urgency),
  });
  for (const [name, reflector] of cluster.reflectors) metrics.readReflector(name, reflector);
  const azure = createAzurePort({
    endpoint: config.azure.armEndpoint,
    scope: config.azure.armScope,
    apiVersion: config.azure.armApiVersion,
    credential: parts.credential ?? createCredential(config.azure),
    ...(parts.azureHttpClient === undefined ? {} : { httpClient: parts.azureHttpClient }),
    clock,
    random,
    logger,
    onRequest: metrics.azureRequests(),
    budgetShare: config.azure.budgetShare,
    budgetObserver: metrics.azureBudgets(),
    heldKey: (scaleSet) => cluster.held(scaleSet)?.key ?? scaleSet,
    readOnly: config.readOnly,
    ...(config.leaderElect ? fencedBy(config, (subscriptionId) => shards.remainingMs(subscriptionId)) : {}),
    tenantParts: { count: config.shards, of: (subscriptionId) => shardOf(subscriptionId, config.shards) },
  });
  metrics.readAzureBudgets(() => azure.budgets());

  const shards = new Shards({
    config,
    clock,
    random,
    logger,
    metrics,
    cluster,
    azure,
    availability,
    instance: parts.instance,
    lease: operatorName,
    storeOf: (name) =>
      new KubeLease(
        new ResourceClient<LeaseObject>(client, leaseDescriptor),
        { namespace: ownNamespace, name },
        (error) => logger.warn(NO_RIGHT, { lease: name, error }),
      ),
  });
  const newHealthServer = parts.healthServer ?? ((options) => new HealthServer(options));
  const health = newHealthServer({
    listen: config.listen,
    readiness: {
      running: () => (ending.signal.aborted ? 'stopping' : true),
      ...Object.fromEntries([...cluster.reflectors].map(([name, reflector]) => [name, () => freshness(reflector)])),
    },
    metrics,
    logLevel: parts.logLevel,
  });

  let syncing: Promise<boolean> | undefined;
  const begin = async (): Promise<boolean> => {
    // No pass before every kind is synced: a binding without its policies or its ledger would be misjudged. Nor does one
    // stand for election that could not work.
    const synced = await cluster.start(ending.signal);
    if (synced && !ending.signal.aborted) {
      logger.info('synced');
      shards.start();
    }
    return synced;
  };
  return {
    async start() {
      const address = await health.start();
      if (config.azure.unguardedWrites) logger.warn(UNGUARDED, { apiVersion: config.azure.armApiVersion });
      if (config.readOnly) logger.warn(READ_ONLY);
      syncing = begin();
      return address;
    },
    synced: () => syncing ?? Promise.resolve(false),
    async stop() {
      if (ending.signal.aborted) return;
      ending.abort();
      logger.info('stopping');
      await shards.drain(GRACE_MS);
      await shards.stop();
      await cluster.stop();
      await events.stop(EVENT_GRACE_MS);
      await health.stop();
      await client.close();
      logger.info('stopped');
    },
    unexpectedError: () => metrics.unexpectedError(),
  };
}

/** A write must be over before another process could lead. */
function fencedBy(
  { leaseDurationMs }: Config,
  remainingMs: Fence['remainingMs'],
): Pick<AzurePortOptions, 'fence' | 'writeTimeoutMs'> {
  return {
    fence: { remainingMs, retryMs: Math.min(FENCE_RETRY_MS, retryAfterMs(leaseDurationMs)) },
    writeTimeoutMs: writeLimitMs(leaseDurationMs),
  };
}

function freshness(reflector: { synced(): boolean; isStale(): boolean; state(): string }): true | string {
  if (!reflector.synced()) return `not listed yet (${reflector.state()})`;
  return reflector.isStale() ? 'the API server has not been heard of for long' : true;
}
