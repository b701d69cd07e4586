/** A rule of the operator that is broken on purpose, to see that a sweep notices. */
export interface Mutant {
  /** What the operator does then. */
  readonly name: string;
  /** From the root of the repository. */
  readonly file: string;
  /** Texts that stand in the file once, and what stands there instead. */
  readonly edits: readonly (readonly [text: string, instead: string])[];
  /** Of `test/sweep/`, without `.test.ts`. */
  readonly sweep: string;
  /** The end of the name of the test that turns red. */
  readonly test: string;
}

/** @throws Error when a text is not there, or not once: the table has to follow the code */
export function planted({ name, file, edits }: Mutant, code: string): string {
  return edits.reduce((text, [from, to]) => {
    const [before, after, ...more] = text.split(from);
    if (before === undefined || after === undefined || more.length > 0) {
      const found = after === undefined ? 'not there' : 'there more than once';
      throw new Error(`the mutant "${name}" cannot be planted: in ${file} this is ${found}:\n${from}`);
    }
    return before + to + after;
  }, code);
}
