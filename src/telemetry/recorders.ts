/** Who hears of what happens, and what is read at each scrape: what the rest of the operator sees of its metrics. */
import type {
  AzureOperation,
  AzurePolicy,
  DriftKind,
  EventResult,
  KubeFailure,
  ListedKind,
  ListLevel,
  OperationResult,
} from './metric-labels.ts';

/** What the gauges of a work queue are read from. */
export interface QueueFigures {
  depth(priority: 'high' | 'low'): number;
  runningMs(): readonly number[];
}

/** What the gauges of a reflector are read from. */
export interface ReflectorFigures {
  state(): string;
  /** Milliseconds since the epoch; 0 for never. */
  lastActivity(): number;
  isStale(): boolean;
  readonly size: number;
}

/** Hears what becomes of a reflector's lists and watches. */
export interface ReflectorRecorder {
  listed(list: { readonly items: number; readonly durationMs: number }): void;
  watchEnded(watch: { readonly events: number; readonly openMs: number }): void;
  failed(kind: KubeFailure): void;
  handlerThrew(): void;
}

/** Hears of every request to the Kubernetes API. */
export interface RequestRecorder {
  requestEnded(request: {
    readonly method: string;
    readonly host: string;
    readonly outcome: number | KubeFailure;
    readonly durationMs: number;
  }): void;
}

/** Hears what becomes of Kubernetes events. */
export interface EventRecorderObserver {
  eventEnded(result: EventResult): void;
}

/** Hears of terms and of renewals of the Lease. */
export interface ElectionRecorder {
  leading(isLeader: boolean): void;
  renewalFailed(): void;
}

/** Hears of every request to Azure Resource Manager. */
export type AzureRequestRecorder = (request: {
  readonly operation: AzureOperation;
  readonly code: string;
  readonly durationMs: number;
}) => void;

/** One of Azure's limits; no subscription or location where it is not of one. */
export interface AzureLimit {
  readonly policy: AzurePolicy;
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
  queued(policy: AzurePolicy): void;
  throttled(limit: AzureLimit): void;
}

/** A level for each subscription, by what is listed. */
export type ListFigures = Readonly<Record<ListedKind, readonly ListLevel[]>>;

/** Hears what passes find and do. */
export interface PassRecorder {
  driftFound(kind: DriftKind, count: number): void;
  operationEnded(result: OperationResult, durationMs: number): void;
  detached(count: number): void;
  abandoned(count: number): void;
}
