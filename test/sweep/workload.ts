import type { Beginning } from './world.ts';
import type { World } from './world.ts';

/** What people do, one thing after another, and how each shows to be done. */
export interface Workload {
  readonly name: string;
  readonly beginning: Beginning;
  /** Of the operator. */
  readonly flags?: readonly string[];
  readonly stages: readonly Stage[];
  /** Whether all that the operator attached has to be gone in the end. */
  readonly leavesNothing?: true;
  /** A run takes so long that of each sweep's cases only every so-manieth is tried. Default: 1, all. */
  readonly every?: number;
  /** What others attach is to be detached, or goes with the scale set. */
  readonly detachesForeign?: true;
}

export interface Stage {
  /** As a sentence, for people. */
  readonly what: string;
  act(world: World): void;
  isDone(world: World): boolean;
}
