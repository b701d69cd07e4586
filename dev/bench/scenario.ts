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

/** What the figures of these names are to reach, and what they could at best. */
export interface Goals {
  readonly targets?: Readonly<Record<string, number>>;
  readonly ideals?: Readonly<Record<string, number>>;
}

/** The figures with their goals. */
export function withGoals(
  figures: Readonly<Record<string, FigureSpec>>,
  { targets = {}, ideals = {} }: Goals,
): Scenario['figures'] {
  const specs = Object.entries(figures).map(([figure, spec]): readonly [string, FigureSpec] => {
    const [target, ideal] = [targets[figure], ideals[figure]];
    return [
      figure,
      { ...spec, ...(target === undefined ? {} : { target }), ...(ideal === undefined ? {} : { ideal }) },
    ];
  });
  return Object.fromEntries(specs);
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
