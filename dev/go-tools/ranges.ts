import { runTool } from './run-tool.ts';
import type { ToolOptions } from './tools.ts';

/** Pairs of a time, in milliseconds since the epoch, and a value. */
export type Points = readonly (readonly [number, number])[];

export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly points: Points;
  /** When it was looked for and not there any more, in milliseconds since the epoch; absent: it was there to the end. */
  readonly gone?: number;
}

export interface Question {
  /** PromQL. */
  readonly queries: readonly string[];
  /** Milliseconds since the epoch, as `end`. */
  readonly start: number;
  readonly end: number;
  /** Milliseconds between two points of an answer. */
  readonly step: number;
  readonly series: readonly Series[];
}

/** What Prometheus' own engine answers to each query, from these series alone. */
export async function rangesOf(question: Question, options: ToolOptions = {}): Promise<readonly (readonly Series[])[]> {
  return (await runTool('ranges', [], question, options)) as readonly (readonly Series[])[];
}
