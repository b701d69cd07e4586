/** One way in which things go wrong, and every place of a workload where they can. */
import type { Run } from '../run.ts';
import type { Workload } from '../workload.ts';
import type { World } from '../world.ts';

export interface Sweep {
  /** What its cases are counted as, in the plural. */
  readonly counted: string;
  /** Of every workload that it applies to; the name of a test. */
  readonly says: string;
  /** Default: 1. */
  readonly replicas?: number;
  /** Whether the operators watch before anybody does anything, so that all that is done is told by events. */
  readonly watchesFirst?: boolean;
  /**
   * How much longer than without it all may take to be done, from when it goes wrong on, in virtual milliseconds; undefined
   * where nothing does.
   */
  readonly recoveryMs?: number;
  /** Default: to every workload. */
  readonly appliesTo?: (workload: Workload) => boolean;
  /** What happens in the run that the others are compared with, too. Default: nothing. */
  readonly arrangeReference?: (world: World) => void;
  /** @param isDeep whether to try what is left out otherwise, to save time */
  cases(reference: Run, isDeep: boolean): readonly Case[];
  /** Of its cases only every so-manieth is tried, unless all are asked for. Default: 1, all. */
  readonly every?: number;
  /** How many there would be if none were left out. Default: as many as there are. */
  readonly unpruned?: (reference: Run) => number;
}

/** One thing that goes wrong in one place. */
export interface Case {
  /** For people: `crash before request 12`. */
  readonly what: string;
  /** Of the scheduler. Default: none, what came first goes first. */
  readonly seed?: number;
  /** Default: nothing. */
  readonly arrange?: (world: World) => void;
  /** How much more often than the reference something may be written; the default of each is: not at all. */
  readonly allowed: Allowance;
  /** Instead of the sweep's. */
  readonly recoveryMs?: number;
  /** What may be logged as an error because of it. Default: nothing. */
  readonly logs?: RegExp;
  /** What else must hold. @returns what does not */
  readonly check?: (run: Run) => readonly string[];
}

/** By what is written, as {@link import('../oracles/writes.ts').WriteCounts} calls it. */
export type Allowance = Readonly<Record<string, number>>;
