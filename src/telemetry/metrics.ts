import { collectDefaultMetrics, Registry } from 'prom-client';

import type { ControllerObserver } from '../runtime/controller.ts';
import type { MetricsSource } from '../runtime/health.ts';
import type { WorkQueueObserver } from '../runtime/work-queue.ts';
import { type ClusterFigures, countCluster } from './cluster-counts.ts';
import { createInstruments, type MetricKey, startAtZero } from './instruments.ts';
import { listedKinds, listLevels, queuePriorities, reflectorStates } from './metric-labels.ts';
import type {
  AzureLimitFigures,
  AzureLimitRecorder,
  AzureRequestRecorder,
  ElectionRecorder,
  EventRecorderObserver,
  ListFigures,
  PassRecorder,
  QueueFigures,
  ReflectorFigures,
  ReflectorRecorder,
  RequestRecorder,
} from './recorders.ts';

/**
 * Between two looks at the event loop, in milliseconds; no lag is told as less. Each look wakes the process: every 10 ms, as
 * prom-client would have it, takes 0.9 % of a core at rest.
 */
const LOOK_AT_LOOP_MS = 20;

/**
 * The metrics of one operator, in a registry of their own. All label values that are known beforehand start at 0, so that
 * rates are right from the first event on. What is asked for again under the same name goes on counting.
 */
export class Metrics implements MetricsSource {
  readonly #registry = new Registry();
  readonly #metrics = createInstruments(this.#registry);
  /** Set the gauges that are read and not counted. By what they read: a later term's takes the place of an earlier one's. */
  readonly #readers = new Map<string, () => void>();
  readonly #started = new Set<string>();

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The text that Prometheus reads. */
  metrics(): Promise<string> {
    for (const read of this.#readers.values()) read();
    return this.#registry.metrics();
  }

  /** Adds those of the Node process (CPU, memory, event loop). They are the process's: for one operator of it only. */
  addProcessMetrics(): void {
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: LOOK_AT_LOOP_MS });
  }

  /** Says which version of the operator this is. */
  addBuildInfo(version: string): void {
    this.#metrics.build.set({ version }, 1);
  }

  /** Counts what nobody caught. */
  unexpectedError(): void {
    this.#metrics.unexpectedErrors.inc();
  }

  /** For the queue of that name. */
  workQueue(name: string): WorkQueueObserver {
    const { queueAdds, queueSeconds, workSeconds, queueRetries } = this.#metrics;
    const labels = { name, controller: name };
    this.#startAtZero(labels, 'queueAdds', 'queueSeconds', 'workSeconds', 'queueRetries');
    return {
      added: () => queueAdds.inc(labels),
      taken: (waitedMs) => queueSeconds.observe(labels, waitedMs / 1000),
      done: (workedMs) => workSeconds.observe(labels, workedMs / 1000),
      retried: () => queueRetries.inc(labels),
    };
  }

  /** Reads the gauges of the queue from now on, at each scrape. */
  readQueue(name: string, queue: QueueFigures): void {
    const { queueDepth, unfinishedSeconds, longestSeconds } = this.#metrics;
    const labels = { name, controller: name };
    this.#readers.set(`queue ${name}`, () => {
      const runningMs = queue.runningMs();
      queueDepth.set({ ...labels, priority: queuePriorities.high }, queue.depth('high'));
      queueDepth.set({ ...labels, priority: queuePriorities.low }, queue.depth('low'));
      unfinishedSeconds.set(labels, runningMs.reduce((sum, ms) => sum + ms, 0) / 1000);
      longestSeconds.set(labels, Math.max(0, ...runningMs) / 1000);
    });
  }

  /** For the controller of that name. */
  controller(name: string, workers: number): ControllerObserver {
    const { passes, passErrors, passPanics, passTimeouts, passSeconds, activeWorkers } = this.#metrics;
    const labels = { controller: name };
    this.#startAtZero(
      labels,
      'passes',
      'passErrors',
      'passTerminalErrors',
      'passPanics',
      'passTimeouts',
      'passSeconds',
    );
    this.#metrics.workers.set(labels, workers);
    activeWorkers.inc(labels, 0);
    return {
      started: () => activeWorkers.inc(labels),
      ended: ({ result, durationMs, timedOut, defect }) => {
        activeWorkers.dec(labels);
        passes.inc({ ...labels, result });
        passSeconds.observe(labels, durationMs / 1000);
        if (result === 'error') passErrors.inc(labels);
        if (defect) passPanics.inc(labels);
        if (timedOut) passTimeouts.inc(labels);
      },
    };
  }

  /** For the election on the Lease of that name. */
  election(name: string): ElectionRecorder {
    const { leader, slowRenewals } = this.#metrics;
    this.#startAtZero({ name }, 'slowRenewals');
    leader.inc({ name }, 0);
    return {
      leading: (isLeader) => leader.set({ name }, isLeader ? 1 : 0),
      renewalFailed: () => slowRenewals.inc({ name }),
    };
  }

  /** For the reflector of that name. */
  reflector(name: string): ReflectorRecorder {
    const { reflectorListSeconds, reflectorWatchSeconds, reflectorEvents, reflectorFailures, handlerErrors } =
      this.#metrics;
    this.#startAtZero(
      { name },
      'reflectorListSeconds',
      'reflectorWatchSeconds',
      'reflectorEvents',
      'reflectorFailures',
      'handlerErrors',
    );
    return {
      listed: ({ durationMs }) => reflectorListSeconds.observe({ name }, durationMs / 1000),
      watchEnded: ({ events, openMs }) => {
        reflectorEvents.inc({ name }, events);
        reflectorWatchSeconds.observe({ name }, openMs / 1000);
      },
      failed: (kind) => reflectorFailures.inc({ name, kind }),
      handlerThrew: () => handlerErrors.inc({ name }),
    };
  }

  /** Reads the gauges of the reflector from now on, at each scrape. */
  readReflector(name: string, reflector: ReflectorFigures): void {
    const { reflectorState, reflectorActivity, reflectorStale, reflectorObjects } = this.#metrics;
    this.#readers.set(`reflector ${name}`, () => {
      for (const state of reflectorStates) reflectorState.set({ name, state }, reflector.state() === state ? 1 : 0);
      reflectorActivity.set({ name }, reflector.lastActivity() / 1000);
      reflectorStale.set({ name }, reflector.isStale() ? 1 : 0);
      reflectorObjects.set({ name }, reflector.size);
    });
  }

  kubeRequests(): RequestRecorder {
    const { requests, requestSeconds } = this.#metrics;
    return {
      requestEnded: ({ method, host, outcome, durationMs }) => {
        requests.inc({ code: String(outcome), method, host });
        requestSeconds.observe({ verb: method, host }, durationMs / 1000);
      },
    };
  }

  kubeEvents(): EventRecorderObserver {
    return { eventEnded: (result) => this.#metrics.events.inc({ result }) };
  }

  /** For every request to Azure Resource Manager. */
  azureRequests(): AzureRequestRecorder {
    const { azureRequests, azureRequestSeconds } = this.#metrics;
    return ({ operation, code, durationMs }) => {
      azureRequests.inc({ operation, code });
      azureRequestSeconds.observe({ operation }, durationMs / 1000);
    };
  }

  /** For the limits of Azure. */
  azureBudgets(): AzureLimitRecorder {
    const { azureQueued, azureThrottles } = this.#metrics;
    return {
      queued: (policy) => azureQueued.inc({ policy }),
      throttled: ({ subscription, location, policy }) => azureThrottles.inc({ subscription, location, policy }),
    };
  }

  /** Reads how it stands with Azure's limits from now on, at each scrape; one that is not told of any more is not shown. */
  readAzureBudgets(read: () => readonly AzureLimitFigures[]): void {
    const { azureBudget, azureThrottledSeconds } = this.#metrics;
    this.#readers.set('budgets', () => {
      azureBudget.reset();
      azureThrottledSeconds.reset();
      for (const { subscription, location, policy, left, closedForMs } of read()) {
        if (left !== undefined) azureBudget.set({ subscription, location, policy }, left);
        azureThrottledSeconds.set({ subscription, location, policy }, closedForMs / 1000);
      }
    });
  }

  /** Reads how subscriptions are listed from now on, at each scrape. */
  readInventory(read: () => ListFigures): void {
    this.#readers.set('inventory', () => {
      const figures = read();
      for (const resource of listedKinds) {
        for (const level of listLevels) {
          this.#metrics.listLevels.set({ resource, level }, figures[resource].filter((one) => one === level).length);
        }
      }
    });
  }

  /**
   * Counts bindings, identities and orphans from now on, at each scrape.
   * @param read those that this process leads; undefined while it leads nothing
   */
  readCluster(read: () => ClusterFigures | undefined): void {
    const { bindings, notReadySince, identities, orphans } = this.#metrics;
    this.#readers.set('cluster', () => {
      const counts = countCluster(read() ?? { bindings: [], ledgers: [] });
      bindings.reset();
      for (const { count, ...labels } of counts.bindings) bindings.set(labels, count);
      for (const [reason, sinceMs] of Object.entries(counts.notReadySinceMs)) {
        notReadySince.set({ reason }, sinceMs / 1000);
      }
      for (const [state, count] of Object.entries(counts.identities)) identities.set({ state }, count);
      orphans.set(counts.orphans);
    });
  }

  /** For what passes find and do. */
  passes(): PassRecorder {
    const { drift, contested, azureOperationSeconds, detaches, abandoned } = this.#metrics;
    return {
      driftFound: (kind, count) => drift.inc({ kind }, count),
      contested: (kind) => contested.inc({ kind }),
      operationEnded: (result, durationMs) => azureOperationSeconds.observe({ result }, durationMs / 1000),
      detached: (count) => detaches.inc(count),
      abandoned: (count) => abandoned.inc(count),
    };
  }

  /**
   * Shows the operator's own brakes.
   * @param inWindow what counts against the limit at the moment of a scrape; read again then
   */
  brakes(readOnly: boolean, detachLimit: number, inWindow: () => number): void {
    this.#metrics.readOnly.set(Number(readOnly));
    this.#metrics.detachLimit.set(detachLimit);
    this.#readers.set('detach window', () => {
      this.#metrics.detachWindow.set(inWindow());
    });
  }

  /** Counts that the detach limit was reached. */
  detachLimitReached(): void {
    this.#metrics.detachLimitReached.inc();
  }

  /** For identities that were lost beside an unguarded write. */
  azureRaces(): (identities: number) => void {
    return (identities) => this.#metrics.lostIdentities.inc(identities);
  }

  #startAtZero(given: Readonly<Record<string, string>>, ...keys: readonly MetricKey[]): void {
    for (const key of keys) {
      const what = `${key} ${Object.values(given).join(' ')}`;
      if (!this.#started.has(what)) startAtZero(this.#metrics, key, given);
      this.#started.add(what);
    }
  }
}
