import { collectDefaultMetrics, Registry } from 'prom-client';

import type { ControllerObserver } from '../runtime/controller.ts';
import type { MetricsSource } from '../runtime/health.ts';
import type { WorkQueueObserver } from '../runtime/work-queue.ts';
import { defineMetrics } from './metric-catalogue.ts';

/** What the gauges of a work queue are read from. */
export interface QueueFigures {
  depth(): number;
  runningMs(): readonly number[];
}

/** What the gauges of a reflector are read from. */
export interface ReflectorFigures {
  state(): string;
  /** Milliseconds since the epoch; 0 for never. */
  lastActivity(): number;
  readonly size: number;
}

/** Hears what becomes of a reflector's lists and watches. */
export interface ReflectorRecorder {
  listed(list: { readonly items: number; readonly durationMs: number }): void;
  watchEnded(watch: { readonly events: number; readonly openMs: number }): void;
  failed(kind: string): void;
  handlerThrew(): void;
}

/** Hears of every request to the Kubernetes API. */
export interface RequestRecorder {
  requestEnded(request: {
    readonly method: string;
    readonly host: string;
    readonly outcome: number | string;
    readonly durationMs: number;
  }): void;
}

/** Hears what becomes of Kubernetes events. */
export interface EventRecorderObserver {
  eventEnded(result: 'written' | 'suppressed' | 'dropped' | 'failed'): void;
}

/** One of Azure's limits; no subscription or location where it is not of one. */
export interface AzureLimit {
  readonly policy: string;
  readonly subscription: string;
  readonly location: string;
}

/** How it stands with one of Azure's limits. */
export interface AzureLimitFigures extends AzureLimit {
  /** Absent where the operator keeps to no budget. */
  readonly left?: number;
  readonly closedForMs: number;
}

/** Hears of requests to Azure that are too many. */
export interface AzureLimitRecorder {
  queued(policy: string): void;
  throttled(limit: AzureLimit): void;
}

const results = ['error', 'requeue_after', 'requeue', 'success'] as const;
const reflectorStates = ['syncing', 'live', 'backoff'] as const;
const listLevelNames = ['subscription', 'resourceGroup', 'resource'] as const;
const eventResults = ['written', 'suppressed', 'dropped', 'failed'] as const;

/**
 * The metrics of one operator, in a registry of their own. All label values that are known beforehand start at 0, so that
 * rates are right from the first event on.
 */
export class Metrics implements MetricsSource {
  readonly #registry = new Registry();
  readonly #metrics = defineMetrics(this.#registry);
  /** Set the gauges that are read and not counted. */
  readonly #readers: (() => void)[] = [];

  constructor() {
    for (const result of eventResults) this.#metrics.events.inc({ result }, 0);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The text that Prometheus reads. */
  metrics(): Promise<string> {
    for (const read of this.#readers) read();
    return this.#registry.metrics();
  }

  /** Adds those of the Node process (CPU, memory, event loop). They are the process's: for one operator of it only. */
  addProcessMetrics(): void {
    collectDefaultMetrics({ register: this.#registry });
  }

  /** For the queue of that name. */
  workQueue(name: string): WorkQueueObserver {
    const { queueAdds, queueSeconds, workSeconds, queueRetries } = this.#metrics;
    queueAdds.inc({ name }, 0);
    queueRetries.inc({ name }, 0);
    return {
      added: () => queueAdds.inc({ name }),
      taken: (waitedMs) => queueSeconds.observe({ name }, waitedMs / 1000),
      done: (workedMs) => workSeconds.observe({ name }, workedMs / 1000),
      retried: () => queueRetries.inc({ name }),
    };
  }

  /** Reads the gauges of the queue from now on, at each scrape. */
  readQueue(name: string, queue: QueueFigures): void {
    const { queueDepth, unfinishedSeconds, longestSeconds } = this.#metrics;
    this.#readers.push(() => {
      const runningMs = queue.runningMs();
      queueDepth.set({ name }, queue.depth());
      unfinishedSeconds.set({ name }, runningMs.reduce((sum, ms) => sum + ms, 0) / 1000);
      longestSeconds.set({ name }, Math.max(0, ...runningMs) / 1000);
    });
  }

  /** For the controller of that name. */
  controller(name: string, workers: number): ControllerObserver {
    const { passes, passErrors, passTerminalErrors, passPanics, passTimeouts, passSeconds, activeWorkers } =
      this.#metrics;
    const labels = { controller: name };
    for (const result of results) passes.inc({ ...labels, result }, 0);
    for (const counter of [passErrors, passTerminalErrors, passPanics, passTimeouts]) counter.inc(labels, 0);
    this.#metrics.workers.set(labels, workers);
    activeWorkers.set(labels, 0);
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

  /** For the reflector of that name. */
  reflector(name: string): ReflectorRecorder {
    const { reflectorListSeconds, reflectorWatchSeconds, reflectorEvents, reflectorFailures, handlerErrors } =
      this.#metrics;
    reflectorEvents.inc({ name }, 0);
    handlerErrors.inc({ name }, 0);
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
    const { reflectorState, reflectorActivity, reflectorObjects } = this.#metrics;
    this.#readers.push(() => {
      for (const state of reflectorStates) reflectorState.set({ name, state }, reflector.state() === state ? 1 : 0);
      reflectorActivity.set({ name }, reflector.lastActivity() / 1000);
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

  /** For every request to Azure Resource Manager. */
  azureRequests(): (request: {
    readonly operation: string;
    readonly code: string;
    readonly durationMs: number;
  }) => void {
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
    this.#readers.push(() => {
      azureBudget.reset();
      azureThrottledSeconds.reset();
      for (const { subscription, location, policy, left, closedForMs } of read()) {
        if (left !== undefined) azureBudget.set({ subscription, location, policy }, left);
        azureThrottledSeconds.set({ subscription, location, policy }, closedForMs / 1000);
      }
    });
  }

  /** Reads how subscriptions are listed from now on, at each scrape: a level for each subscription, by what is listed. */
  readInventory(levels: () => Readonly<Record<string, readonly string[]>>): void {
    const { listLevels } = this.#metrics;
    this.#readers.push(() => {
      for (const [resource, each] of Object.entries(levels())) {
        for (const level of listLevelNames) {
          listLevels.set({ resource, level }, each.filter((one) => one === level).length);
        }
      }
    });
  }

  /** For identities that were lost beside an unguarded write. */
  azureRaces(): (identities: number) => void {
    const { lostIdentities } = this.#metrics;
    lostIdentities.inc(0);
    return (identities) => lostIdentities.inc(identities);
  }

  kubeEvents(): EventRecorderObserver {
    return { eventEnded: (result) => this.#metrics.events.inc({ result }) };
  }
}
