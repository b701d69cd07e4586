/** Has the tests see a source file as a mutant makes it. */
import { join } from 'node:path';

import { filesOf, type Mutant, planted } from './mutant.ts';
import { mutants } from './mutants.ts';

interface Plugin {
  readonly name: string;
  readonly enforce: 'pre';
  transform(code: string, id: string): string | undefined;
}

/** Names the mutant. */
export const MUTANT = 'MUTANT';

/** What the test runner needs for the mutant that the environment names; nothing when it names none that is known. */
export function plantedMutant(name: string | undefined): readonly Plugin[] {
  if (name === undefined) return [];
  return mutants.filter((each) => each.name === name).map(planting);
}

function planting(mutant: Mutant): Plugin {
  const files = new Map([...filesOf(mutant)].map((file) => [join(import.meta.dirname, '../..', file), file]));
  return {
    name: 'mutant',
    enforce: 'pre',
    transform: (code, id) => {
      const file = files.get(id);
      return file === undefined ? undefined : planted(mutant, file, code);
    },
  };
}
