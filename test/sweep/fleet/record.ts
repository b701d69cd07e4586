/** The figures of a fleet, as they are printed and kept. */
import type { FleetConditions, FleetSize } from './layout.ts';
import type { FleetRun } from './run-fleet.ts';
import type { Rate } from './traffic.ts';

/** What the run itself took. */
export interface Effort {
  /** As `YYYY-MM-DD`. */
  readonly date: string;
  readonly node: string;
  readonly cores: number;
  readonly wallSeconds: number;
  readonly peakRssMib: number;
}

export interface RequestFigures extends Rate {
  /** Over the time until all was done. */
  readonly meanPerSecond: number;
}

export interface FleetRecord extends Effort {
  readonly fleet: FleetSize;
  readonly conditions: FleetConditions;
  readonly converged: {
    /** From the operator's start until the last binding was Ready, in virtual time. */
    readonly seconds: number;
    /** Until the last write to Azure was answered. */
    readonly writtenSeconds: number;
    readonly idealSeconds: number;
    readonly ratio: number;
    /** The limit that decides the ideal; null where latency and operations do. */
    readonly slowestLimit: string | null;
  };
  readonly arm: {
    readonly reads: RequestFigures & { readonly ideal: number };
    readonly writes: RequestFigures & { readonly ideal: number };
    readonly readsOf: Readonly<Record<string, number>>;
    readonly readsPerWrite: number;
    /** Beyond one for each scale set. */
    readonly extraWrites: number;
    /** Requests that Azure refused because there were too many. */
    readonly throttled: number;
  };
  readonly kubernetes: {
    readonly reads: RequestFigures;
    readonly writes: RequestFigures;
    readonly writesPerScaleSet: number;
  };
  /** What was asked for in so much virtual time after all was done. */
  readonly atRest: {
    readonly seconds: number;
    readonly armReads: number;
    readonly armWrites: number;
    readonly kubernetesWrites: number;
  };
}

export function recordOf(size: FleetSize, conditions: FleetConditions, run: FleetRun, effort: Effort): FleetRecord {
  const { ideal, convergedMs, arm, kube, atRest } = run;
  const figures = ({ total, peakPerSecond }: Rate): RequestFigures => ({
    total,
    meanPerSecond: rounded(total / (convergedMs / 1000)),
    peakPerSecond,
  });
  return {
    ...effort,
    fleet: size,
    conditions,
    converged: {
      seconds: rounded(convergedMs / 1000),
      writtenSeconds: rounded(run.writtenMs / 1000),
      idealSeconds: rounded(ideal.totalMs / 1000),
      ratio: rounded(convergedMs / ideal.totalMs),
      slowestLimit: ideal.slowest?.policy ?? null,
    },
    arm: {
      reads: { ...figures(arm.reads), ideal: ideal.reads },
      writes: { ...figures(arm.writes), ideal: ideal.writes },
      readsOf: arm.readsOf,
      readsPerWrite: rounded(arm.reads.total / arm.writes.total),
      extraWrites: run.extraWrites,
      throttled: run.throttled,
    },
    kubernetes: {
      reads: figures(kube.reads),
      writes: figures(kube.writes),
      writesPerScaleSet: rounded(kube.writes.total / ideal.writes),
    },
    atRest: {
      seconds: rounded(atRest.ms / 1000),
      armReads: atRest.armReads,
      armWrites: atRest.armWrites,
      kubernetesWrites: atRest.kubeWrites,
    },
  };
}

function rounded(value: number): number {
  return Number(value.toFixed(4));
}
