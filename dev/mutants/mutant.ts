/** A rule of the operator that is broken on purpose, to see that a sweep notices. */
export interface Mutant {
  /** What the operator does then. */
  readonly name: string;
  /** From the root of the repository. */
  readonly file: string;
  /** Texts that stand once in the file, or in the other one that is named, and what stands there instead. */
  readonly edits: readonly (readonly [text: string, instead: string, file?: string])[];
  /** Of `test/sweep/`, without `.test.ts`. */
  readonly sweep: string;
  /** The end of the name of the test that turns red. */
  readonly test: string;
}

/** From the root of the repository. */
export const filesOf = ({ file, edits }: Mutant): ReadonlySet<string> =>
  new Set(edits.map(([, , other = file]) => other));

/**
 * The file as the mutant has it.
 * @throws Error when a text is not there, or not once: the table has to follow the code
 */
export function planted({ name, file: usual, edits }: Mutant, file: string, code: string): string {
  const here = edits.filter(([, , other = usual]) => other === file);
  return here.reduce((text, [from, to]) => {
    const [before, after, ...more] = text.split(from);
    if (before === undefined || after === undefined || more.length > 0) {
      const found = after === undefined ? 'not there' : 'there more than once';
      throw new Error(`the mutant "${name}" cannot be planted: in ${file} this is ${found}:\n${from}`);
    }
    return before + to + after;
  }, code);
}
