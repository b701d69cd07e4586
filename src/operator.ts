/**
 * The composition root: how the operator is put together, and the order in which it starts and stops. What touches the
 * world comes in from outside, so that a test can replace all of it.
 */
import { createCredential } from './azure/credentials.ts';
import { type AzurePortOptions, createAzurePort } from './azure/port.ts';
import type { Config } from './config.ts';
import type { ArmKey } from './identity/arm-id.ts';
import { KubeClient, type KubeClientOptions } from './kube/client.ts';
import { Cluster } from './kube/cluster.ts';
import type { KubeConnection } from './kube/connection.ts';
import { eventDescriptor, type EventObject } from './kube/event-object.ts';
import { EventRecorder } from './kube/events.ts';
import { loadKubeConnection } from './kube/kubeconfig.ts';
import { ResourceClient } from './kube/resource-client.ts';
import { createInventories } from './reconcile/inventory/inventories.ts';
import { Reconciler } from './reconcile/reconciler.ts';
import type { Clock, Random } from './runtime/clock.ts';
import { Controller } from './runtime/controller.ts';
import { HealthServer, type ListenAddress } from './runtime/health.ts';
import { WorkQueue } from './runtime/work-queue.ts';
import type { Logger } from './telemetry/logger.ts';
import { Metrics } from './telemetry/metrics.ts';

export interface OperatorParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
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
}

export interface Operator {
  /** Serves health at once, then syncs and begins to work. Resolves with the address of the health server. */
  start(): Promise<ListenAddress>;
  /** Resolves when the first passes may run; with false when stopped before. */
  synced(): Promise<boolean>;
  /** Not ready; takes no more work; finishes or gives up what runs; ends. Never rejects. */
  stop(): Promise<void>;
}

const NAME = 'vmss-identity-operator';
const QUEUE = 'scalesets';
/** How long running passes may go on after a stop, in milliseconds; all of it ends within 25 s. */
const GRACE_MS = 18_000;
const EVENT_GRACE_MS = 3000;

const UNGUARDED =
  'writes to scale sets are not guarded in this api-version: each replaces the whole list of identities, and what ' +
  'others attach at the same moment can be lost; that nothing of theirs is ever removed holds from 2023-09-01 on';

export function createOperator(parts: OperatorParts): Operator {
  const { config, clock, random, logger } = parts;
  const ending = new AbortController();
  const metrics = new Metrics();
  metrics.addProcessMetrics();

  const client = new KubeClient({
    connection: parts.kubeConnection ?? loadKubeConnection(sourceOf(config)),
    clock,
    dispatcher: parts.kubeDispatcher,
    observer: metrics.kubeRequests(),
  });
  const events = new EventRecorder({
    client: new ResourceClient<EventObject>(client, eventDescriptor),
    reporter: { controller: NAME, instance: parts.instance },
    clock,
    random,
    logger,
    observer: metrics.kubeEvents(),
  });
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
  });
  metrics.readAzureBudgets(() => azure.budgets());

  const queue = new WorkQueue<ArmKey>({ clock, random, observer: metrics.workQueue(QUEUE) });
  metrics.readQueue(QUEUE, queue);
  const cluster = new Cluster({
    client,
    watchNamespaces: config.watchNamespaces,
    events,
    clock,
    random,
    logger,
    observer: (plural) => metrics.reflector(plural),
    changed: (scaleSet, urgency) => queue.add(scaleSet, { priority: urgency }),
  });
  for (const [name, reflector] of cluster.reflectors) metrics.readReflector(name, reflector);
  const inventories = createInventories(
    {
      azure,
      clock,
      random,
      logger,
      intervalMs: config.intervalMs,
      cluster,
      due: (scaleSet, inMs) => queue.addAfter(scaleSet, inMs, { priority: 'low' }),
    },
    ending.signal,
  );
  metrics.readInventory(() => inventories.levels());
  const reconciler = new Reconciler({
    azure,
    cluster,
    random,
    now: () => clock.now(),
    inventory: inventories.inventory,
    roster: inventories.roster,
    exclusiveDelayMs: config.exclusiveDelayMs,
    logger,
    lostInRace: metrics.azureRaces(),
  });
  const controller = new Controller<ArmKey>({
    queue,
    reconcile: (scaleSet, signal, run) => reconciler.reconcile(scaleSet, signal, run.logger),
    workers: config.concurrency,
    clock,
    random,
    logger,
    observer: metrics.controller(QUEUE, config.concurrency),
  });
  const health = new HealthServer({
    listen: config.listen,
    readiness: {
      running: () => (ending.signal.aborted ? 'stopping' : true),
      ...Object.fromEntries([...cluster.reflectors].map(([name, reflector]) => [name, () => freshness(reflector)])),
    },
    metrics,
  });

  let syncing: Promise<boolean> | undefined;
  const begin = async (): Promise<boolean> => {
    // No pass before every kind is synced: a binding without its policies or its ledger would be misjudged.
    const synced = await cluster.start(ending.signal);
    if (synced && !ending.signal.aborted) {
      controller.start();
      logger.info('synced, and at work');
    }
    return synced;
  };
  return {
    async start() {
      const address = await health.start();
      if (config.azure.unguardedWrites) logger.warn(UNGUARDED, { apiVersion: config.azure.armApiVersion });
      syncing = begin();
      return address;
    },
    synced: () => syncing ?? Promise.resolve(false),
    async stop() {
      if (ending.signal.aborted) return;
      ending.abort();
      logger.info('stopping');
      await controller.stop(GRACE_MS);
      await inventories.ended();
      await cluster.stop();
      await events.stop(EVENT_GRACE_MS);
      await health.stop();
      await client.close();
      logger.info('stopped');
    },
  };
}

function sourceOf({ kubeconfig }: Config): Parameters<typeof loadKubeConnection>[0] {
  return kubeconfig === undefined ? { kind: 'default' } : { kind: 'kubeconfig', path: kubeconfig };
}

function freshness(reflector: { synced(): boolean; isStale(): boolean; state(): string }): true | string {
  if (!reflector.synced()) return `not listed yet (${reflector.state()})`;
  return reflector.isStale() ? 'the API server has not been heard of for long' : true;
}
