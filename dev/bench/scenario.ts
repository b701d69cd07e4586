/** What a benchmark measures. */

export type Unit = 's' | 'MiB' | '' | '% of a core' | 'ms';

export interface FigureSpec {
  readonly about: string;
  readonly unit: Unit;
  /** What design §11 asks for: at most this. */
  readonly target?: number;
  /** What could be reached at best; see `ideal.ts`. */
  readonly ideal?: number;
}

/** The figures of one run, by name. */
export type Measured = Readonly<Record<string, number>>;

/** Tells a person what happens, a line a call. */
export type Tell = (line: string) => void;

export interface Scenario {
  readonly name: string;
  /** In one sentence. */
  readonly about: string;
  /** In the order in which they are shown. */
  readonly figures: Readonly<Record<string, FigureSpec>>;
  /** It takes so long that it runs only when it is named, and only once. */
  readonly isLong?: boolean;
  /** One run, from nothing, which leaves nothing behind. A value for every figure. */
  run(tell: Tell): Promise<Measured>;
}
